"""admin overview, gpus, usage, audit, secrets"""

from typing import Any, Dict, List

import typer

from runtiles.cli import settings
from runtiles.cli.columns import Column, plain
from runtiles.cli.output import note, pairs, show_json
from runtiles.cli.session import connect
from runtiles.cli.tables import Format, listing
from runtiles.cli.values import show_size

_GPUS = (
    Column("uuid", whole=True),
    Column("model"),
    Column("memory", right=True, show=lambda row: show_size(row.get("memory"))),
    Column("memory_used", "used", right=True, show=lambda row: show_size(row.get("memory_used"))),
    Column("utilization", "%", right=True),
    Column("holder", show=lambda row: _runtime(row.get("holder"))),
)
_QUEUE = (Column("position"), Column("user"), Column("name"), Column("gpus"), Column("models"))
_USAGE = (
    Column("key", whole=True),
    Column("launches", right=True),
    Column("hours", right=True, show=lambda row: f"{row['hours']:.1f}"),
    Column("gpu_hours", right=True, show=lambda row: f"{row['gpu_hours']:.1f}"),
    Column("cost", right=True, show=lambda row: f"{row['cost']:.2f}"),
)
#: For programs, which need no room.
_USAGE_CSV = (
    *_USAGE[:2],
    *(Column(name, right=True) for name in ("hours", "gpu_hours", "cost")),
    *(Column(f"{name}_seconds", right=True) for name in ("running", "frozen", "queued")),
)
_AUDIT = (Column("at"), Column("actor"), Column("action"), Column("target"), Column("details"))
_SECRETS = (Column("kind"), Column("owner"), Column("name"), Column("updated"))


def overview(as_json: bool = settings.JSON) -> None:
    """Show how the site is."""
    with connect() as client:
        found: Dict[str, Any] = client.get("/admin")
    if as_json:
        show_json(found)
        return
    counts = found.get("runtimes") or {}
    gpus, drain = found.get("gpus") or {}, found.get("drain") or {}
    pairs(
        {
            "Version": plain(found.get("version")),
            "Engine": plain(found.get("engine")),
            "Hub": plain(found.get("hub")),
            "Users": plain(found.get("users")),
            "Runtimes": ", ".join(f"{count} {state}" for state, count in counts.items() if count),
            "GPUs": f"{gpus['free']} of {gpus['total']} free" if gpus.get("total") else "",
            "Drain": plain(drain.get("state")),
        }
    )


def gpus(as_json: bool = settings.JSON, as_csv: bool = settings.CSV) -> None:
    """Show who holds which GPU, and who waits for one."""
    with connect() as client:
        found: Dict[str, Any] = client.get("/admin/gpus")
    if as_json:
        show_json(found)
        return
    listing(found["gpus"], _GPUS, Format(csv=as_csv), "There are no GPUs.")
    if found["queue"] and not as_csv:
        note("Waiting:")
        listing(found["queue"], _QUEUE, Format(), "")


def usage(
    since: str = typer.Option("", "--from", metavar="DATE", help="As 2026-01-31."),
    until: str = typer.Option("", "--to", metavar="DATE"),
    by: str = typer.Option("user", "--by", help="user|team|tile|machine|runtime"),
    as_json: bool = settings.JSON,
    as_csv: bool = settings.CSV,
    sort: str = settings.SORT,
) -> None:
    """Add up launches, hours, GPU hours and cost."""
    with connect() as client:
        found: Dict[str, Any] = client.get("/admin/usage", {"from": since, "to": until, "by": by})
    if as_json:
        show_json(found)
        return
    how = Format(csv=as_csv, sort=sort or "-cost")
    columns = _USAGE_CSV if as_csv else _USAGE
    listing(found["items"], columns, how, "Nothing was used.")
    if not as_csv:
        note(
            f"From {found['from']} to {found['to']}, cost in {plain(found.get('currency')) or '-'}."
        )


def audit(
    actor: str = typer.Option("", "--actor"),
    action: str = typer.Option("", "--action"),
    target: str = typer.Option("", "--target"),
    limit: int = typer.Option(50, "--limit", min=1, max=500),
    offset: int = typer.Option(0, "--offset", min=0),
    as_json: bool = settings.JSON,
    as_csv: bool = settings.CSV,
) -> None:
    """List what admins changed, the newest first."""
    query = {"actor": actor, "action": action, "target": target}
    query.update(limit=str(limit), offset=str(offset))
    with connect() as client:
        found: Dict[str, Any] = client.get("/admin/audit", query)
    if as_json:
        show_json(found)
    else:
        listing(found["items"], _AUDIT, Format(csv=as_csv), "Nothing was changed.")


def secrets(as_json: bool = settings.JSON, as_csv: bool = settings.CSV) -> None:
    """List everybody's secrets, by name only."""
    with connect() as client:
        found: List[Dict[str, Any]] = client.get("/admin/secrets")["items"]
    listing(found, _SECRETS, Format(as_json, as_csv, "name"), "There are no secrets.")


def _runtime(holder: Any) -> str:
    return f"{holder['user']}/{holder['name']}" if isinstance(holder, dict) else ""


def register(app: typer.Typer) -> None:
    for command in (overview, gpus, usage, audit, secrets):
        app.command(command.__name__)(command)
