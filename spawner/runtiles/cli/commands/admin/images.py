"""admin images list, pull, delete, prune, budget"""

from typing import Any, Dict

import typer

from runtiles.cli import settings, values
from runtiles.cli.columns import Column, Row, plain
from runtiles.cli.names import pick
from runtiles.cli.output import note, show_json
from runtiles.cli.prompts import confirmed
from runtiles.cli.session import connect
from runtiles.cli.tables import Format, listing
from runtiles.cli.urls import path
from runtiles.cli.values import show_size

group = typer.Typer(help="The images on the host.", no_args_is_help=True)


@group.command("list")
def list_(
    as_json: bool = settings.JSON, as_csv: bool = settings.CSV, sort: str = settings.SORT
) -> None:
    """List them with their size, last use and tiles, and the disk they share."""
    with connect() as client:
        found: Dict[str, Any] = client.get("/admin/images")
    if as_json:
        show_json(found)
        return
    how = Format(csv=as_csv, sort=sort or "-size")
    listing(found["images"], _COLUMNS, how, "There are no images of tiles here.")
    if not as_csv:
        for pull in found.get("pulls") or []:
            note(f"Pulling {pull['reference']}: {plain(pull.get('message') or pull.get('state'))}")
        note(_disk(found.get("disk") or {}))


@group.command()
def pull(image: str = typer.Argument(..., help="A reference with tag or digest.")) -> None:
    """Begin to pull an image, so that the first launch does not have to."""
    with connect() as client:
        client.post("/admin/images/pull", {"image": image})
    note("The pull has begun: `runtiles admin images list` shows how far it is.")


@group.command()
def delete(
    image: str = typer.Argument(..., help="A reference, or any beginning of an id."),
    yes: bool = settings.YES,
) -> None:
    """Remove an image that no container uses."""
    with connect() as client:
        known = client.get("/admin/images")["images"]
        named = {reference: one["id"] for one in known for reference in one["references"]}
        found = named.get(image) or pick(image, [one["id"] for one in known], "image")
        if confirmed(f"Remove the image {image}?", yes):
            client.delete(path("admin", "images", found))
            note(f"{image} is removed.")


@group.command()
def prune(yes: bool = settings.YES) -> None:
    """Remove the images that no tile and no container uses."""
    if not confirmed("Remove all images that are not used?", yes):
        return
    with connect() as client:
        done: Dict[str, Any] = client.post("/admin/images/prune")
    note(f"{len(done['removed'])} images are removed; {show_size(done['freed'])} are free again.")


@group.command()
def budget(size: str = typer.Argument(..., help="As 200g; none: as much as there is.")) -> None:
    """Set how much disk the images may take."""
    wanted = None if size == "none" else values.size(size)
    with connect() as client:
        client.put("/admin/images/budget", {"bytes": wanted})
    note(f"Images may take {show_size(wanted) or 'as much as there is'}.")


def _disk(disk: Row) -> str:
    used, free = show_size(disk.get("used")), show_size(disk.get("free"))
    budget_ = show_size(disk.get("budget"))
    return f"{used} used{f' of {budget_}' if budget_ else ''}, {free} free."


def _short(row: Row) -> str:
    return plain(row["id"]).rpartition(":")[2][:12]


_COLUMNS = (
    Column("id", show=_short),
    Column("references", "image"),
    Column("kind"),
    Column("size", right=True, show=lambda row: show_size(row.get("size"))),
    Column("last_used", "last used"),
    Column("in_use", "in use"),
    Column("tiles"),
)


def register(app: typer.Typer) -> None:
    app.add_typer(group, name="images")
