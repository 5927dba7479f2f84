"""logs"""

import sys
from typing import TYPE_CHECKING, Any, Dict, Iterable, Iterator, List, Optional

import typer

from runtiles.cli import settings
from runtiles.cli.errors import BadUsage, CliError
from runtiles.cli.names import meant
from runtiles.cli.runtimes import find
from runtiles.cli.session import connect
from runtiles.cli.terminal import only_colours
from runtiles.cli.urls import path

if TYPE_CHECKING:
    from runtiles.cli.client import Client

PHASES = ("pull", "build", "workspace", "server")


def logs(
    name: str = settings.RUNTIME,
    follow: bool = typer.Option(
        False, "--follow", "-f", help="Go on with what comes, until the runtime ends."
    ),
    tail: Optional[int] = typer.Option(
        None, "--tail", "-n", min=0, metavar="N", help="The last N lines only."
    ),
    since: str = typer.Option(
        "", "--since", metavar="WHEN", help="Not older than 10m, 2h, or a moment (ISO 8601)."
    ),
    until: str = typer.Option("", "--until", metavar="WHEN", help="Not newer than that."),
    phase: List[str] = typer.Option(
        [], "--phase", metavar="PHASE", help=f"{'|'.join(PHASES)}. Repeatable."
    ),
    timestamps: bool = typer.Option(
        False, "--timestamps", "-t", help="With the time of each line."
    ),
    previous: bool = typer.Option(
        False, "--previous", "-p", help="Of the launch before the latest."
    ),
    user: str = settings.USER,
) -> None:
    """Print what a runtime printed, also after its end."""
    params: Dict[str, Any] = {"since": since, "until": until, "phase": _phases(phase)}
    params["tail"] = str(tail) if tail is not None else None
    params.update({"follow": 1} if follow else {}, **({"timestamps": 1} if timestamps else {}))
    with connect(user) as client:
        found = find(client, name)["name"]
        if previous:
            params["launch"] = _before_the_last(client, found)
        _print(client.stream_text(path("runtimes", found, "logs"), params))


def _before_the_last(client: "Client", name: str) -> str:
    launches = client.get(path("runtimes", name, "launches"))
    if len(launches) < 2:
        raise CliError(f"{name} was launched once only.")
    return str(launches[1]["id"])


def _phases(given: List[str]) -> str:
    wanted = [one for text in given for one in text.split(",") if one]
    for one in wanted:
        if one not in PHASES:
            raise BadUsage(
                f"There is no phase {one!r}.{meant(one, PHASES)}", hint=", ".join(PHASES)
            )
    return ",".join(wanted)


def _print(pieces: Iterable[str]) -> None:
    """A pipe gets the bytes as they are; a terminal the text and its colours, and no other command."""
    for text in _by_line(pieces) if sys.stdout.isatty() else pieces:
        sys.stdout.write(text)
        sys.stdout.flush()


def _by_line(pieces: Iterable[str]) -> Iterator[str]:
    rest = ""
    for piece in pieces:
        whole, newline, rest = (rest + piece).rpartition("\n")
        yield only_colours(whole + newline)
    yield only_colours(rest)


def register(app: typer.Typer) -> None:
    app.command("logs")(logs)
