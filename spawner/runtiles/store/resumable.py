"""The snapshot that a launch is to restore: one that nobody may restore is told before anything starts."""

from runtiles.contract.errors import InvalidRequest, NotFound

from .snapshots import Snapshots


def check_snapshot(snapshots: Snapshots, user: str, snapshot_id: str) -> None:
    """Fine for none. Raises InvalidRequest for one that is not this user's, or not trusted."""
    if not snapshot_id:
        return
    try:
        record = snapshots.get(user, snapshot_id)
    except NotFound:
        raise InvalidRequest({"resume": "there is no such snapshot of yours"}) from None
    if not record.trusted:
        text = "this snapshot came as a file: trust it first, because restoring it runs its code"
        raise InvalidRequest({"resume": text})
