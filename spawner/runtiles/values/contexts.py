"""`context:ID`: a folder that was uploaded, in the place of a repository's address."""

import re

PREFIX = "context:"
_ID = re.compile(r"[0-9a-f]{32}")


def is_context(url: str) -> bool:
    return url.startswith(PREFIX)


def context_id(url: str) -> str:
    """Of an address that is one. Raises ValueError for anything but an id after the prefix."""
    found = url[len(PREFIX) :]
    if not is_context(url) or not _ID.fullmatch(found):
        raise ValueError("must be context: and the id of an uploaded folder")
    return found
