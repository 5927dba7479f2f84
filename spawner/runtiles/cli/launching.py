"""From a launch that was accepted to a page in the browser."""

from typing import TYPE_CHECKING, Any, Callable, Mapping, Optional

import typer

from . import browse
from .errors import FAILED, INTERRUPTED
from .follow import follow
from .output import note, say
from .progress import failure_card, watch
from .runtimes import Runtime
from .urls import path

if TYPE_CHECKING:
    from .client import Client


def finish(
    client: "Client", name: str, *, browser: bool, ready: Optional[Callable[[], None]] = None
) -> None:
    """Shows the launch to its end, then the runtime. Ctrl-C leaves the launch alone.

    `ready` is called when it is there, before it opens. Ends the command with an error when the
    launch failed.
    """
    try:
        last = watch(follow(client, name))
    except KeyboardInterrupt:
        note(f"\nThe launch of {name} goes on.")
        note(how_to_follow(name))
        raise typer.Exit(INTERRUPTED) from None
    if last.kind == "failed":
        note(failure_card(last))
        raise typer.Exit(FAILED)
    if ready is not None:
        ready()
    found: Runtime = client.get(path("runtimes", name))
    present(client, found, browser=browser)


def present(client: "Client", runtime: Mapping[str, Any], *, browser: bool) -> None:
    """Prints the address, and opens it where there is a browser."""
    url = browse.address(client.site, runtime.get("url") or "")
    say(url)
    if browser and browse.open_page(url):
        note(f"{runtime['name']} opens in your browser.")


def how_to_follow(name: str) -> str:
    return (
        f"Follow it: `runtiles open {name}`; its log: `runtiles logs -f {name}`; "
        f"stop it: `runtiles stop {name}`."
    )
