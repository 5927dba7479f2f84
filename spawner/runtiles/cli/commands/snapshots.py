"""snapshots list, show, rename, delete; datasets"""

from typing import Any, Dict, List

import typer

from runtiles.cli import settings
from runtiles.cli.columns import Column
from runtiles.cli.names import pick
from runtiles.cli.output import note, show_json
from runtiles.cli.prompts import confirmed
from runtiles.cli.session import connect
from runtiles.cli.tables import Format, listing
from runtiles.cli.urls import path
from runtiles.cli.values import show_size

_SNAPSHOTS = (
    Column("id"),
    Column("name"),
    Column("runtime"),
    Column("created"),
    Column("size", right=True, show=lambda row: show_size(row.get("size"))),
)
_DATASETS = (Column("name"), Column("version"), Column("tags"), Column("created"))
_ID: Any = typer.Argument(..., metavar="ID", help="A snapshot, or any beginning of its id.")

snapshots = typer.Typer(help="The saved variables of kernels.", no_args_is_help=True)


@snapshots.command("list")
def list_(
    as_json: bool = settings.JSON, as_csv: bool = settings.CSV, sort: str = settings.SORT
) -> None:
    """List your snapshots."""
    with connect() as client:
        found: List[Dict[str, Any]] = client.get("/snapshots")
    listing(found, _SNAPSHOTS, Format(as_json, as_csv, sort), "There are no snapshots.")


@snapshots.command()
def show(snapshot: str = _ID) -> None:
    """Show what a snapshot holds, and what it could not hold."""
    with connect() as client:
        show_json(client.get(path("snapshots", _find(client, snapshot))))


@snapshots.command()
def rename(snapshot: str = _ID, name: str = typer.Argument(...)) -> None:
    """Give a snapshot a name."""
    with connect() as client:
        client.patch(path("snapshots", _find(client, snapshot)), {"name": name})


@snapshots.command()
def delete(snapshot: str = _ID, yes: bool = settings.YES) -> None:
    """Delete a snapshot."""
    with connect() as client:
        found = _find(client, snapshot)
        if confirmed(f"Delete the snapshot {found}?", yes):
            client.delete(path("snapshots", found))
            note(f"The snapshot {found} is deleted.")


def datasets(
    as_json: bool = settings.JSON, as_csv: bool = settings.CSV, sort: str = settings.SORT
) -> None:
    """List the datasets that your runtimes can mount."""
    with connect() as client:
        found: List[Dict[str, Any]] = client.get("/datasets")
    listing(found, _DATASETS, Format(as_json, as_csv, sort), "There are no datasets.")


def _find(client: Any, typed: str) -> str:
    return pick(typed, [one["id"] for one in client.get("/snapshots")], "snapshot")


def register(app: typer.Typer) -> None:
    app.add_typer(snapshots, name="snapshots")
    app.command("datasets")(datasets)
