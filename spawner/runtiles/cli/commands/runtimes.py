"""list, show, open, rename, delete"""

import time
from typing import List

import typer

from runtiles.cli import browse, launching, runtime_view, settings, snapshots
from runtiles.cli.commands.notices import remind
from runtiles.cli.errors import BadUsage, CliError
from runtiles.cli.names import meant
from runtiles.cli.output import note, pairs, say, show_json
from runtiles.cli.prompts import confirmed
from runtiles.cli.runtimes import Runtime, all_of, find, find_all
from runtiles.cli.session import connect
from runtiles.cli.tables import Format, listing
from runtiles.cli.terminal import clean
from runtiles.cli.urls import path

_LAUNCHING = ("queued", "starting", "resuming")
_NONE = "There are no runtimes. Start one: `runtiles start TILE`."


def list_(
    everybody: bool = typer.Option(False, "--all", "-a", help="Everybody's, for those who may."),
    state: List[str] = typer.Option(
        [], "--state", metavar="STATE", help="Only those in this state. Repeatable."
    ),
    quiet: bool = typer.Option(False, "--quiet", "-q", help="Names only."),
    user: str = settings.USER,
    as_json: bool = settings.JSON,
    as_csv: bool = settings.CSV,
    sort: str = settings.SORT,
) -> None:
    """List your runtimes, stopped ones included."""
    for one in state:
        if one not in runtime_view.STATES:
            known = runtime_view.STATES
            raise BadUsage(f"There is no state {one!r}.{meant(one, known)}", hint=", ".join(known))
    with connect("" if everybody else user) as client:
        found = client.get("/runtimes", {"all": 1}) if everybody else all_of(client)
        told = not (quiet or as_json or as_csv)
        sizes = snapshots.sizes(client, found) if told else {}
        if told:
            remind(client)
    rows = [row for row in found if not state or row["state"] in state]
    how = Format(as_json, as_csv, sort or "name")
    if quiet:
        for name in sorted(row["name"] for row in rows):
            say(name)
        return
    columns = runtime_view.columns(time.time(), owners=everybody, sizes=sizes)
    listing(rows, columns, how, "No runtime is in such a state." if state and found else _NONE)


def show(
    name: str = settings.RUNTIME, user: str = settings.USER, as_json: bool = settings.JSON
) -> None:
    """Show all that is known of a runtime."""
    with connect(user) as client:
        found = find(client, name)
        if as_json:
            show_json(found)
            return
        address = browse.address(client.site, found.get("url") or "")
        sizes = snapshots.sizes(client, [found])
        pairs(runtime_view.lines(found, time.time(), address, sizes))


def open_(
    name: str = settings.RUNTIME,
    no_browser: bool = typer.Option(False, "--no-browser", help="Print the address; open nothing."),
    user: str = settings.USER,
) -> None:
    """Open a runtime in the browser; if it is starting, wait for it."""
    with connect(user) as client:
        found = find(client, name)
        if found["state"] in _LAUNCHING:
            launching.finish(client, found["name"], browser=not no_browser)
            return
        if not found.get("url"):
            raise CliError(
                f"The runtime {found['name']!r} is {found['state']}.",
                hint=_how_to_start(found),
            )
        launching.present(client, found, browser=not no_browser)


def _how_to_start(runtime: Runtime) -> str:
    if runtime["state"] == "paused":
        return f"Bring it back: `runtiles resume {runtime['name']}`."
    return f"Start it again: `runtiles start --name {runtime['name']}`."


def rename(
    name: str = settings.RUNTIME,
    title: str = typer.Argument(
        ..., metavar="TITLE", help="What it shall be called. Its name stays."
    ),
    user: str = settings.USER,
) -> None:
    """Give a runtime another title."""
    with connect(user) as client:
        found = find(client, name)
        changed = client.patch(path("runtimes", found["name"]), {"title": title})
    note(f"{found['name']} is now called {clean(str(changed.get('title')))!r}.")


def delete(
    names: List[str] = settings.RUNTIMES, yes: bool = settings.YES, user: str = settings.USER
) -> None:
    """Stop runtimes and forget them. Files in the storage stay."""
    if not names:
        raise BadUsage("Say which.")
    with connect(user) as client:
        found = [one["name"] for one in find_all(client, names)]
        if not confirmed(f"Delete {', '.join(found)}?", yes):
            return
        for one in found:
            client.delete(path("runtimes", one))
            note(f"{one} is deleted.")


def register(app: typer.Typer) -> None:
    app.command("list")(list_)
    app.command("ls", hidden=True)(list_)
    app.command("show")(show)
    app.command("open")(open_)
    app.command("rename")(rename)
    app.command("delete")(delete)
    app.command("rm", hidden=True)(delete)
