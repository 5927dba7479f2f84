"""pause, resume, fork"""

from typing import TYPE_CHECKING, Any, Dict, List, Optional

import typer

from runtiles.cli import complete, launching, pause_words, pausing, settings, snapshots
from runtiles.cli.commands.actions import each
from runtiles.cli.errors import BadUsage, CliError
from runtiles.cli.names import NoSuchName
from runtiles.cli.output import note, say, show_json
from runtiles.cli.runtimes import Runtime, act, all_of, find, find_all
from runtiles.cli.session import connect
from runtiles.cli.starting import whole
from runtiles.cli.terminal import clean

if TYPE_CHECKING:
    from runtiles.cli.client import Client

_DETACH: Any = typer.Option(False, "--detach", "-d", help="Do not wait until it is there.")
_NO_BROWSER: Any = typer.Option(False, "--no-browser", help="Print the address only.")


def pause(
    names: List[str] = settings.RUNTIMES,
    dry_run: bool = typer.Option(
        False, "--dry-run", help="Say what would be saved and lost; change nothing."
    ),
    interrupt: bool = typer.Option(
        False, "--interrupt", help="Interrupt what runs, instead of waiting for it."
    ),
    no_wait: bool = typer.Option(
        False, "--no-wait", help="Return when it has begun, and not when it is over."
    ),
    yes: bool = typer.Option(False, "--yes", "-y", help="Do not ask: lose what cannot be saved."),
    cancel: bool = typer.Option(
        False, "--cancel", help="Call off a pause that is under way: the runtime goes on."
    ),
    user: str = settings.USER,
    as_json: bool = settings.JSON,
) -> None:
    """Save the variables and give the container back.

    Says first what cannot be saved, and asks whether to lose it.
    Prints the snapshot's id when it is over.
    """
    if as_json and not dry_run:
        raise BadUsage("--json goes with --dry-run.")
    if cancel and (dry_run or interrupt or no_wait or yes):
        raise BadUsage("--cancel goes alone.")
    with connect(user) as client:
        found = [one["name"] for one in find_all(client, names)]
        if cancel:
            each(found, lambda name: pausing.call_off(client, name))
            return
        looked = {one: pausing.look(client, one, interrupt=interrupt) for one in found}
        if as_json:
            show_json(looked[found[0]] if len(found) == 1 else looked)
        elif dry_run:
            for name, one in looked.items():
                say("\n".join(clean(line) for line in pause_words.prospect(name, one)))
        elif _accepted(looked, interrupt=interrupt, yes=yes):
            _pause_all(client, found, interrupt=interrupt, yes=yes, looked=looked, wait=not no_wait)


def _accepted(looked: Dict[str, Dict[str, Any]], *, interrupt: bool, yes: bool) -> bool:
    """Shows all of it, then asks once."""
    for name, one in looked.items():
        pausing.tell(pause_words.prospect(name, one))
        pausing.warn(name, one, interrupt=interrupt)
    return pausing.may_lose(sum(pause_words.losses(one) for one in looked.values()), yes=yes)


def _pause_all(
    client: "Client",
    names: List[str],
    *,
    interrupt: bool,
    yes: bool,
    looked: Dict[str, Dict[str, Any]],
    wait: bool,
) -> None:
    """All begin before the first is waited for."""
    begun: List[str] = []

    def begin(name: str) -> None:
        known = bool(pause_words.losses(looked[name]))
        if pausing.begin(client, name, interrupt=interrupt, accepted=yes or known):
            begun.append(name)

    def end(name: str) -> None:
        if wait:
            say(pausing.finish(client, pausing.follow(client, name)))
        else:
            note(f"The pause of {name} has begun. {pausing.how_to_look(name)}")

    try:
        each(names, begin)
    finally:
        each(begun, end)


def resume(
    name: str = settings.RUNTIME,
    snapshot: str = typer.Option(
        "",
        "--snapshot",
        metavar="SNAPSHOT",
        help="Another one than the last.",
        autocompletion=complete.snapshots,
    ),
    detach: bool = _DETACH,
    no_browser: bool = _NO_BROWSER,
    user: str = settings.USER,
) -> None:
    """Bring a paused runtime back, with its variables."""
    with connect(user) as client:
        found = find(client, name)["name"]
        chosen = snapshots.find(client, snapshot)["id"] if snapshot else ""
        act(client, found, "resume", {"snapshot": chosen} if chosen else {})
        _come_back(client, found, detach=detach, browser=not no_browser)


def fork(
    origin: str = typer.Argument(
        ...,
        metavar="SNAPSHOT|RUNTIME",
        help="What to begin with; of a runtime its latest snapshot.",
        autocompletion=complete.snapshots_and_runtimes,
    ),
    name: str = typer.Option(
        "", "--name", "-n", metavar="NAME", help="Of the new runtime; the old one with a number."
    ),
    machine: str = typer.Option(
        "",
        "--machine",
        "-m",
        metavar="MACHINE",
        help="Another machine than it had.",
        autocompletion=complete.machines,
    ),
    detach: bool = _DETACH,
    no_browser: bool = _NO_BROWSER,
    user: str = settings.USER,
) -> None:
    """Start a second runtime with the variables of a snapshot. The first one stays as it is."""
    with connect(user) as client:
        runtimes = all_of(client)
        chosen = _snapshot(client, origin, runtimes)
        taken = [one["name"] for one in runtimes]
        options = {"resume": chosen["id"], "name": name or free_name(chosen["runtime"], taken)}
        if machine:
            known = (one["slug"] for one in client.get("/machines"))
            options["machine"] = whole(machine, known, "machine")
        started = client.post("/runtimes", options)["name"]
        note(f"{started} begins with the snapshot {chosen['id']} of {chosen['runtime']}.")
        if detach:
            say(started)
        _come_back(client, started, detach=detach, browser=not no_browser)


def free_name(base: str, taken: List[str]) -> str:
    """`lab-2`, or the first number that is free."""
    number = 2
    while f"{base}-{number}" in taken:
        number += 1
    return f"{base}-{number}"


def _snapshot(client: "Client", typed: str, runtimes: List[Runtime]) -> snapshots.Snapshot:
    """A snapshot, else the latest one of a runtime."""
    known = snapshots.all_of(client)
    if typed not in [one["name"] for one in runtimes]:
        try:
            return snapshots.choose(typed, known)
        except NoSuchName:
            pass
    runtime = find(client, typed)
    found: Optional[snapshots.Snapshot] = snapshots.latest(known, runtime)
    if found is None:
        raise CliError(
            f"There is no snapshot of {runtime['name']}.",
            hint=f"Pause it first: `runtiles pause {runtime['name']}`.",
        )
    return found


def _come_back(client: "Client", name: str, *, detach: bool, browser: bool) -> None:
    if detach:
        note(launching.how_to_follow(name))
        return
    launching.finish(client, name, browser=browser, ready=lambda: _report(client, name))


def _report(client: "Client", name: str) -> None:
    try:
        lines = pause_words.comeback(pausing.resumed(client, name))
    except CliError as error:
        # The runtime is there all the same.
        note(f"What came back with {name} is not known: {clean(str(error))}")
        return
    pausing.tell([f"{name} is back:", *lines] if lines else [])


def register(app: typer.Typer) -> None:
    for command in (pause, resume, fork):
        app.command(command.__name__)(command)
