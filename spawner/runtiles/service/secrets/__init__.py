"""Secrets over HTTP: written, listed, deleted; never read back."""
