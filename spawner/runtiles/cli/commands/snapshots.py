"""snapshots list, show, rename, delete, export, import, trust; datasets"""

import os
import sys
import time
from pathlib import Path
from typing import Any, Dict, List

import typer

from runtiles.cli import files, settings, snapshot_view
from runtiles.cli.columns import Column
from runtiles.cli.errors import BadUsage
from runtiles.cli.output import is_terminal, note, pairs, say, show_json
from runtiles.cli.prompts import confirmed
from runtiles.cli.session import connect
from runtiles.cli.snapshots import Snapshot, all_of, find, one
from runtiles.cli.tables import Format, listing
from runtiles.cli.terminal import clean
from runtiles.cli.urls import path

_DATASETS = (Column("name"), Column("version"), Column("tags"), Column("created"))
_NONE = "There are no snapshots. A pause makes one: `runtiles pause NAME`."
_TYPE = "application/gzip"

snapshots = typer.Typer(help="The saved variables of kernels.", no_args_is_help=True)


@snapshots.command("list")
def list_(
    user: str = settings.USER,
    as_json: bool = settings.JSON,
    as_csv: bool = settings.CSV,
    sort: str = settings.SORT,
) -> None:
    """List your snapshots, the newest first."""
    with connect(user) as client:
        found = all_of(client)
    how = Format(as_json, as_csv, sort or "-created")
    listing(found, snapshot_view.columns(time.time()), how, _NONE)


@snapshots.command()
def show(
    snapshot: str = settings.SNAPSHOT,
    user: str = settings.USER,
    as_json: bool = settings.JSON,
) -> None:
    """Show what a snapshot holds, what it could not hold, and why."""
    with connect(user) as client:
        found = one(client, find(client, snapshot)["id"])
    if as_json:
        show_json(found)
        return
    pairs(snapshot_view.lines(found, time.time()))
    for line in snapshot_view.contents(found):
        say(clean(line))


@snapshots.command()
def rename(
    snapshot: str = settings.SNAPSHOT,
    name: str = typer.Argument(..., metavar="NAME", help="What it shall be called."),
    user: str = settings.USER,
) -> None:
    """Give a snapshot a name. One with a name is kept until you delete it."""
    with connect(user) as client:
        found = find(client, snapshot)["id"]
        client.patch(path("snapshots", found), {"name": name})
    note(f"{found} is now called {clean(name)!r}.")


@snapshots.command()
def delete(
    chosen: List[str] = typer.Argument(
        ..., metavar="SNAPSHOT...", help="Names, ids, or beginnings of ids."
    ),
    force: bool = typer.Option(
        False, "--force", help="Also one that a paused runtime needs to come back."
    ),
    yes: bool = settings.YES,
    user: str = settings.USER,
) -> None:
    """Delete snapshots."""
    with connect(user) as client:
        found = [find(client, typed)["id"] for typed in chosen]
        if not confirmed(f"Delete {', '.join(found)}?", yes):
            return
        for snapshot in found:
            client.delete(path("snapshots", snapshot), {"force": 1} if force else None)
            note(f"The snapshot {snapshot} is deleted.")


@snapshots.command()
def export(
    snapshot: str = settings.SNAPSHOT,
    file: str = typer.Argument(..., metavar="FILE", help="Where to write it; -: standard output."),
    replace: bool = typer.Option(False, "--replace", help="Also if the file is there already."),
    user: str = settings.USER,
) -> None:
    """Write a snapshot into one file, for a copy or for somebody else.

    It holds the values of the variables: give it to those alone who may see them.
    """
    if file == "-" and is_terminal(sys.stdout):
        raise BadUsage("A terminal is no place for a snapshot.", hint="Name a file.")
    with connect(user) as client:
        found = find(client, snapshot)["id"]
        with client.download(path("snapshots", found, "export")) as download:
            pieces = files.complete_gzip(download.pieces)
            shown = files.shown(pieces, download.total, "Exported")
            if file == "-":
                for piece in shown:
                    sys.stdout.buffer.write(piece)
                sys.stdout.buffer.flush()
                return
            with files.kept(Path(file), replace=replace) as opened:
                for piece in shown:
                    opened.write(piece)


@snapshots.command("import")
def import_(
    file: Path = typer.Argument(..., metavar="FILE", help="What `export` wrote."),
    user: str = settings.USER,
) -> None:
    """Take a snapshot from a file. It is not used before you say that you trust it.

    Prints its id.
    """
    try:
        opened = file.open("rb")
    except OSError as error:
        raise BadUsage(f"{file} cannot be read: {error.strerror}.") from None
    with opened, connect(user) as client:
        size = os.fstat(opened.fileno()).st_size
        pieces = files.shown(files.chunks(opened), size, "Sent")
        found: Snapshot = client.upload("/snapshots/import", pieces, _TYPE, size)
    say(found["id"])
    note(f"Whoever made it can run code as you: `runtiles snapshots trust {found['id']}`.")


@snapshots.command()
def trust(
    snapshot: str = settings.SNAPSHOT, yes: bool = settings.YES, user: str = settings.USER
) -> None:
    """Say that you know where an imported snapshot comes from.

    To restore one runs what is in it, as you and with your rights.
    """
    with connect(user) as client:
        found = find(client, snapshot)
        if found.get("trusted"):
            note(f"{found['id']} is trusted already.")
            return
        if confirmed(f"Restoring {found['id']} runs code from its maker. Trust it?", yes):
            client.post(path("snapshots", found["id"], "trust"))
            note(f"{found['id']} is trusted. Start it: `runtiles fork {found['id']}`.")


def datasets(
    as_json: bool = settings.JSON, as_csv: bool = settings.CSV, sort: str = settings.SORT
) -> None:
    """List the datasets that your runtimes can mount."""
    with connect() as client:
        found: List[Dict[str, Any]] = client.get("/datasets")
    listing(found, _DATASETS, Format(as_json, as_csv, sort), "There are no datasets.")


def register(app: typer.Typer) -> None:
    app.add_typer(snapshots, name="snapshots")
    app.command("datasets")(datasets)
