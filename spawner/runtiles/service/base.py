"""What all handlers share: who asks, JSON in and out, errors in one shape, nothing secret in a log."""

import asyncio
import json
import logging
import time
from collections.abc import AsyncGenerator, Awaitable
from contextlib import aclosing
from http import HTTPStatus
from typing import Any, TypeVar

from jupyterhub.services.auth import HubOAuthenticated
from pydantic import BaseModel, ValidationError
from tornado.iostream import StreamClosedError
from tornado.web import HTTPError, RequestHandler, stream_request_body

from runtiles import __version__
from runtiles.contract.errors import (
    InvalidRequest,
    NotAllowed,
    NotFound,
    RuntilesError,
    ServiceUnavailable,
)
from runtiles.contract.protocol import HEADER_PROTOCOL, HEADER_VERSION, PROTOCOL_VERSION
from runtiles.values.explain import explain

from .access import Caller
from .bodies import json_object
from .context import Context
from .crowd import Crowd
from .errors import TooLarge, Unauthenticated, XsrfFailed, body_of, status_of
from .openapi.routes import methods

#: Of a request's body. The largest honest one is a secret with its 64 KiB.
MAX_BODY = 1024 * 1024
#: Of what is read at all before the connection is closed.
MAX_REQUEST = 100 * MAX_BODY
#: What a stream says that has nothing to say.
STILL_HERE = ": still here\n\n"
#: Of one person: each holds a connection, a log also one to the engine.
_STREAMS = Crowd(200, "streams")
_log = logging.getLogger(__name__)

_Body = TypeVar("_Body", bound=BaseModel)


def default_headers() -> dict[str, str]:
    """Of every answer."""
    return {
        HEADER_PROTOCOL: str(PROTOCOL_VERSION),
        HEADER_VERSION: __version__,
        "Cache-Control": "no-store",
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }


class ServiceHandler(HubOAuthenticated, RequestHandler):
    """Headers, errors and logs; asks nobody who they are."""

    @property
    def context(self) -> Context:
        found: Context = self.settings["context"]
        return found

    def set_default_headers(self) -> None:
        self.clear_header("Server")
        for name, value in default_headers().items():
            self.set_header(name, value)

    def decode_argument(self, value: bytes, name: str | None = None) -> str:
        """A part of the path (no `name`) or a parameter. Raises InvalidRequest for what is no UTF-8 and
        for NUL, which no database takes."""
        try:
            text = super().decode_argument(value, name)
        except HTTPError:
            raise InvalidRequest({(name or "path")[:100]: "is not valid UTF-8"}) from None
        if "\0" not in text:
            return text
        if name is None:
            raise NotFound("There is nothing here.")
        raise InvalidRequest({name[:100]: "must not contain NUL"})

    async def identify(self) -> Caller | None:
        """The caller by header or cookie, None for nobody.

        Raises NotAllowed without the scope for this service, XsrfFailed for a cookie without proof
        that one of our own pages sent the request, ServiceUnavailable when the Hub does not answer.
        """
        try:
            model = await self.hub_auth.get_user(self, sync=False)
        except HTTPError as error:
            raise _translated(error) from error
        if model is None:
            self._explain_refused_cookie()
            return None
        if not self.hub_auth.check_scopes(self.hub_scopes, model):
            raise NotAllowed(
                "This token is not for the Runtiles service.",
                hint="It needs the scope access:services!service=runtiles.",
            )
        header = self.hub_auth.get_token(self, in_cookie=False)
        token = header or self.hub_auth.get_token(self) or ""
        return Caller.from_model(model, token, browser=not header)

    async def ask_hub(self, token: str, *, use_cache: bool = True) -> dict[str, Any] | None:
        """The Hub's model of the token's owner, None for a token it does not know."""
        try:
            model = await self.hub_auth.user_for_token(token, use_cache=use_cache, sync=False)
        except HTTPError as error:
            raise _translated(error) from error
        return dict(model) if model else None

    def _explain_refused_cookie(self) -> None:
        if self.hub_auth.get_token(self, in_cookie=False) or not self.hub_auth.get_token(self):
            return
        try:
            self.check_xsrf_cookie()
        except HTTPError as error:
            raise XsrfFailed(
                "The request has no valid X-XSRFToken header.", hint="Load the page again."
            ) from error

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        error = (kwargs.get("exc_info") or (None, None, None))[1]
        status = status_of(error) if error else status_code
        self.set_status(status)
        if status == HTTPStatus.METHOD_NOT_ALLOWED:
            self.set_header("Allow", ", ".join(methods(type(self))).upper())
        self.finish(body_of(error, status))

    def log_exception(self, _typ: Any, value: BaseException | None, _tb: Any) -> None:
        """With the path only: a query may hold a token."""
        if isinstance(value, (RuntilesError, HTTPError)):
            _log.debug("%s %s: %s", self.request.method, self.request.path, value)
            return
        where = f"{self.request.method} {self.request.path}"
        _log.error("Unforeseen error in %s", where, exc_info=value)


