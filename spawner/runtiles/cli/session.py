"""Which site a command speaks to, and with which token.

In this order: `--site NAME` (or RUNTILES_SITE) of those stored by `runtiles login`; RUNTILES_URL and
RUNTILES_TOKEN; inside a runtime, the site it belongs to with its own token; the site that was logged
in to last. A token only ever goes to the address that it was given for.
"""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Mapping, Optional

from runtiles.contract.protocol import ENV_LAUNCH_URL, ENV_TOKEN_FILE

from . import credentials, names
from .credentials import Site
from .errors import NotLoggedIn
from .urls import api_of

if TYPE_CHECKING:
    from .client import Client

ENV_SITE = "RUNTILES_SITE"
ENV_URL = "RUNTILES_URL"
ENV_TOKEN = "RUNTILES_TOKEN"
_LOGIN = "Run `runtiles login URL` with the address of your JupyterHub."

#: What `--site` said; the callback of the whole command line sets it.
_chosen = ""


def choose(site: str) -> None:
    global _chosen  # noqa: PLW0603 - one command line, one site
    _chosen = site


def connect(user: str = "") -> "Client":
    """A client of the site that is meant. `user`: whose runtimes, for those who may. Raises NotLoggedIn."""
    # Loading httpx takes longer than all the rest; `--help` and completion do without.
    from .client import Client  # noqa: PLC0415

    return Client(current(), user=user)


def current(environ: Optional[Mapping[str, str]] = None) -> Site:
    """Raises NotLoggedIn where there is none."""
    environ = os.environ if environ is None else environ
    name = _chosen or environ.get(ENV_SITE, "")
    if name:
        return stored(name)
    found = _from_environment(environ) or _from_runtime(environ)
    if found:
        return found
    known = credentials.load()
    if known.default in known.sites:
        return known.sites[known.default]
    raise NotLoggedIn("You are not logged in to any site.", hint=_LOGIN)


def stored(name: str) -> Site:
    """A site by its name or a unique beginning of it."""
    known = credentials.load()
    if not known.sites:
        raise NotLoggedIn("You are not logged in to any site.", hint=_LOGIN)
    return known.sites[names.pick(name, known.sites, "site")]


def inside_runtime(environ: Mapping[str, str]) -> bool:
    return bool(environ.get(ENV_LAUNCH_URL))


def _from_environment(environ: Mapping[str, str]) -> Optional[Site]:
    url, token = environ.get(ENV_URL, ""), environ.get(ENV_TOKEN, "")
    if not url:
        if token and not inside_runtime(environ):
            raise NotLoggedIn(f"{ENV_TOKEN} is set without {ENV_URL}.", hint=f"Set {ENV_URL}, too.")
        return None
    api = api_of(url)
    if token:
        return Site(api, token)
    for site in credentials.load().sites.values():
        if site.url == api:
            return site
    raise NotLoggedIn(
        f"There is no token for {url}.", hint=f"Set {ENV_TOKEN}, or run `runtiles login {url}`."
    )


def _from_runtime(environ: Mapping[str, str]) -> Optional[Site]:
    if not inside_runtime(environ):
        return None
    url = environ[ENV_LAUNCH_URL].split("/launch-spec/", 1)[0]
    token = environ.get(ENV_TOKEN) or _own_token(environ)
    if not token:
        return None
    return Site(url, token, user=environ.get("JUPYTERHUB_USER", ""), inside=True)


def _own_token(environ: Mapping[str, str]) -> str:
    """The runtime's own: from its file where that is still there, else as its server hands it on."""
    file = environ.get(ENV_TOKEN_FILE)
    try:
        token = Path(file).read_text(encoding="ascii").strip() if file else ""
    except (OSError, UnicodeDecodeError):
        token = ""
    return token or environ.get("JUPYTERHUB_API_TOKEN", "")
