"""From the data to HTML, with everything escaped; and what the Hub must be told about our templates."""

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from runtiles.catalogue import Catalogue

from .gallery import GalleryData

_HERE = Path(__file__).parent

#: The colours and sizes that the service's pages share.
SHARED_STYLES = _HERE / "static" / "tokens.css"


def template_paths() -> list[str]:
    """For `c.JupyterHub.template_paths`: the templates, and the styles and scripts they include."""
    return [str(_HERE / "templates"), str(_HERE / "static")]


def template_vars(catalogue: Catalogue | None = None) -> dict[str, Any]:
    """For `c.JupyterHub.template_vars`: the titles by which pages call tiles and machines.

    The spawners of the signed-in person are asked at each page, because titles change while the Hub
    runs; `catalogue` is for a Hub whose spawners are not ours. Pages work without all this and then
    show slugs.
    """
    fixed = titles(catalogue) if catalogue else None

    def known(user: Any) -> dict[str, Any] | None:
        ask = getattr(user.spawner, "titles", None) if user else None
        return ask() if ask else fixed

    return {"runtiles_catalogue": known}


def titles(catalogue: Catalogue) -> dict[str, Any]:
    tiles = {t.slug: {"title": t.title, "icon": t.icon} for t in catalogue.tiles.values()}
    machines = {m.slug: {"title": m.title} for m in catalogue.machines.values()}
    return {"tiles": tiles, "machines": machines}


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
