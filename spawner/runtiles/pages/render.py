"""From the data to HTML, with everything escaped; and what the Hub must be told about our templates."""

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from runtiles.catalogue import Catalogue

from .gallery import GalleryData

_HERE = Path(__file__).parent


def template_paths() -> list[str]:
    """For `c.JupyterHub.template_paths`: the templates, and the styles and scripts they include."""
    return [str(_HERE / "templates"), str(_HERE / "static")]


def template_vars(catalogue: Catalogue) -> dict[str, Any]:
    """For `c.JupyterHub.template_vars`: the titles by which pages call tiles and machines.

    Pages work without it and then show slugs.
    """
    tiles = {t.slug: {"title": t.title, "icon": t.icon} for t in catalogue.tiles.values()}
    machines = {m.slug: {"title": m.title} for m in catalogue.machines.values()}
    return {"runtiles_catalogue": {"tiles": tiles, "machines": machines}}


def gallery_html(data: GalleryData) -> str:
    """The inside of the spawn form, for the spawner's `options_form`."""
    return _environment().get_template("runtiles/gallery.html").render(data=data)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(template_paths()),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # The order of tiles and machines means something.
    environment.policies["json.dumps_kwargs"] = {"sort_keys": False}
    return environment
