"""What all handlers of ours share: who may ask, bodies, and errors."""

import hmac
import json
from typing import Any, Dict, NoReturn, Optional

from jupyter_server.auth import User
from jupyter_server.base.handlers import APIHandler
from jupyter_server.utils import ensure_async
from tornado.web import HTTPError

from runtiles.contract.errors import InvalidRequest, NotFound, RuntilesError
from runtiles.contract.state import CONTROL_SCHEME

from .failures import body_of, status_of
from .runtime import Runtime

#: Where the server's settings keep the Runtime.
SETTING = "runtiles_runtime"


class Handler(APIHandler):
    """Open to whoever the Hub lets in, and to the service with the control key of this launch.

    A request with the key is no browser's: neither XSRF nor the authorizer is asked.
    """

    auth_resource = "runtiles"
    by_service = False

    @property
    def runtime(self) -> Runtime:
        runtime: Runtime = self.settings[SETTING]
        return runtime

    async def prepare(self, **_options: Any) -> None:
        if self._has_control_key():
            self.by_service = True
            self._track_activity = False
            self.current_user = self._jupyter_current_user = User("runtiles")
            return
        await super().prepare()
        if self.current_user is None:
            raise HTTPError(403)
        action = "read" if self.request.method in ("GET", "HEAD", "OPTIONS") else "write"
        allowed = self.authorizer.is_authorized(self, self.current_user, action, self.auth_resource)
        if not await ensure_async(allowed):
            raise HTTPError(403)

    def check_xsrf_cookie(self) -> None:
        if not self.by_service:
            super().check_xsrf_cookie()

    def _has_control_key(self) -> bool:
        key = self.runtime.keys.control
        scheme, _, given = self.request.headers.get("Authorization", "").partition(" ")
        if not key or scheme != CONTROL_SCHEME:
            return False
        return hmac.compare_digest(given.strip().encode(), key.encode())

    def body(self) -> Dict[str, Any]:
        """The request's JSON object; an empty body is an empty one. Raises InvalidRequest."""
        try:
            body = json.loads(self.request.body or b"{}")
        except ValueError:
            raise InvalidRequest({"body": "is no JSON"}) from None
        if not isinstance(body, dict):
            raise InvalidRequest({"body": "is no object"})
        return body

    def answer(self, data: Any, status: int = 200) -> None:
        self.set_status(status)
        self.finish(json.dumps(data))

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        error: Optional[BaseException] = (kwargs.get("exc_info") or (None, None, None))[1]
        if isinstance(error, RuntilesError):
            status_code = status_of(error)
        self.set_status(status_code)
        self.finish(json.dumps(body_of(error, status_code)))

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        """A refusal is no fault of the server: one line is enough."""
        if isinstance(value, RuntilesError):
            self.log.info("%s %s: %s", self.request.method, self.request.path, value.code)
        else:
            super().log_exception(typ, value, tb)


class UnknownHandler(Handler):
    """Whatever this version does not have."""

    def _unknown(self, *_args: Any) -> NoReturn:
        raise NotFound("This runtime has no such thing.")

    get = head = post = put = patch = delete = _unknown
