"""The kernels of this runtime: asking them, pausing and resuming them."""
