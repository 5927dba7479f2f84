"""A runtime's page in the person's own browser, where there is one."""

import os
import sys
import webbrowser
from typing import Mapping
from urllib.parse import urljoin, urlsplit

from .credentials import Site
from .session import inside_runtime
from .urls import hub_of, origin


def address(site: Site, url: str, environ: Mapping[str, str] = os.environ) -> str:
    """The runtime's address as the person's browser knows it.

    In a runtime only the site can know it; where it does not say so, the path is all there is.
    """
    if not url or urlsplit(url).netloc:
        return url
    if inside_runtime(environ):
        public = environ.get("JUPYTERHUB_PUBLIC_HUB_URL", "")
        return urljoin(origin(public), url) if public else url
    return urljoin(origin(hub_of(site.url)), url)


def open_page(url: str, environ: Mapping[str, str] = os.environ) -> bool:
    """False where there is no browser to open it in: over ssh, in a container, in a pipe."""
    if not can_open(environ) or not urlsplit(url).netloc:
        return False
    try:
        return webbrowser.open(url)
    except webbrowser.Error:
        return False


def can_open(environ: Mapping[str, str]) -> bool:
    if inside_runtime(environ) or not sys.stderr.isatty():
        return False
    if environ.get("BROWSER") or not sys.platform.startswith("linux"):
        return True
    # Without a display there are only browsers that would take over the terminal.
    return bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))
