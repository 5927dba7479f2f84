"""notices"""

import time
from typing import TYPE_CHECKING, Any, Dict, List

import typer

from runtiles.cli import settings
from runtiles.cli.errors import CliError
from runtiles.cli.output import note, say, show_json
from runtiles.cli.session import connect
from runtiles.cli.terminal import clean
from runtiles.cli.urls import path
from runtiles.cli.values import local_times, moment, show_moment

if TYPE_CHECKING:
    from runtiles.cli.client import Client


def notices(
    dismiss: bool = typer.Option(False, "--dismiss", help="And do not show them again."),
    as_json: bool = settings.JSON,
) -> None:
    """Show what the admins of the site tell you."""
    with connect() as client:
        found: List[Dict[str, Any]] = client.get("/notices")
        if as_json:
            show_json(found)
        for one in () if as_json else found:
            say(f"{show_moment(one['at'], time.time())}  {_text(one)}")
        for one in found if dismiss else ():
            client.delete(path("notices", str(one["id"])))
    if not found and not as_json:
        note("There are no notices.")


def remind(client: "Client") -> None:
    """Says beside an answer what a person should know. Never in the way of the answer."""
    try:
        found: List[Dict[str, Any]] = client.get("/notices")
    except CliError:
        return
    for one in found:
        note(f"Notice: {_text(one)}")
    if found:
        note("`runtiles notices --dismiss` puts them away.")


def _text(one: Dict[str, Any]) -> str:
    said = " ".join(clean(str(one["text"])).split())
    # What an admin wrote is left as it is.
    return local_times(said, moment(one["at"]), time.time()) if one.get("runtime") else said


def register(app: typer.Typer) -> None:
    app.command("notices")(notices)
