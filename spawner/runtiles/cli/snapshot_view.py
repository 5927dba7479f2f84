"""A snapshot in words: the columns of a listing, and the lines of one. Pure."""

from typing import Any, Dict, List, Mapping, Sequence

from .columns import Column, Row, plain
from .names import counted
from .pause_words import label
from .values import show_age, show_size

_SAVED = ("saved", "by_reference")


def columns(now: float) -> List[Column]:
    """Of `snapshots list`. `now` in seconds."""
    return [
        Column("id", whole=True),
        Column("name"),
        Column("runtime"),
        Column("tile"),
        Column("machine"),
        Column("created", "age", show=lambda row: show_age(row.get("created"), now)),
        Column("size", right=True, show=lambda row: show_size(row.get("size")), whole=True),
        Column("variables", right=True),
        Column("lost", right=True, show=_lost, style=lambda _row: "yellow"),
        Column("state", show=_remarks),
    ]


def lines(row: Row, now: float) -> Dict[str, str]:
    """Of `snapshots show`: the names and values at its head."""
    age = show_age(row.get("created"), now)
    return {
        "Id": plain(row.get("id")),
        "Name": plain(row.get("name")),
        "Runtime": plain(row.get("runtime")),
        "Tile": plain(row.get("tile")),
        "Machine": plain(row.get("machine")),
        "Created": f"{plain(row.get('created'))} ({age} ago)" if age else "",
        "Size": show_size(row.get("size")),
        "Variables": plain(row.get("variables")),
        "Lost": _lost(row),
        "Origin": plain(row.get("origin")),
        "State": _remarks(row),
    }


def contents(row: Row) -> List[str]:
    """Of `snapshots show`: kernel by kernel, what is in it and what could not be saved."""
    manifest = row.get("manifest") or {}
    kernels: Sequence[Row] = manifest.get("kernels") or row.get("kernels") or []
    found: List[str] = []
    for kernel in kernels:
        found += ["", f"{label(kernel)} ({_kind(kernel)})", *_kernel(kernel)]
    return found


def _kernel(kernel: Row) -> List[str]:
    if kernel.get("status") == "not_carried":
        return [f"  not saved: {plain(kernel.get('reason'))}"]
    variables = kernel.get("variables")
    if not isinstance(variables, (list, tuple)):
        return [f"  {counted(int(variables or 0), 'variable')}, {show_size(kernel.get('bytes'))}"]
    saved = [one for one in variables if one.get("status") in _SAVED]
    lines = [f"  {_aligned(one, saved)}" for one in saved]
    if kernel.get("more"):
        lines.append(f"  and {kernel['more']} more")
    lines += [f"  lost: {text}" for text in _losses(kernel, variables)]
    return lines + [f"  note: {plain(one)}" for one in kernel.get("notes") or []]


def _losses(kernel: Row, variables: Sequence[Row]) -> List[str]:
    """Each once: a variable that was skipped is among the losses, too, where the runtime says so."""
    told: Sequence[Row] = kernel.get("losses") or []
    named = {plain(one.get("variable")) for one in told}
    skipped = [
        {**one, "variable": one["name"]}
        for one in variables
        if one.get("status") not in _SAVED and one["name"] not in named
    ]
    return [_loss(one) for one in [*told, *skipped]]


def _loss(one: Mapping[str, Any]) -> str:
    where = plain(one.get("path")) or plain(one.get("variable"))
    kind = f" ({plain(one['type'])})" if one.get("type") else ""
    return f"{where}{kind}: {plain(one.get('reason'))}"


def _aligned(one: Row, others: Sequence[Row]) -> str:
    name_width = max(len(plain(other.get("name"))) for other in others)
    type_width = max(len(plain(other.get("type"))) for other in others)
    name, kind = plain(one.get("name")), plain(one.get("type"))
    text = f"{name:<{name_width}}  {kind:<{type_width}}  {show_size(one.get('bytes')):>9}"
    return f"{text}  {plain(one.get('reason'))}".rstrip()


def _kind(kernel: Row) -> str:
    parts = [plain(kernel.get("language")), plain(kernel.get("name"))]
    return ", ".join(dict.fromkeys(part for part in parts if part)) or "kernel"


def _lost(row: Row) -> str:
    return plain(row.get("lost")) if row.get("lost") else ""


def _remarks(row: Row) -> str:
    remarks = [] if row.get("trusted", True) else ["not trusted"]
    if row.get("origin") == "import":
        remarks.append("imported")
    if row.get("in_use"):
        remarks.append("in use")
    return ", ".join(remarks)
