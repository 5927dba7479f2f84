"""A pause from the question to its end."""

import sys
from typing import TYPE_CHECKING, Any, Dict, Optional, Sequence

import typer

from . import pause_words
from .columns import Row, plain
from .errors import INTERRUPTED, ApiError, CliError
from .follow import changes
from .names import counted
from .one_line import OneLine
from .output import note
from .runtimes import Runtime, act
from .terminal import clean
from .urls import path

if TYPE_CHECKING:
    from .client import Client

#: A dry run looks into every kernel, one after the other, and waits a little for one that is busy.
_LOOK_S = 600.0


class WouldLose(CliError):
    code = "would_lose"


class PauseFailed(CliError):
    code = "pause_failed"


def look(client: "Client", name: str, *, interrupt: bool) -> Dict[str, Any]:
    """What a pause would save and lose; changes nothing."""
    body = {"dry_run": True, "interrupt": interrupt}
    found: Dict[str, Any] = client.post(path("runtimes", name, "pause"), body, patience=_LOOK_S)
    return found


def tell(lines: Sequence[str]) -> None:
    for line in lines:
        note(clean(line))


def warn(name: str, found: Row, *, interrupt: bool) -> None:
    """What a person should know before the pause waits."""
    stuck = pause_words.stuck(found)
    if stuck:
        note(f"{clean(', '.join(stuck))} does not answer, and is waited for until it does.")
        note(f"`runtiles freeze {name}` stops the clock instead, and loses nothing.")
    elif not interrupt and any(one.get("status") == "busy" for one in found.get("kernels") or []):
        note("A kernel that is busy is waited for; --interrupt interrupts it.")


def may_lose(lost: int, *, yes: bool) -> bool:
    """Does the person accept that so many things would be lost, which they have just been shown?

    Nothing is asked when nothing would be. Raises WouldLose where nobody can answer; False for no.
    """
    if not lost or yes:
        return True
    if not sys.stdin.isatty():
        raise WouldLose(
            f"{counted(lost, 'thing')} would be lost; nothing was changed.",
            hint="Add --yes to pause without them.",
        )
    return bool(typer.confirm("Pause, and lose that?", err=True))


def begin(client: "Client", name: str, *, interrupt: bool, accepted: bool) -> Optional[Runtime]:
    """Asks the service to pause. What only shows now (a kernel was busy before) is asked about.

    None when the person does not want to lose that. Raises CliError; nothing has changed then.
    """
    body = {"interrupt": interrupt, "accept_loss": accepted}
    try:
        return act(client, name, "pause", body, patience=_LOOK_S)
    except ApiError as error:
        if error.code != WouldLose.code or accepted:
            raise
        found = error.details
        tell([f"{name}:", *pause_words.lost(found)])
    if not may_lose(pause_words.losses(found), yes=False):
        return None
    return act(client, name, "pause", {**body, "accept_loss": True}, patience=_LOOK_S)


def call_off(client: "Client", name: str) -> None:
    """Raises CliError where there is no pause, or it is too late for that."""
    # The runtime is asked first, which may take a moment.
    client.call("DELETE", path("runtimes", name, "pause"), patience=_LOOK_S)
    note(f"The pause of {name} is called off. It goes on running.")


def follow(client: "Client", name: str) -> Runtime:
    """Shows the pause to its end; the paused runtime. Ctrl-C leaves the pause alone.

    Raises PauseFailed with the reason; the runtime still runs then.
    """
    line = OneLine()
    try:
        for seen in changes(client, name):
            if seen is not None and pause_words.going_on(seen):
                line.show(f"{name}: {pause_words.progress(seen)}")
                continue
            # What is told may be older than the pause; what is asked for is not.
            found: Runtime = client.get(path("runtimes", name))
            if not pause_words.going_on(found):
                line.end()
                return _ended(found)
    except KeyboardInterrupt:
        line.end()
        note(f"\nThe pause of {name} goes on. {how_to_look(name)}")
        note(f"Call it off: `runtiles pause --cancel {name}`.")
        raise typer.Exit(INTERRUPTED) from None
    finally:
        line.end()
    raise AssertionError("what changes has no end")


def how_to_look(name: str) -> str:
    return f"Look how far it is: `runtiles show {name}`."


def finish(client: "Client", runtime: Row) -> str:
    """Says what was kept; the snapshot's id."""
    snapshot = plain(runtime.get("snapshot"))
    found: Row = {}
    if snapshot:
        try:
            found = client.get(path("snapshots", snapshot))
        except ApiError:
            # The pause is over and well; whoever may not look at the snapshot is told no more.
            found = {}
    note(pause_words.kept(plain(runtime.get("name")), found))
    return snapshot


def resumed(client: "Client", name: str) -> Row:
    """What came back when the runtime was resumed, as it says itself. Raises CliError."""
    from . import addresses  # noqa: PLC0415 - see session.connect
    from .kernel import JupyterServer  # noqa: PLC0415

    with addresses.opened(client, name) as address:
        server = JupyterServer(address)
        try:
            return server.runtime().get("resumed") or {}
        finally:
            server.close()


def _ended(found: Runtime) -> Runtime:
    if found["state"] == "paused":
        return found
    error = found.get("last_error") or {}
    details = error.get("details") or {}
    reason = plain(error.get("message")) or f"It is {found['state']}."
    hint = plain(details.get("hint"))
    if error.get("code") == WouldLose.code:
        # It only showed when a kernel that had been busy was looked into.
        tell([f"{found['name']}:", *pause_words.lost(details)])
        hint = f"`runtiles pause {found['name']} --yes` pauses without them."
    raise PauseFailed(f"{found['name']} is not paused. {reason}", hint=hint)
