"""admin drain status, start, resume, cancel"""

from typing import Any, Dict

import typer

from runtiles.cli import settings
from runtiles.cli.columns import Column, plain
from runtiles.cli.output import note, pairs, show_json
from runtiles.cli.prompts import confirmed
from runtiles.cli.session import connect
from runtiles.cli.tables import Format, listing

_COLUMNS = (Column("user"), Column("name"), Column("outcome"), Column("message"))

group = typer.Typer(
    help="Put runtimes aside for work on the host, and bring them back.", no_args_is_help=True
)


@group.command()
def status(as_json: bool = settings.JSON) -> None:
    """Show how it stands, and what became of each runtime."""
    with connect() as client:
        found: Dict[str, Any] = client.get("/admin/drain")
    if as_json:
        show_json(found)
    else:
        _show(found)


@group.command()
def start(
    message: str = typer.Option("", "--message", metavar="TEXT", help="Shown to everybody."),
    action: str = typer.Option("pause", "--action", help="What is done with runtimes: pause|stop."),
    yes: bool = settings.YES,
) -> None:
    """Accept no more launches, and put every runtime aside."""
    if not confirmed(f"{action.capitalize()} every runtime, and accept no more launches?", yes):
        return
    with connect() as client:
        _show(client.post("/admin/drain", {"message": message, "action": action}))


@group.command()
def resume() -> None:
    """Bring back what was put aside, and accept launches again."""
    with connect() as client:
        _show(client.post("/admin/drain/resume"))


@group.command()
def cancel() -> None:
    """Accept launches again; what was put aside stays so."""
    with connect() as client:
        client.delete("/admin/drain")
    note("Launches are accepted again.")


def _show(found: Dict[str, Any]) -> None:
    shown = ("state", "since", "by", "action", "message") if found.get("since") else ("state",)
    pairs({key.capitalize(): plain(found.get(key)) for key in shown})
    rows = found.get("runtimes") or []
    if rows:
        listing(rows, _COLUMNS, Format(), "")


def register(app: typer.Typer) -> None:
    app.add_typer(group, name="drain")
