"""The service over HTTP: the one file that imports httpx. Every answer that is no success becomes a
CliError with a hint; no token in any of them.
"""

import os
import re
import ssl
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Dict, Iterator, Mapping, NamedTuple, Optional, Type
from urllib.parse import urlsplit

import httpx

from runtiles import __version__

from .credentials import Site
from .errors import CliError, Unreachable
from .refusals import misunderstanding, not_ours, refusal
from .sse import ServerEvent, parse
from .urls import origin

_CONNECT_S = 10.0
#: The service itself waits for the Hub, and the Hub for a server that stops.
_ANSWER_S = 60.0
#: A stream says something every 15 seconds, be it that it has nothing to say. A proxy may keep the
#: connection open when the service behind it is gone, so silence is all there is to go by.
_SILENCE_S = 40.0

_TOKEN = re.compile(r"[!-~]+")

#: Of a download, in bytes.
_PIECE = 256 * 1024

Params = Mapping[str, Any]


class Download(NamedTuple):
    """`total` in bytes, None where the service does not know."""

    pieces: Iterator[bytes]
    total: Optional[int]


class Client:
    """`user`: whose things every call is about, the token's owner if empty. Close it (`with`).

    Without a token it asks what anybody may ask.
    """

    def __init__(self, site: Site, *, user: str = "") -> None:
        self.site = site
        self._params = {"user": user} if user else {}
        try:
            timeout = httpx.Timeout(_ANSWER_S, connect=_CONNECT_S)
            # No redirects: they would turn a POST into a GET, or take the token somewhere else.
            # No proxy between a runtime and its own site.
            self._http = httpx.Client(
                headers=_headers(site.token),
                timeout=timeout,
                verify=_trust(site),
                trust_env=not site.inside,
                event_hooks={"response": [self._understood]},
            )
        except (OSError, httpx.InvalidURL, ValueError) as error:
            raise Unreachable(f"{site.url} cannot be used: {error}.") from None

    def __enter__(self) -> "Client":  # noqa: PYI034 - Self is newer than the Python we run on
        return self

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        self._http.close()

    def get(
        self, path: str, params: Optional[Params] = None, *, patience: Optional[float] = None
    ) -> Any:
        """`patience`: how many seconds the answer may take."""
        return self.call("GET", path, params=params, patience=patience)

    def post(
        self,
        path: str,
        body: Any = None,
        params: Optional[Params] = None,
        *,
        patience: Optional[float] = None,
    ) -> Any:
        return self.call("POST", path, body, params, patience=patience)

    def put(self, path: str, body: Any, params: Optional[Params] = None) -> Any:
        return self.call("PUT", path, body, params)

    def patch(self, path: str, body: Any, params: Optional[Params] = None) -> Any:
        return self.call("PATCH", path, body, params)

    def delete(self, path: str, params: Optional[Params] = None) -> Any:
        return self.call("DELETE", path, params=params)

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        params: Optional[Params] = None,
        *,
        patience: Optional[float] = None,
    ) -> Any:
        """The answer's JSON, None for an empty one. Raises ApiError, Unreachable."""
        content: Dict[str, Any] = {} if body is None else {"json": body}
        timeout = httpx.Timeout(_ANSWER_S, connect=_CONNECT_S, read=patience or _ANSWER_S)
        with self._explained():
            response = self._http.request(
                method,
                self.site.url + path,
                params=self._query(params),
                timeout=timeout,
                **content,
            )
        return _answer(response, self.site)

    def text(self, path: str, params: Optional[Params] = None) -> str:
        with self._explained():
            response = self._http.get(self.site.url + path, params=self._query(params))
        if response.status_code >= 300:
            raise _refused(response, self.site)
        return response.text

    def stream_text(self, path: str, params: Optional[Params] = None) -> Iterator[str]:
        """Pieces of text as they come; close the generator to stop."""
        # Logs may be silent for hours.
        with self._streamed(path, params, silence=None) as response:
            yield from response.iter_text()

    @contextmanager
    def download(self, path: str) -> "Iterator[Download]":
        """Pieces of bytes as they come, none of which is kept. Raises ApiError, Unreachable."""
        with self._streamed(path, None, silence=_SILENCE_S) as response:
            length = response.headers.get("content-length", "")
            yield Download(response.iter_raw(_PIECE), int(length) if length.isdigit() else None)

    def events(
        self, path: str, params: Optional[Params] = None, *, last_id: str = ""
    ) -> Iterator[ServerEvent]:
        """Server-sent events after `last_id`, until the service ends them."""
        headers = {"Last-Event-ID": last_id} if last_id else {}
        with self._streamed(path, params, silence=_SILENCE_S, headers=headers) as response:
            yield from parse(response.iter_lines())

    def upload(self, path: str, content: Iterator[bytes], content_type: str, size: int) -> Any:
        headers = {"Content-Type": content_type, "Content-Length": str(size)}
        timeout = httpx.Timeout(_ANSWER_S, connect=_CONNECT_S, write=_SILENCE_S, read=600.0)
        with self._explained():
            response = self._http.post(
                self.site.url + path,
                content=content,
                headers=headers,
                params=self._query(None),
                timeout=timeout,
            )
        return _answer(response, self.site)

    @contextmanager
    def _streamed(
        self,
        path: str,
        params: Optional[Params],
        *,
        silence: Optional[float],
        headers: Optional[Mapping[str, str]] = None,
    ) -> Iterator[httpx.Response]:
        timeout = httpx.Timeout(silence, connect=_CONNECT_S, write=_ANSWER_S, pool=_ANSWER_S)
        url, query = self.site.url + path, self._query(params)
        with self._explained():
            with self._http.stream(
                "GET", url, params=query, headers=headers, timeout=timeout
            ) as response:
                if response.status_code >= 300:
                    response.read()
                    raise _refused(response, self.site)
                yield response

    def _understood(self, response: httpx.Response) -> None:
        """Raises CliError for an answer of a service of another age."""
        problem = misunderstanding(response.headers, self.site.url)
        if problem is not None:
            raise problem

    def _query(self, params: Optional[Params]) -> Dict[str, Any]:
        given = {k: v for k, v in (params or {}).items() if v not in (None, "", [], ())}
        return {**self._params, **given}

    @contextmanager
    def _explained(self) -> Iterator[None]:
        where = origin(self.site.url)
        try:
            yield
        except httpx.ConnectTimeout:
            raise Unreachable(f"{where} does not answer.", hint="Is the address right?") from None
        except httpx.TimeoutException:
            raise Unreachable(f"{where} took too long to answer.", hint="Try again.") from None
        except httpx.ConnectError as error:
            raise Unreachable(
                f"{where} cannot be reached: {error}.", hint="Is the address right, and the Hub up?"
            ) from None
        except httpx.TransportError as error:
            reason = str(error) or type(error).__name__
            raise Unreachable(f"The connection to {where} broke: {reason}.") from None
        except httpx.HTTPError as error:
            raise Unreachable(f"{where} cannot be understood: {error}.") from None


