"""Kernels of a runtime: found by any unique beginning of their ids, or by their notebooks."""

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Dict, List, Sequence

from .columns import Column, Row, plain
from .errors import BadUsage, CliError
from .names import AmbiguousName, NoSuchName, listed, meant
from .pause_words import label
from .urls import path
from .values import show_duration

if TYPE_CHECKING:
    from .client import Client

Kernel = Dict[str, Any]
_SHORT = 8


def all_of(client: "Client", runtime: str) -> List[Kernel]:
    found: List[Kernel] = client.get(path("runtimes", runtime, "kernels"))
    return found


def choose(typed: str, kernels: Sequence[Kernel], runtime: str, option: str) -> Kernel:
    """The one that is meant; without a word the only one.

    `option` asks for it on the command line. Raises NoSuchName, AmbiguousName, BadUsage, CliError.
    """
    if typed:
        return pick(typed, kernels)
    if not kernels:
        raise CliError(f"{runtime} has no kernel.", hint="Open a notebook in it.")
    if len(kernels) > 1:
        raise BadUsage(
            f"{runtime} has several kernels: {_listed(kernels)}.",
            hint=f"Say which, by id or notebook: `{option} ID`.",
        )
    return kernels[0]


def pick(typed: str, kernels: Sequence[Kernel]) -> Kernel:
    """Pure. The whole id or notebook, else the only one that begins so, or whose file is called so."""
    tests = (
        lambda one: typed in (one["id"], one.get("path")),
        lambda one: one["id"].startswith(typed) or _file(one) == typed,
        lambda one: plain(one.get("path")).startswith(typed) or _file(one).startswith(typed),
    )
    for fits in tests:
        found = [one for one in kernels if fits(one)]
        if len(found) == 1:
            return found[0]
        if found:
            raise AmbiguousName(
                f"{typed!r} fits several kernels: {_listed(found)}.", hint="Type more, or the id."
            )
    known = [plain(one.get("path")) for one in kernels if one.get("path")]
    hint = f"Known kernels: {_listed(kernels)}." if kernels else "There are no kernels."
    raise NoSuchName(f"There is no kernel {typed!r}.{meant(typed, known)}", hint=hint)


def short(ids: Sequence[str]) -> int:
    """How many characters tell these ids apart."""
    length = _SHORT
    while len({one[:length] for one in ids}) < len(set(ids)):
        length += 1
    return length


def columns(kernels: Sequence[Row]) -> List[Column]:
    length = short([plain(one.get("id")) for one in kernels])
    return [
        Column("id", whole=True, show=lambda row: plain(row.get("id"))[:length]),
        Column("path", "notebook"),
        Column("language"),
        Column("name", "kernelspec"),
        Column("execution_state", "state", show=_state, whole=True),
        Column("carried", "saved by a pause"),
    ]


def _state(row: Row) -> str:
    text, busy = plain(row.get("execution_state")), show_duration(row.get("busy_seconds"))
    return f"{text} for {busy}" if text == "busy" and busy else text


def _file(kernel: Row) -> str:
    return PurePosixPath(plain(kernel.get("path"))).name


def _listed(kernels: Sequence[Row]) -> str:
    return listed([f"{plain(one.get('id'))[:_SHORT]} ({label(one)})" for one in kernels])
