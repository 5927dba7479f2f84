"""secrets list, set, delete"""

from pathlib import Path
from typing import Any, Dict, List, Optional

import typer

from runtiles.cli import complete, settings
from runtiles.cli.columns import Column
from runtiles.cli.errors import BadUsage
from runtiles.cli.output import note
from runtiles.cli.prompts import confirmed, hidden
from runtiles.cli.session import connect
from runtiles.cli.tables import Format, listing
from runtiles.cli.urls import path

_COLUMNS = (Column("name", whole=True), Column("scope"), Column("team"), Column("updated"))
_TEAM: Any = typer.Option(
    "", "--team", metavar="TEAM", help="A team's secret, instead of your own."
)
_NAME: Any = typer.Argument(..., metavar="NAME", autocompletion=complete.secrets)

secrets = typer.Typer(
    help="Passwords and tokens for your runtimes.\n\nWritten `secret:NAME` where one is asked for.",
    no_args_is_help=True,
)


@secrets.command("list")
def list_(
    user: str = settings.USER,
    as_json: bool = settings.JSON,
    as_csv: bool = settings.CSV,
    sort: str = settings.SORT,
) -> None:
    """List your secrets and your teams' by name. Nobody is told a value."""
    with connect(user) as client:
        found: List[Dict[str, Any]] = client.get("/secrets")
    how = Format(as_json, as_csv, sort or "name")
    listing(found, _COLUMNS, how, "There are no secrets. Add one: `runtiles secrets set NAME`.")


@secrets.command("set", context_settings={"allow_extra_args": True})
def set_(
    context: typer.Context,
    name: str = _NAME,
    file: Optional[Path] = typer.Option(
        None, "--file", metavar="FILE", help="Take the value from a file; -: stdin."
    ),
    team: str = _TEAM,
    user: str = settings.USER,
) -> None:
    """Keep a value under a name, new or again.

    It is asked for, or read from a pipe or a file.
    """
    if context.args:
        # Not repeated in the message: it is likely the value.
        raise BadUsage(
            "A value is no argument: what is on a command line can be seen by others.",
            hint=f"Run `runtiles secrets set {name}` and type it, and change what was just shown.",
        )
    value = hidden(f"Value of {name}", file=file)
    if not value:
        raise BadUsage("The value is empty.")
    with connect(user) as client:
        client.put(path("secrets", name), {"value": value}, {"team": team})
    note(f"Kept. Write secret:{name} where it is needed.")


@secrets.command()
def delete(
    name: str = _NAME, team: str = _TEAM, yes: bool = settings.YES, user: str = settings.USER
) -> None:
    """Forget a secret. Runtimes that run have it until they stop."""
    if not confirmed(f"Delete the secret {name}?", yes):
        return
    with connect(user) as client:
        client.delete(path("secrets", name), {"team": team})
    note(f"The secret {name} is deleted.")


def register(app: typer.Typer) -> None:
    app.add_typer(secrets, name="secrets")
