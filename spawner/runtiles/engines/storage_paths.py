"""Which paths of a user's storage the service touches: its own folder, and nothing above it. Pure."""

from runtiles.contract.errors import NotAllowed

#: Everything of ours on a user's storage is below it.
_OURS = ".runtiles"
_MOST = 1024


def checked(path: str) -> list[str]:
    """The parts of a path that is relative, below our folder and plain. Raises NotAllowed."""
    parts = path.split("/")
    plain = all(part not in ("", ".", "..") and part.isprintable() for part in parts)
    if len(path) > _MOST or not plain or parts[0] != _OURS or len(parts) < 2:
        raise NotAllowed(
            "This is not a place for Runtiles' own files.", details={"path": path[:80]}
        )
    return parts
