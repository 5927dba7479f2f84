"""Which GPU is held by whom, what it does, and who waits for one."""