@stream_request_body
class ApiHandler(ServiceHandler):
    """JSON for somebody whom the Hub knows. `caller` is set when a method runs.

    The body is taken in piece by piece: one that is too large costs no memory. It is taken to its end
    also where the answer is known before, because a connection that is closed on somebody who still
    writes loses the answer.
    """

    caller: Caller
    #: Seconds. What a stream says later than this after the last look at its token waits for another.
    look_again = 30.0
    #: Bytes. Of a request that announces more, nothing is read.
    max_request = MAX_REQUEST
    _sending: "asyncio.Task[None] | None" = None

    def initialize(self) -> None:
        self._body = bytearray()
        self._too_large = False
        self._prepared = False

    async def prepare(self) -> None:
        if int(self.request.headers.get("Content-Length") or 0) > self.max_request:
            raise _too_large()
        try:
            caller = await self.identify()
            if caller is None:
                raise Unauthenticated("Nobody is logged in, or the token is not valid (any more).")
            self.caller = caller
        except RuntilesError as error:
            self._refuse(error)
        self._prepared = True

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        if not self._prepared:
            # The body will not be read, so tornado ends the connection. Whoever keeps connections (the
            # proxy does) must know, or the next request on it is lost.
            self.set_header("Connection", "close")
        super().write_error(status_code, **kwargs)

    def _refuse(self, error: RuntilesError) -> None:
        """Answer with this error, whatever the method would have done."""

        def refuse(*_args: str) -> None:
            raise error

        setattr(self, str(self.request.method).lower(), refuse)

    def data_received(self, chunk: bytes) -> Awaitable[None] | None:
        self._too_large = self._too_large or len(self._body) + len(chunk) > MAX_BODY
        if not self._too_large:
            self._body += chunk
        return None

    @property
    def owner(self) -> str:
        """Whose things this request is about: `?user=NAME`, else the caller's own."""
        return self.caller.owner(self.get_query_argument("user", None))

    def flag(self, name: str) -> bool:
        return self.get_query_argument(name, "0") in ("1", "true")

    def raw(self) -> bytes:
        """The body. Raises TooLarge."""
        if self._too_large:
            raise _too_large()
        return bytes(self._body)

    def json_object(self) -> dict[str, Any]:
        """The body, {} for none. Raises InvalidRequest, TooLarge."""
        return json_object(self.raw())

    def body(self, model: type[_Body]) -> _Body:
        """The request's body as this model. Raises InvalidRequest with an entry per bad field."""
        try:
            return model.model_validate(self.json_object())
        except ValidationError as error:
            found = explain(error, model)
            fields = {".".join(map(str, path)) or "body": text for path, text in found.items()}
            raise InvalidRequest(fields) from None

    def answer(self, value: Any) -> None:
        self.set_header("Content-Type", "application/json; charset=utf-8")
        self.finish(json.dumps(value))

    async def stream(self, texts: AsyncGenerator[str, None]) -> None:
        """Sends each text as it comes; ends with the generator, or when nobody listens any more.

        Raises LimitReached for somebody who has very many open.
        """
        with _STREAMS.inside((self.caller.kind, self.caller.name)):
            self._sending = asyncio.create_task(self._send(texts))
            await asyncio.wait({self._sending})
            if not self._sending.cancelled():
                self._sending.result()

    def still_may(self, caller: Caller) -> bool:  # noqa: ARG002 - for those who stream
        """May this one, who was let in, still be told? By what the Hub says of the token now."""
        return True

    async def note(self, action: str, name: str, *, kind: str = "runtime", **details: Any) -> None:
        """To the audit log, where somebody has done this to another one's runtime (or snapshot)."""
        if self.caller.is_user(self.owner):
            return
        target, told = f"{kind}:{self.owner}/{name}", {"ok": True, **details}
        record = self.context.store.audit.record
        try:
            await asyncio.to_thread(record, self.caller.name, f"{kind}.{action}", target, told)
        except ServiceUnavailable as error:
            # It is done all the same.
            _log.error("%s of %s is not in the audit log: %s", action, target, error)

    async def _send(self, texts: AsyncGenerator[str, None]) -> None:
        """A stream may outlive its token, which a logout ends: whoever lost it hears no more."""
        looked = time.monotonic()
        async with aclosing(texts):
            async for text in texts:
                if text != STILL_HERE and time.monotonic() - looked > self.look_again:
                    if not await self._is_welcome():
                        return
                    looked = time.monotonic()
                self.write(text)
                try:
                    await self.flush()
                except StreamClosedError:
                    return

    async def _is_welcome(self) -> bool:
        try:
            model = await self.ask_hub(self.caller.token)
        except ServiceUnavailable:
            return True  # the Hub is away for a moment
        except NotAllowed:
            return False
        caller = self.caller
        return model is not None and self.still_may(
            Caller.from_model(model, caller.token, browser=caller.browser)
        )

    def on_connection_close(self) -> None:
        super().on_connection_close()
        if self._sending is not None:
            self._sending.cancel()


class UnknownHandler(ServiceHandler):
    """Whatever is not in the route table."""

    def prepare(self) -> None:
        raise NotFound("There is nothing here.")


def _too_large() -> TooLarge:
    return TooLarge(f"The request's body has more than {MAX_BODY} bytes.")


def _translated(error: HTTPError) -> RuntilesError:
    if error.status_code >= 500:
        return ServiceUnavailable("The Hub does not answer.", hint="Try again in a moment.")
    return NotAllowed("The Hub refused this request.")
