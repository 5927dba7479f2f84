"""From values to HTML, everything escaped."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from runtiles.pages import template_paths

from .assets import assets

_TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class Frame:
    """What the frame of a page knows. Addresses end in a slash; `user` is "" for nobody.

    `xsrf` goes into the page for its scripts: it is worth nothing without the cookie.
    """

    home: str
    hub: str
    user: str = ""
    admin: bool = False
    xsrf: str = ""

    def static(self, name: str) -> str:
        return self.home + assets().path(name)


def render(template: str, frame: Frame, **values: Any) -> str:
    """`template` is a file below templates/."""
    return _environment().get_template(template).render(frame=frame, **values)


@cache
def _environment() -> Environment:
    # The Hub's templates too: the drawings are shared.
    return Environment(
        loader=FileSystemLoader([str(_TEMPLATES), *template_paths()]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
