"""stop, pause, resume, freeze, thaw, extend, transfer"""

from typing import Any, Callable, Dict, List, Optional, Sequence

import typer

from runtiles.cli import launching, settings, values
from runtiles.cli.errors import FAILED, CliError
from runtiles.cli.output import note
from runtiles.cli.runtimes import act, find, find_all
from runtiles.cli.session import connect
from runtiles.cli.terminal import clean


def stop(names: List[str] = settings.RUNTIMES, user: str = settings.USER) -> None:
    """Stop runtimes. Files stay; variables do not."""
    _each(names, user, "stop")


def pause(names: List[str] = settings.RUNTIMES, user: str = settings.USER) -> None:
    """Save the variables and give the container back."""
    _each(names, user, "pause")


def freeze(names: List[str] = settings.RUNTIMES, user: str = settings.USER) -> None:
    """Stop the clock: memory and GPUs stay taken."""
    _each(names, user, "freeze")


def thaw(names: List[str] = settings.RUNTIMES, user: str = settings.USER) -> None:
    """Let frozen runtimes go on."""
    _each(names, user, "thaw")


def resume(
    name: str = settings.RUNTIME,
    detach: bool = typer.Option(False, "--detach", "-d", help="Do not wait until it is there."),
    no_browser: bool = typer.Option(False, "--no-browser", help="Print the address only."),
    user: str = settings.USER,
) -> None:
    """Bring a paused runtime back, with its variables."""
    with connect(user) as client:
        found = find(client, name)["name"]
        act(client, found, "resume")
        if detach:
            note(launching.how_to_follow(found))
            return
        launching.finish(client, found, browser=not no_browser)


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


def transfer(
    source: str = typer.Argument(..., metavar="FROM", help="The runtime that has the variables."),
    target: str = typer.Argument(..., metavar="TO", help="The runtime that shall get them."),
    kernel: str = typer.Option("", "--kernel", help="Id of the kernel that has them."),
    to_kernel: str = typer.Option("", "--to-kernel", help="Id of the kernel that shall get them."),
    names: Optional[str] = typer.Option(None, "--names", help="Only these: a,b,c."),
    overwrite: bool = typer.Option(False, "--overwrite", help="Also what is there already."),
    user: str = settings.USER,
) -> None:
    """Copy variables from one kernel to another, of any runtime."""
    with connect(user) as client:
        first, second = (find(client, one)["name"] for one in (source, target))
        wanted = [one.strip() for one in names.split(",")] if names else None
        body: Dict[str, Any] = {"from": {"kernel": kernel or None}, "names": wanted}
        body["to"] = {"runtime": second, "kernel": to_kernel or None}
        act(client, first, "transfer", {**body, "overwrite": overwrite})
    note(f"The variables are in {second}.")


def _each(names: Sequence[str], user: str, action: str) -> None:
    """Every one of them, also after one that failed; then an error if any did."""
    with connect(user) as client:
        found = [one["name"] for one in find_all(client, names)]
        if len(found) == 1:
            _told(found[0], lambda: act(client, found[0], action))
            return
        failed = 0
        for name in found:
            try:
                _told(name, lambda name=name: act(client, name, action))  # type: ignore[misc]
            except CliError as error:
                failed += 1
                note(f"{name}: {clean(str(error))}")
    if failed:
        raise typer.Exit(FAILED)


def _told(name: str, do: Callable[[], Dict[str, Any]]) -> None:
    note(f"{name} is {do().get('state')}.")


def register(app: typer.Typer) -> None:
    for command in (stop, pause, resume, freeze, thaw, extend, transfer):
        app.command(command.__name__)(command)
