"""Whose token it is."""
