"""Pause: what its kernels hold is saved and verified, then the container is given back."""
