"""Secrets over HTTP: written, listed, deleted; never read back. And the change of their key."""
