"""The signals from which others tell whether this runtime is idle."""
