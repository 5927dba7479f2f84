"""Snapshots: list, name, trust, delete, keep and forget."""
