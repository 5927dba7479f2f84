"""What a request means at its site: which tile, a new runtime or one that is there already."""

from typing import TYPE_CHECKING, Any, Dict, Iterable, Optional, Tuple

from . import context, files, names
from .errors import BadUsage, CliError
from .output import note
from .request import Options
from .runtimes import Runtime, act, all_of

if TYPE_CHECKING:
    from .client import Client

#: What is not there any more can be started again; of anything else the service says why not.
_AT_REST = ("stopped", "failed", "paused")


def settle(client: "Client", options: Options, typed_tile: str) -> Tuple[Options, str]:
    """The request with whole names, and the runtime that it starts again ("" for a new one).

    `typed_tile` is a tile, or any beginning of one; or the name of a runtime of one's own.
    """
    again = _at_rest(client, str(options.get("name") or ""))
    if typed_tile:
        slugs = [tile["slug"] for tile in client.get("/tiles")]
        if typed_tile not in slugs and not options.get("name"):
            again = _at_rest(client, typed_tile)
        if again and not options.get("name"):
            options = _without(options, "tile")
        else:
            options = {**options, "tile": whole(typed_tile, slugs, "tile")}
    if isinstance(options.get("machine"), str):
        machines = (machine["slug"] for machine in client.get("/machines"))
        options = {**options, "machine": whole(options["machine"], machines, "machine")}
    return (_without(options, "name") if again else options), again


def whole(typed: str, known: Iterable[str], kind: str) -> str:
    """The name that it is a beginning of. What fits none may be one that is not listed: the service
    knows. Raises AmbiguousName."""
    try:
        return names.pick(typed, known, kind)
    except names.NoSuchName:
        return typed


def launch(client: "Client", options: Options, again: str) -> Runtime:
    """Raises ApiError with an entry per bad field."""
    if again:
        return act(client, again, "start", options)
    launched: Runtime = client.post("/runtimes", options)
    return launched


def with_folder(client: "Client", options: Options, packing: context.Packing) -> Options:
    """Uploads the folder: it becomes the workspace."""
    if (options.get("workspace") or {}).get("url"):
        raise BadUsage("--context and --include bring the workspace: leave its URL out.")
    note(f"Uploading {packing.describe()}…")
    with context.packed(packing) as archive:
        size, digest = context.measured(archive)
        pieces = files.shown(files.chunks(archive), size, "Uploaded")
        made: Dict[str, Any] = client.upload("/contexts", pieces, "application/gzip", size)
    if made["sha256"] != digest:
        raise CliError("The folder did not arrive as it was sent.", hint="Try again.")
    return {**options, "workspace": {"url": f"context:{made['id']}"}}


def _at_rest(client: "Client", name: str) -> str:
    found: Optional[Runtime] = None
    if name:
        found = next((one for one in all_of(client) if one["name"] == name), None)
    return name if found and found["state"] in _AT_REST else ""


def _without(options: Options, key: str) -> Options:
    return {name: value for name, value in options.items() if name != key}
