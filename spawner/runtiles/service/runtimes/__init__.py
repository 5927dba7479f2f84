"""Runtimes: list, launch, stop, forget, follow."""
