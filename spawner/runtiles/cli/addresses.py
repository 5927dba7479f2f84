"""Where a runtime's own Jupyter server is, seen from here, and with which token."""

import os
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Dict, Iterator, List, Mapping, Optional
from urllib.parse import urlsplit

from runtiles.contract.protocol import DEFAULT_RUNTIME, ENV_LAUNCH_URL

from . import names, session
from .errors import ApiError, BadUsage, CliError
from .urls import path

if TYPE_CHECKING:
    from .client import Client
    from .kernel import Address

#: Of a token that is taken back at the end. A program may run for a day.
_LONGEST_LIFE_S = 24 * 3600


def choose_runtime(client: "Client", typed: str, environ: Mapping[str, str] = os.environ) -> str:
    """The runtime that is meant: by any unique prefix; else this one, else the only one that runs."""
    if not typed and _inside(client, environ):
        return own_name(environ)
    runtimes: List[Dict[str, Any]] = client.get("/runtimes")
    if typed:
        return names.pick(typed, [runtime["name"] for runtime in runtimes], "runtime")
    running = [runtime["name"] for runtime in runtimes if runtime["state"] == "running"]
    if len(running) == 1:
        return str(running[0])
    if not running:
        raise CliError(
            "None of your runtimes is running.", hint="Start one: `runtiles start TILE`."
        )
    listed = ", ".join(sorted(running))
    raise BadUsage(f"Several runtimes are running: {listed}.", hint="Say which: `--runtime NAME`.")


@contextmanager
def opened(
    client: "Client", runtime: str, environ: Mapping[str, str] = os.environ
) -> Iterator["Address"]:
    """The runtime's server with a token that opens nothing else, which ends with the block.

    In a runtime, whose own token cannot make others, it is that one. Raises ApiError, CliError.
    """
    inside = _inside(client, environ)
    if inside and runtime == own_name(environ):
        yield _here(client, environ)
        return
    try:
        made = request_access(client, runtime, _LONGEST_LIFE_S)
    except ApiError as error:
        if not inside or error.code != "not_allowed":
            raise
        yield _neighbour(client, runtime, environ)
        return
    try:
        yield _address(made["url"], made["token"])
    finally:
        # Whatever happens here, it would hide what happened in the block; the token ends by itself.
        with suppress(CliError):
            client.delete(path("runtimes", runtime, "access", made["id"]))


def request_access(client: "Client", runtime: str, seconds: Optional[int]) -> Dict[str, Any]:
    """`url`, `token`, `id`, `scopes` and `expires_at`, as the service answers."""
    body = {} if seconds is None else {"expires_in": seconds}
    made: Dict[str, Any] = client.post(path("runtimes", runtime, "access"), body)
    return made


def own_name(environ: Mapping[str, str]) -> str:
    return environ.get("JUPYTERHUB_SERVER_NAME") or DEFAULT_RUNTIME


def _inside(client: "Client", environ: Mapping[str, str]) -> bool:
    """Is this program in one of the site's runtimes, and not only logged in to the site from one?"""
    launch_url = environ.get(ENV_LAUNCH_URL, "")
    return session.inside_runtime(environ) and launch_url.startswith(f"{client.site.url}/")


def _here(client: "Client", environ: Mapping[str, str]) -> "Address":
    """The server that this very program runs under."""
    parts = urlsplit(environ.get("JUPYTERHUB_SERVICE_URL", ""))
    prefix = environ.get("JUPYTERHUB_SERVICE_PREFIX", "/")
    host = parts.hostname or "127.0.0.1"
    if host in ("0.0.0.0", "::", ""):  # noqa: S104 - what it listens on, not what we do
        host = "127.0.0.1"
    return _address(
        f"{parts.scheme or 'http'}://{host}:{parts.port or 8888}{prefix}", _token(client)
    )


def _neighbour(client: "Client", runtime: str, environ: Mapping[str, str]) -> "Address":
    model: Dict[str, Any] = client.get(path("runtimes", runtime))
    if not model.get("url"):
        raise CliError(f"The runtime {runtime!r} is {model['state']}.", hint="Start it first.")
    public = urlsplit(environ.get("JUPYTERHUB_PUBLIC_HUB_URL", ""))
    if not public.netloc and not urlsplit(model["url"]).netloc:
        raise CliError(
            "From inside a runtime, others can be reached only by the site's public address, which "
            "this site has not set.",
            hint="Run it from outside, or ask the admin to set c.JupyterHub.public_url.",
        )
    url = model["url"]
    full = url if urlsplit(url).netloc else f"{public.scheme}://{public.netloc}{url}"
    return _address(full, _token(client))


def _token(client: "Client") -> str:
    return str(client.site.token)


def _address(url: str, token: str) -> "Address":
    from .kernel import Address  # noqa: PLC0415 - loads httpx, see session.connect

    return Address(url if url.endswith("/") else f"{url}/", token)
