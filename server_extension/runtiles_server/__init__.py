"""Runtiles inside a runtime: the launcher, the server extension and the state engine."""
