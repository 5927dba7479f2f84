"""Everybody's runtimes for the admins: found, sorted, and acted on in bulk."""
