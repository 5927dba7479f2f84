"""What admins tell users, over HTTP and in the feed."""

from .view import listed

__all__ = ["listed"]
