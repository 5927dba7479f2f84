"""admin runtimes list, stop, start, pause, resume, extend, delete"""

import time
from typing import Any, Dict, List

import typer

from runtiles.cli import runtime_view, settings, values
from runtiles.cli.columns import Column, Row, plain
from runtiles.cli.errors import FAILED, BadUsage
from runtiles.cli.output import note, show_json
from runtiles.cli.prompts import confirmed
from runtiles.cli.session import connect
from runtiles.cli.tables import Format, listing
from runtiles.cli.terminal import clean
from runtiles.cli.values import show_age, show_size

ACTIONS = ("stop", "start", "pause", "resume", "extend", "delete")

group = typer.Typer(help="Everybody's runtimes.", no_args_is_help=True)


@group.command("list")
def list_(
    state: str = typer.Option("", "--state"),
    user: str = typer.Option("", "--user", "-u"),
    tile: str = typer.Option("", "--tile"),
    machine: str = typer.Option("", "--machine"),
    search: str = typer.Option("", "--search", help="In names, titles, users, tiles, machines."),
    sort: str = typer.Option("-started_at", "--sort", metavar="KEY", help="-KEY: downwards."),
    offset: int = typer.Option(0, "--offset", min=0),
    limit: int = typer.Option(50, "--limit", min=1, max=500),
    as_json: bool = settings.JSON,
    as_csv: bool = settings.CSV,
) -> None:
    """List them page by page, with their use, cost and idle time."""
    query = {"state": state, "user": user, "tile": tile, "machine": machine, "search": search}
    query.update(sort=sort, offset=str(offset), limit=str(limit))
    with connect() as client:
        found: Dict[str, Any] = client.get("/admin/runtimes", query)
    if as_json:
        show_json(found)
        return
    # In the order of the service, which knows the pages before and after this one.
    rows = [_flat(row) for row in found["items"]]
    listing(rows, columns(time.time()), Format(csv=as_csv), "There are no such runtimes.")
    if len(rows) < found["total"] and not as_csv:
        note(f"{offset + 1} to {offset + len(rows)} of {found['total']}.")


def columns(now: float) -> List[Column]:
    shown = [one for one in runtime_view.columns(now, owners=True) if one.key != "title"]
    return [
        *shown,
        Column("cpu", right=True, show=lambda row: _number(row.get("cpu"))),
        Column("memory", right=True, show=lambda row: show_size(row.get("memory"))),
        Column("gpu_percent", "gpu %", right=True),
        Column("cost", right=True, show=_cost),
        Column("idle_since", "idle", show=lambda row: show_age(row.get("idle_since"), now)),
        Column("idle_reason", "alive because", show=lambda row: _why(row, now)),
    ]


def _why(row: Row, now: float) -> str:
    idle = row.get("idle") or {}
    return runtime_view.why({**idle, "reason": row.get("idle_reason")}, now)


def _flat(row: Row) -> Dict[str, Any]:
    use, cost = row.get("use") or {}, row.get("cost") or {}
    kept = {key: use.get(key) for key in ("cpu", "memory", "gpu_percent", "gpu_memory")}
    return {**row, **kept, "cost": cost.get("so_far"), "currency": cost.get("currency")}


def _number(value: Any) -> str:
    return f"{value:.1f}" if isinstance(value, (int, float)) else ""


def _cost(row: Row) -> str:
    cost = row.get("cost")
    return (
        f"{cost:.2f} {plain(row.get('currency'))}".strip() if isinstance(cost, (int, float)) else ""
    )


def act(
    action: str = typer.Argument(..., metavar="ACTION", help="|".join(ACTIONS)),
    runtimes: List[str] = typer.Argument(
        ..., metavar="USER/NAME...", help="Whose, and which: as in `runtiles admin runtimes list`."
    ),
    message: str = typer.Option("", "--message", metavar="TEXT", help="Shown to the owners."),
    duration: str = typer.Option(
        "", "--by", metavar="DURATION", help="With extend: how much longer."
    ),
    yes: bool = settings.YES,
) -> None:
    """Do the same to several runtimes.

    `runtiles admin act stop ann/lab bob/train --message "New driver at noon."`
    """
    if action not in ACTIONS:
        raise BadUsage(f"There is no action {action!r}.", hint=", ".join(ACTIONS))
    chosen = [_split(one) for one in runtimes]
    body: Dict[str, Any] = {"action": action, "runtimes": chosen}
    if message:
        body["message"] = message
    if action == "extend":
        body["seconds"] = values.seconds(duration)
    if not confirmed(f"{action.capitalize()} {', '.join(runtimes)}?", yes):
        return
    with connect() as client:
        results: List[Dict[str, Any]] = client.post("/admin/runtimes/actions", body)["results"]
    for one in results:
        note(f"{one['user']}/{one['name']}: {_outcome(one)}")
    if not all(one["ok"] for one in results):
        raise typer.Exit(FAILED)


def _split(text: str) -> Dict[str, str]:
    user, slash, name = text.rpartition("/")
    if not slash or not user or not name:
        raise BadUsage(f"{text!r} must be USER/NAME.")
    return {"user": user, "name": name}


def _outcome(one: Row) -> str:
    if one["ok"]:
        return plain(one.get("state")) or "done"
    error = one.get("error") or {}
    return clean(plain(error.get("message") if isinstance(error, dict) else error))


def register(app: typer.Typer) -> None:
    app.add_typer(group, name="runtimes")
    app.command("act")(act)
