"""`runtiles url NAME`: the address that VS Code and other Jupyter clients are given."""

import json
import re

import typer

from runtiles.cli import session
from runtiles.cli.errors import BadUsage

_LIFE = re.compile(r"(\d+)\s*([smhd]?)")
_LEAST, _MOST = 60, 86400  # what the service allows
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}


def url(
    name: str = typer.Argument("", metavar="[NAME]", help="The runtime; the only one running."),
    expires: str = typer.Option(
        "1h", "--expires", metavar="DURATION", help="How long it opens: 30m, 8h, at most 24h."
    ),
    as_json: bool = typer.Option(False, "--json", help="Address and token apart, as JSON."),
) -> None:
    """Print an address for VS Code and other Jupyter clients.

    The token in it opens this one runtime. In VS Code: Select Kernel,
    Existing Jupyter Server, and paste it. Treat it as a password.
    """
    from runtiles.cli import addresses  # noqa: PLC0415 - see session.connect

    life = seconds(expires)
    with session.connect() as client:
        runtime = addresses.choose_runtime(client, name)
        made = addresses.request_access(client, runtime, life)
    if as_json:
        typer.echo(json.dumps(made, indent=2))
        return
    typer.echo(f"{made['url']}?token={made['token']}")
    typer.echo(f"Opens {runtime} until {made['expires_at']}.", err=True)


def seconds(text: str) -> int:
    """Raises BadUsage for what is no duration, and for one that no address has."""
    match = _LIFE.fullmatch(text.strip().lower())
    if match is None:
        raise BadUsage(f"--expires: {text!r} is no duration such as 30m or 8h.")
    found = int(match[1]) * _SECONDS[match[2]]
    if not _LEAST <= found <= _MOST:
        raise BadUsage(f"--expires: {text!r} is not between 1 minute and 24 hours.")
    return found
