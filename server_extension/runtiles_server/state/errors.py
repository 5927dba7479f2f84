"""What can go wrong with a snapshot as a whole. A single object never fails a snapshot."""


class SnapshotError(Exception):
    """The message is for a person; `hint` says what to do, where that is known."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class Unreadable(SnapshotError):
    """There is no snapshot, only a part of one, or one of a newer format."""


class Refused(SnapshotError):
    """The snapshot was not signed with the key that was given."""


class Altered(SnapshotError):
    """A file of the snapshot is not what was written."""


class Unwritable(SnapshotError):
    """The snapshot could not be written; one that was there before is still whole."""


class NamesClash(SnapshotError):
    """Two variables would get one name, or one gets a name that no variable can have."""
