"""Why a pause did not come to its end, in words for a person."""

from typing import List

from runtiles.contract.errors import RuntilesError
from runtiles_server.failures import KernelBusy, KernelStuck, NoSpace, Released
from runtiles_server.kernels.saving import Saving


def stopping(saving: Saving) -> bool:
    """Is its server about to end this kernel?"""
    return bool(getattr(saving.manager, "shutting_down", False))


def went_on(saving: Saving) -> Released:
    return Released(
        f"The kernel of {saving.kernel['path'] or 'no notebook'} was interrupted: it goes on.",
        details={"kernel": saving.kernel["id"]},
    )


def began() -> Released:
    return Released(
        "A kernel was started after the others had been saved: it is not in the snapshot.",
        hint="Pause again.",
    )


def impatient(waiting: List[Saving], patience: float) -> RuntilesError:
    details = {
        "kernels": [
            {"kernel": each.kernel["id"], "path": each.kernel["path"], "stuck": each.stuck}
            for each in waiting
        ]
    }
    names = ", ".join(each.kernel["path"] or each.kernel["id"] for each in waiting)
    if any(each.stuck for each in waiting):
        return KernelStuck(
            f"{names}: not answering, not even to be interrupted, for {patience:.0f} s.",
            hint="A call into C code holds the kernel. Wait for it, restart it, or freeze the runtime.",
            details=details,
        )
    return KernelBusy(
        f"{names}: still running after {patience:.0f} s.",
        hint="Wait for it, interrupt it, or freeze the runtime.",
        details=details,
    )


def no_space(free: int, needed: int) -> NoSpace:
    return NoSpace(
        f"The storage has {free / 1e6:,.1f} MB free, the snapshot needs {needed / 1e6:,.1f} MB.",
        hint="Remove old snapshots or files.",
        details={"free": free, "needed": needed},
    )
