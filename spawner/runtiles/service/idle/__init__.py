"""When a runtime is idle, what is said of it, and what becomes of it."""
