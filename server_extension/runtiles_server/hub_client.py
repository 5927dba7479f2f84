"""The only file that calls the service: it fetches the LaunchSpec and the uploaded files that this names,
with the server's own token.
"""

import contextlib
import json
import os
import re
import ssl
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Iterator, Mapping, Optional
from urllib.parse import urlsplit, urlunsplit

from runtiles.contract.spec import LaunchSpec

from .report import Problem

_REQUEST_TIMEOUT_S = 10.0
_FIRST_WAIT_S = 0.1
_LONGEST_WAIT_S = 3.0
#: A pause longer than this, between two pieces of a download, is a broken connection.
_SILENCE_S = 60.0
_DIGEST = re.compile(r"sha-256=:([A-Za-z0-9+/=]+):")
_MAX_SPEC_BYTES = 16 * 1024 * 1024


class SpecUnavailable(Exception):
    """No LaunchSpec: `problem` says why, in words for a person."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def read_token(token_file: Optional[Path], environ: Mapping[str, str]) -> str:
    """The server's token, or "". The file is gone (or at least empty) afterwards."""
    if token_file is not None:
        try:
            token = token_file.read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError):
            token = ""
        _remove(token_file)
        if token:
            return token
    return environ.get("JUPYTERHUB_API_TOKEN") or environ.get("JPY_API_TOKEN") or ""


def fetch_spec(
    url: str,
    token: str,
    environ: Mapping[str, str],
    patience: float,
) -> LaunchSpec:
    """The LaunchSpec at `url`. Raises SpecUnavailable; what a restart can cure is tried again."""
    asked = opener_for(url, environ)
    request = urllib.request.Request(url, headers={"Authorization": f"token {token}"})  # noqa: S310
    deadline = time.monotonic() + patience
    wait = _FIRST_WAIT_S
    while True:
        try:
            return _parse(_get(asked, request))
        except _TryAgain as error:
            if time.monotonic() + wait > deadline:
                raise SpecUnavailable(_unreachable(str(error))) from None
        time.sleep(wait)
        wait = min(wait * 2, _LONGEST_WAIT_S)


class DownloadFailed(Exception):
    """`again`: it may work the next time."""

    def __init__(self, problem: Problem, *, again: bool) -> None:
        super().__init__(problem.message)
        self.problem = problem
        self.again = again


@dataclass(frozen=True)
class Download:
    """`size` in bytes, 0 where it is not known; `sha256` in Base64, "" where it is not known."""

    stream: Any
    size: int
    sha256: str


@contextlib.contextmanager
def open_upload(launch_url: str, token: str, environ: Mapping[str, str]) -> Iterator[Download]:
    """The archive of the launch's workspace, from its beginning. Raises DownloadFailed."""
    url = below(launch_url, "context")
    request = urllib.request.Request(url, headers={"Authorization": f"token {token}"})  # noqa: S310
    try:
        response = opener_for(url, environ).open(request, timeout=_SILENCE_S)
    except urllib.error.HTTPError as error:
        error.close()
        raise DownloadFailed(_gone(error.code), again=error.code >= 500) from None
    except Exception as error:  # noqa: BLE001 # http.client raises a dozen kinds
        reason = str(getattr(error, "reason", error)) or type(error).__name__
        raise DownloadFailed(_unreachable(reason), again=True) from None
    with response:
        digest = _DIGEST.fullmatch(response.headers.get("Content-Digest", ""))
        size = int(response.headers.get("Content-Length") or 0)
        yield Download(response, size, digest[1] if digest else "")


def below(url: str, name: str) -> str:
    """What is called `name` below a launch's URL, of the same launch."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/{name}"))


class _TryAgain(Exception):
    pass


def _get(opener: urllib.request.OpenerDirector, request: urllib.request.Request) -> bytes:
    try:
        with opener.open(request, timeout=_REQUEST_TIMEOUT_S) as response:
            return bytes(response.read(_MAX_SPEC_BYTES))
    except urllib.error.HTTPError as error:
        error.close()
        if error.code < 500:
            raise SpecUnavailable(_refused(error.code)) from None
        raise _TryAgain(f"HTTP {error.code}") from None
    except OSError as error:
        raise _TryAgain(str(getattr(error, "reason", error))) from None
    except Exception as error:  # noqa: BLE001 # http.client raises a dozen kinds for a server that dies in an answer
        raise _TryAgain(type(error).__name__) from None


def _parse(body: bytes) -> LaunchSpec:
    try:
        return LaunchSpec.from_dict(json.loads(body.decode()))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        problem = Problem(
            "spec_unreadable",
            f"What the Runtiles service answered cannot be read: {error}.",
            "The hub and the launcher may be of different ages: an admin can rebuild the image.",
        )
        raise SpecUnavailable(problem) from None


def opener_for(url: str, environ: Mapping[str, str]) -> urllib.request.OpenerDirector:
    # No proxy: the hub is never behind one. No redirect: urllib would take the token along.
    handlers: Any = [urllib.request.ProxyHandler({}), _NoRedirect()]
    if urlsplit(url).scheme == "https":
        handlers.append(urllib.request.HTTPSHandler(context=tls_of(environ)))
    return urllib.request.build_opener(*handlers)


def tls_of(environ: Mapping[str, str]) -> ssl.SSLContext:
    """As JupyterHub's internal_ssl has it, or the system's own trust."""
    authority = environ.get("JUPYTERHUB_SSL_CLIENT_CA")
    context = ssl.create_default_context(cafile=authority or None)
    certificate, key = environ.get("JUPYTERHUB_SSL_CERTFILE"), environ.get("JUPYTERHUB_SSL_KEYFILE")
    if certificate and key:
        context.load_cert_chain(certificate, key)
    return context


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args: Any, **_kwargs: Any) -> None:
        return None


def _remove(path: Path) -> None:
    try:
        path.unlink()
    except OSError:
        # The folder belongs to somebody else: at least nobody reads the token again.
        try:
            os.truncate(path, 0)
        except OSError:
            return


def _refused(code: int) -> Problem:
    return Problem(
        "spec_refused",
        f"The Runtiles service refused to say what to launch (HTTP {code}).",
        "The server starts without its workspace, settings and hook. Stop it and start it again.",
    )


def _gone(code: int) -> Problem:
    if code == 404:
        return Problem(
            "workspace_missing", "The uploaded files are not there any more.", "Upload them again."
        )
    return Problem(
        "workspace_failed", f"The Runtiles service refused the uploaded files (HTTP {code})."
    )


def _unreachable(reason: str) -> Problem:
    return Problem(
        "service_unreachable",
        f"The Runtiles service does not answer ({reason}).",
        "The server starts without its workspace, settings and hook. "
        "Stop it and start it again when the service is back.",
    )
