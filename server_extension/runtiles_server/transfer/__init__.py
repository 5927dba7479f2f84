"""Copying variables from one kernel to another, of this runtime or of another one of the same user."""
