"""tiles, machines"""

from typing import Any, Dict, List

import typer

from runtiles.cli import settings
from runtiles.cli.columns import Column, Row, plain
from runtiles.cli.session import connect
from runtiles.cli.tables import Format, listing
from runtiles.cli.values import show_duration, show_size

_TILES = (
    Column("slug", "tile", whole=True),
    Column("title"),
    Column("category"),
    Column("image"),
    Column("workspace", show=lambda row: plain((row.get("workspace") or {}).get("url"))),
)


def tiles(
    as_json: bool = settings.JSON, as_csv: bool = settings.CSV, sort: str = settings.SORT
) -> None:
    """List what can be started."""
    with connect() as client:
        found: List[Dict[str, Any]] = client.get("/tiles")
    listing(found, _TILES, Format(as_json, as_csv, sort), "This site has no tiles.")


def machines(
    as_json: bool = settings.JSON, as_csv: bool = settings.CSV, sort: str = settings.SORT
) -> None:
    """List what tiles can run on, and how many GPUs are free."""
    with connect() as client:
        found: List[Dict[str, Any]] = client.get("/machines")
    listing(found, _MACHINES, Format(as_json, as_csv, sort), "This site has no machines.")


def _gpus(row: Row) -> str:
    if not row.get("gpus"):
        return ""
    models = plain(row.get("gpu_models"))
    return f"{row['gpus']} ({models})" if models else plain(row["gpus"])


def _free(row: Row) -> str:
    available = row.get("available")
    return f"{available['free']} of {available['total']}" if available and row.get("gpus") else ""


def _price(row: Row) -> str:
    return f"{row['price_per_hour']:g}" if row.get("price_per_hour") else ""


_MACHINES = (
    Column("slug", "machine", whole=True),
    Column("title"),
    Column("cpus", right=True, show=lambda row: f"{row.get('cpus'):g}"),
    Column("memory", right=True, show=lambda row: show_size(row.get("memory"))),
    Column("gpus", show=_gpus),
    Column("available", "gpus free", show=_free),
    Column("default_time", "unasked", show=lambda row: show_duration(row.get("default_time"))),
    Column("max_time", "at most", show=lambda row: show_duration(row.get("max_time"))),
    Column("price_per_hour", "price/h", right=True, show=_price),
)


def register(app: typer.Typer) -> None:
    app.command("tiles")(tiles)
    app.command("machines")(machines)