def _headers(token: str) -> Dict[str, str]:
    """Of every request. What httpx says of a value that is no header would repeat the token."""
    headers = {"User-Agent": f"runtiles/{__version__}"}
    if token and not _TOKEN.fullmatch(token):
        raise CliError("The token has characters that no token has.")
    return {**headers, "Authorization": f"token {token}"} if token else headers


def _answer(response: httpx.Response, site: Site) -> Any:
    if response.status_code >= 300:
        raise _refused(response, site)
    if not response.content:
        return None
    try:
        return response.json()
    except ValueError:
        raise not_ours(response.status_code, site.url) from None


def _refused(response: httpx.Response, site: Site) -> CliError:
    target = response.headers.get("location", "")
    return refusal(response.status_code, response.content, site.url, target)


def _trust(site: Site, environ: Mapping[str, str] = os.environ) -> Any:
    """Whose certificates are believed: the machine's; in a runtime also those of JupyterHub's internal_ssl.

    Reading the machine's takes a tenth of a second, for nothing over plain http.
    """
    if urlsplit(site.url).scheme == "http":
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    authority = environ.get("JUPYTERHUB_SSL_CLIENT_CA")
    if not (site.inside and authority):
        return True
    context = ssl.create_default_context(cafile=authority)
    certificate, key = environ.get("JUPYTERHUB_SSL_CERTFILE"), environ.get("JUPYTERHUB_SSL_KEYFILE")
    if certificate and key:
        context.load_cert_chain(certificate, key)
    return context
