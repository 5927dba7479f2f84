"""kernels, variables, interrupt, restart"""

from typing import TYPE_CHECKING, Any, Dict

import typer

from runtiles.cli import kernels as kernels_of
from runtiles.cli import settings
from runtiles.cli.columns import Column, plain
from runtiles.cli.output import note, show_json
from runtiles.cli.pause_words import label
from runtiles.cli.prompts import confirmed
from runtiles.cli.runtimes import act, find
from runtiles.cli.session import connect
from runtiles.cli.tables import Format, listing
from runtiles.cli.terminal import clean
from runtiles.cli.urls import path
from runtiles.cli.values import show_size

if TYPE_CHECKING:
    from runtiles.cli.client import Client

#: A kernel that is busy is waited for, and a large one takes its time.
_LOOK_S = 300.0
#: For a kernel that is busy, in seconds; then the answer is that it is.
_WAIT_S = 10
_VARIABLES = (
    Column("name", whole=True),
    Column("type"),
    Column("bytes", "size", right=True, show=lambda row: show_size(row.get("bytes")), whole=True),
    Column("status", whole=True),
    Column("reason"),
)


def kernels(
    name: str = settings.RUNTIME,
    user: str = settings.USER,
    as_json: bool = settings.JSON,
    as_csv: bool = settings.CSV,
    sort: str = settings.SORT,
) -> None:
    """List the kernels of a runtime, and what they are doing."""
    with connect(user) as client:
        runtime = find(client, name)["name"]
        found = kernels_of.all_of(client, runtime)
    how = Format(as_json, as_csv, sort or "path")
    listing(found, kernels_of.columns(found), how, f"{runtime} has no kernel.")


def variables(
    name: str = settings.RUNTIME,
    kernel: str = settings.KERNEL,
    user: str = settings.USER,
    as_json: bool = settings.JSON,
    as_csv: bool = settings.CSV,
    sort: str = settings.SORT,
) -> None:
    """List the variables of a kernel, whether a pause saves them, and why not."""
    with connect(user) as client:
        runtime, chosen = _chosen(client, name, kernel)
        where = path("runtimes", runtime, "kernels", chosen["id"], "variables")
        found: Dict[str, Any] = client.get(where, {"timeout": _WAIT_S}, patience=_LOOK_S)
    if as_json:
        show_json(found)
        return
    how = Format(csv=as_csv, sort=sort or "name")
    listing(found.get("variables") or [], _VARIABLES, how, f"{label(chosen)} has no variables.")
    if as_csv:
        return
    for one in found.get("losses") or []:
        where = plain(one.get("path")) or plain(one.get("variable"))
        note(clean(f"A pause would lose {where}: {plain(one.get('reason'))}"))


def interrupt(
    name: str = settings.RUNTIME, kernel: str = settings.KERNEL, user: str = settings.USER
) -> None:
    """Interrupt what a kernel runs. Its variables stay."""
    with connect(user) as client:
        runtime, chosen = _chosen(client, name, kernel)
        act(client, runtime, "interrupt", {"kernel": chosen["id"]})
    note(clean(f"{label(chosen)} was interrupted."))


def restart(
    name: str = settings.RUNTIME,
    kernel: str = settings.KERNEL,
    yes: bool = settings.YES,
    user: str = settings.USER,
) -> None:
    """Restart a kernel. Its variables are lost."""
    with connect(user) as client:
        runtime, chosen = _chosen(client, name, kernel)
        question = clean(f"Restart {label(chosen)} in {runtime}, and lose its variables?")
        if confirmed(question, yes):
            act(client, runtime, "restart", {"kernel": chosen["id"]})
            note(clean(f"{label(chosen)} was restarted."))


def _chosen(client: "Client", name: str, kernel: str) -> Any:
    """The runtime's name, and the kernel that is meant."""
    runtime = find(client, name)["name"]
    known = kernels_of.all_of(client, runtime)
    return runtime, kernels_of.choose(kernel, known, runtime, "--kernel")


def register(app: typer.Typer) -> None:
    for command in (kernels, variables, interrupt, restart):
        app.command(command.__name__)(command)
