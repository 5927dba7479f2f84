"""transfer"""

from typing import TYPE_CHECKING, Any, Dict, List, Tuple

import typer

from runtiles.cli import complete, kernels, settings, transfer_words
from runtiles.cli.columns import plain
from runtiles.cli.errors import FAILED, BadUsage
from runtiles.cli.kernels import Kernel
from runtiles.cli.output import note, show_json
from runtiles.cli.runtimes import act, find_all
from runtiles.cli.session import connect
from runtiles.cli.tables import Format, listing
from runtiles.cli.terminal import clean

if TYPE_CHECKING:
    from runtiles.cli.client import Client

#: It is over when it is answered, and many gigabytes take their time.
_ANSWER_S = 4 * 3600.0
_NONE = "There is nothing to copy."


def transfer(
    source: str = typer.Argument(
        ...,
        metavar="FROM",
        help="The runtime that has the variables.",
        autocompletion=complete.runtimes,
    ),
    target: str = typer.Argument(
        ...,
        metavar="TO",
        help="The runtime that shall get them; it may be the same.",
        autocompletion=complete.runtimes,
    ),
    names: List[str] = typer.Option(
        [], "--names", metavar="A,B", help="Only these, with all that they need."
    ),
    rename: List[str] = typer.Option(
        [], "--rename", metavar="OLD=NEW", help="Under another name. Repeatable."
    ),
    kernel: str = settings.KERNEL,
    to_kernel: str = typer.Option(
        "", "--to-kernel", metavar="ID|NOTEBOOK", help="Which kernel of TO; the only one."
    ),
    overwrite: bool = typer.Option(
        False, "--overwrite", help="Also variables that are there already."
    ),
    dry_run: bool = typer.Option(False, "--dry-run", help="Say what would be done; do nothing."),
    user: str = settings.USER,
    as_json: bool = settings.JSON,
) -> None:
    """Copy variables from one kernel to another, of any runtime. The source keeps them.

    Ends with an error when one of them failed.
    """
    chosen = transfer_words.names(names)
    body: Dict[str, Any] = {"names": chosen, "rename": transfer_words.renames(rename, chosen)}
    body.update(overwrite=overwrite, dry_run=dry_run)
    with connect(user) as client:
        first, second, ends = _ends(client, source, target, kernel, to_kernel)
        body["from"] = {"kernel": ends[0]["id"]}
        body["to"] = {"runtime": second if second != first else None, "kernel": ends[1]["id"]}
        result = act(client, first, "transfer", body, patience=_ANSWER_S)
    _show(result, dry_run=dry_run, as_json=as_json)
    if transfer_words.failed(result):
        raise typer.Exit(FAILED)


def _ends(
    client: "Client", source: str, target: str, kernel: str, to_kernel: str
) -> Tuple[str, str, Tuple[Kernel, Kernel]]:
    """The runtimes' names, and the two kernels. Raises CliError."""
    found = {one["name"]: one for one in find_all(client, [source, target])}
    first, *others = found
    second = others[0] if others else first
    known = kernels.all_of(client, first)
    if first == second:
        return first, second, _of_one(known, first, kernel, to_kernel)
    ours = kernels.choose(kernel, known, first, "--kernel")
    theirs = kernels.all_of(client, second)
    return first, second, (ours, kernels.choose(to_kernel, theirs, second, "--to-kernel"))


def _of_one(
    known: List[Kernel], runtime: str, kernel: str, to_kernel: str
) -> Tuple[Kernel, Kernel]:
    """Two kernels of one runtime; where it has two, one of them says the other."""
    target = kernels.pick(to_kernel, known) if to_kernel else None
    others = [one for one in known if target is None or one["id"] != target["id"]]
    source = kernels.choose(kernel, others, runtime, "--kernel")
    if target is None:
        others = [one for one in known if one["id"] != source["id"]]
        target = kernels.choose("", others, runtime, "--to-kernel")
    if source["id"] == target["id"]:
        raise BadUsage("That is one and the same kernel.")
    return source, target


def _show(result: Dict[str, Any], *, dry_run: bool, as_json: bool) -> None:
    if as_json:
        show_json(result)
        return
    listing(result.get("variables") or [], transfer_words.COLUMNS, Format(), _NONE)
    for one in result.get("losses") or []:
        where = plain(one.get("path")) or plain(one.get("variable"))
        note(clean(f"Not copied: {where}: {plain(one.get('reason'))}"))
    for text in result.get("notes") or []:
        note(f"Note: {clean(plain(text))}")
    if result.get("variables"):
        note(transfer_words.summary(result, dry_run=dry_run))
    if transfer_words.kept(result):
        note("Hint: --overwrite replaces what is there already.")


def register(app: typer.Typer) -> None:
    app.command("transfer")(transfer)
