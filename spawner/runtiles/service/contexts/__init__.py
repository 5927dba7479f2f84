"""Folders that people upload for a runtime to start with."""
