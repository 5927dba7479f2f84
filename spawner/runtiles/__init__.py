"""Runtiles beside the Hub: spawners, the hub service and the CLI."""

__version__ = "0.1.0"
