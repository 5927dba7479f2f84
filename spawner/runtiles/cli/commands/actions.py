"""stop, freeze, thaw, extend, hold"""

from typing import Any, Callable, Dict, List, Sequence

import typer

from runtiles.cli import settings, values
from runtiles.cli.errors import FAILED, BadUsage, CliError
from runtiles.cli.output import note
from runtiles.cli.runtimes import act, find, find_all
from runtiles.cli.session import connect
from runtiles.cli.terminal import clean


def stop(names: List[str] = settings.RUNTIMES, user: str = settings.USER) -> None:
    """Stop runtimes. Files stay; variables do not: see `pause`."""
    _each(names, user, "stop")


def freeze(names: List[str] = settings.RUNTIMES, user: str = settings.USER) -> None:
    """Stop the clock at once: memory and GPUs stay taken, nothing computes."""
    _each(names, user, "freeze")


def thaw(names: List[str] = settings.RUNTIMES, user: str = settings.USER) -> None:
    """Let frozen runtimes go on where they were."""
    _each(names, user, "thaw")


def extend(
    name: str = settings.RUNTIME,
    duration: str = typer.Argument(..., metavar="DURATION", help="How much longer: 30m, 2h."),
    user: str = settings.USER,
) -> None:
    """Let a runtime run longer than its time limit."""
    seconds = values.seconds(duration)
    with connect(user) as client:
        found = find(client, name)["name"]
        changed = act(client, found, "extend", {"seconds": seconds})
    note(f"{found} runs until {changed.get('expires_at') or 'it is stopped'}.")


def hold(
    name: str = settings.RUNTIME,
    duration: str = typer.Argument("", metavar="[DURATION]", help="How long from now: 30m, 2h."),
    release: bool = typer.Option(False, "--release", help="Keep it no longer."),
    user: str = settings.USER,
) -> None:
    """Keep a runtime though it is idle. Its time limit stays as it is: see `extend`."""
    if release is bool(duration):
        raise BadUsage("Say how long, or --release.")
    body = {"until": None} if release else {"seconds": values.seconds(duration)}
    with connect(user) as client:
        found = find(client, name)["name"]
        changed = act(client, found, "hold", body)
    until = (changed.get("idle") or {}).get("held_until")
    told = f"kept until {until}" if until else f"kept for {duration}"
    note(f"{found} is {'not kept any longer' if release else told}.")


def _each(names: Sequence[str], user: str, action: str) -> None:
    with connect(user) as client:
        found = [one["name"] for one in find_all(client, names)]
        each(found, lambda name: _told(name, act(client, name, action)))


def each(names: Sequence[str], do: Callable[[str], Any]) -> None:
    """Every one of them, also after one that failed; then an error if any did."""
    if len(names) == 1:
        do(names[0])
        return
    failed = 0
    for name in names:
        try:
            do(name)
        except CliError as error:
            failed += 1
            note(f"{name}: {clean(str(error))}")
    if failed:
        raise typer.Exit(FAILED)


def _told(name: str, runtime: Dict[str, Any]) -> None:
    note(f"{name} is {runtime.get('state')}.")


def register(app: typer.Typer) -> None:
    for command in (stop, freeze, thaw, extend, hold):
        app.command(command.__name__)(command)
