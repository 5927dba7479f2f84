"""A kernel of a runtime, over Jupyter's own REST and websocket: the one file that speaks either.

Messages are those of https://jupyter-client.readthedocs.io/en/stable/messaging.html, as JSON.
"""

import json
import ssl
import threading
import time
import uuid
from dataclasses import dataclass, field
from typing import Any, Callable, Dict, Iterator, List, Mapping, Optional
from urllib.parse import quote, urlsplit

import httpx
import websocket

from .errors import CliError

_TIMEOUT_S = 60.0
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
#: A proxy or a network may drop a connection; the server keeps what a kernel says meanwhile.
_RECONNECT_FOR_S = 60.0
_RECONNECT_EVERY_S = 1.0
#: Also before the first attempt: whoever lets us in and throws us out at once is not asked in a loop.
_RECONNECT_FIRST_S = 0.2
_GONE_STATES = ("restarting", "autorestarting", "dead")

Message = Dict[str, Any]


class KernelTrouble(CliError):
    """The server refused, or went away."""

    code = "kernel"


class KernelDied(KernelTrouble):
    """The kernel ended while it ran; what it had in memory is lost."""


@dataclass(frozen=True)
class Address:
    """A Jupyter server: `url` ends in a slash, `token` opens it."""

    url: str
    token: str = field(repr=False)

    @property
    def on_this_machine(self) -> bool:
        return urlsplit(self.url).hostname in _LOOPBACK


@dataclass(frozen=True)
class Result:
    """How a piece of code ended. `error` is the kernel's own (ename, evalue, traceback), or None."""

    count: Optional[int]
    error: Optional[Mapping[str, Any]] = None


class JupyterServer:
    """Its REST API. Raises KernelTrouble for whatever goes wrong."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self._http = httpx.Client(
            base_url=f"{address.url}api/",
            headers={"Authorization": f"token {address.token}"},
            timeout=_TIMEOUT_S,
            trust_env=not address.on_this_machine,
        )

    def close(self) -> None:
        self._http.close()

    def kernelspecs(self) -> Dict[str, Any]:
        """`default`, and `kernelspecs` by name."""
        found: Dict[str, Any] = self._json("GET", "kernelspecs")
        return found

    def start(self, name: str = "") -> str:
        """The id of a new kernel, of this kernelspec or the default one."""
        model: Dict[str, Any] = self._json("POST", "kernels", {"name": name} if name else {})
        return str(model["id"])

    def exists(self, kernel: str) -> bool:
        models: List[Dict[str, Any]] = self._json("GET", "kernels")
        return any(model["id"] == kernel for model in models)

    def interrupt(self, kernel: str) -> None:
        self._json("POST", f"kernels/{quote(kernel, safe='')}/interrupt", {})

    def runtime(self) -> Dict[str, Any]:
        """What the runtime says of itself: `resumed` is the report of its resume, or null."""
        found: Dict[str, Any] = self._json("GET", f"{self.address.url}runtiles/api/runtime")
        return found

    def remove(self, kernel: str) -> None:
        self._json("DELETE", f"kernels/{quote(kernel, safe='')}")

    def _json(self, method: str, path: str, body: Optional[Mapping[str, Any]] = None) -> Any:
        try:
            answer = self._http.request(method, path, json=body)
        except (httpx.HTTPError, OSError) as error:
            raise KernelTrouble(
                f"The runtime at {self.address.url} does not answer ({error}).",
                hint="Is it running, and can it be reached from here?",
            ) from None
        if answer.status_code >= 300:
            raise _refused(answer)
        return answer.json() if answer.content else None


class Kernel:
    """A connection to one kernel. `session` is ours: the server keeps what we miss under it."""

    def __init__(self, server: JupyterServer, kernel: str) -> None:
        self.id = kernel
        self._server = server
        self._session = uuid.uuid4().hex
        self._socket = self._connect()

    def execute(self, code: str, take: Callable[[Message], None]) -> Result:
        """Runs the code; `take` gets each message about its output as it comes.

        Returns when the kernel is done and idle. Raises KernelDied, KernelTrouble.
        """
        request = self._request("execute_request", _execution(code))
        self._send(request)
        reply: Optional[Message] = None
        idle = False
        for message in self._about(request["header"]["msg_id"]):
            kind = message["header"]["msg_type"]
            if kind == "execute_reply":
                reply = message["content"]
            elif kind == "status":
                idle = idle or message["content"]["execution_state"] == "idle"
            else:
                take(message)
            if reply is not None and idle:
                return _result(reply)
        raise AssertionError("messages end by an exception only")

    def interrupt(self) -> None:
        """Returns at once; the request runs beside what waits for the kernel."""
        threading.Thread(target=self._interrupt, name="interrupt", daemon=True).start()

    def close(self) -> None:
        self._socket.close()

    def _interrupt(self) -> None:
        try:
            self._server.interrupt(self.id)
        except KernelTrouble:
            return  # whoever waits for the kernel is told the same

    def _about(self, request_id: str) -> Iterator[Message]:
        """Messages that answer this request, until the kernel is gone."""
        while True:
            message = self._receive()
            if message is None:
                continue
            content = message["content"]
            if content.get("execution_state") in _GONE_STATES:
                raise KernelDied(
                    "The kernel died while it ran.",
                    hint="It may have needed more memory than the machine has: `runtiles logs`.",
                )
            if message["parent_header"].get("msg_id") == request_id:
                yield message

    def _request(self, kind: str, content: Mapping[str, Any]) -> Message:
        header = {
            "msg_id": uuid.uuid4().hex,
            "msg_type": kind,
            "session": self._session,
            "username": "runtiles",
            "version": "5.3",
            "date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        }
        empty: Message = {"parent_header": {}, "metadata": {}, "buffers": []}
        return {**empty, "header": header, "content": dict(content), "channel": "shell"}

    def _send(self, message: Message) -> None:
        try:
            self._socket.send(json.dumps(message))
        except (websocket.WebSocketException, OSError):
            self._reconnect()
            self._socket.send(json.dumps(message))

    def _receive(self) -> Optional[Message]:
        try:
            return decode(self._socket.recv())
        except (websocket.WebSocketException, OSError):
            self._reconnect()
            return None

    def _reconnect(self) -> None:
        deadline = time.monotonic() + _RECONNECT_FOR_S
        time.sleep(_RECONNECT_FIRST_S)
        while True:
            try:
                self._socket.close()
                self._socket = self._connect()
                return
            except KernelTrouble:
                if time.monotonic() > deadline or self._is_gone():
                    raise
            time.sleep(_RECONNECT_EVERY_S)

    def _is_gone(self) -> bool:
        try:
            return not self._server.exists(self.id)
        except KernelTrouble:
            return False

    def _connect(self) -> "websocket.WebSocket":
        address = self._server.address
        host = urlsplit(address.url).hostname
        url = f"ws{address.url[len('http') :]}api/kernels/{quote(self.id, safe='')}/channels"
        try:
            return websocket.create_connection(
                f"{url}?session_id={self._session}",
                header=[f"Authorization: token {address.token}"],
                timeout=_TIMEOUT_S,
                sslopt={"context": ssl.create_default_context()},
                http_no_proxy=[host] if address.on_this_machine else None,
                class_=_Patient,
            )
        except (websocket.WebSocketException, OSError) as error:
            raise KernelTrouble(
                f"The kernel cannot be reached ({_reason(error)}).",
                hint="A proxy in between must let websockets through.",
            ) from None


class _Patient(websocket.WebSocket):
    """A kernel may be silent for hours; only connecting has a limit."""

    def connect(self, url: str, **options: Any) -> None:
        super().connect(url, **options)
        self.settimeout(None)


def decode(data: Any) -> Optional[Message]:
    """A message of the websocket; one with binary parts comes in a frame that lists where they begin.

    None for an empty frame.
    """
    if isinstance(data, bytes) and data[:1] != b"{":
        if len(data) < 8:
            return None
        count = int.from_bytes(data[:4], "big")
        starts = [int.from_bytes(data[4 * i : 4 * i + 4], "big") for i in range(1, count + 1)]
        data = data[starts[0] : starts[1] if count > 1 else None]
    if not data:
        return None
    message: Message = json.loads(data)
    return message


def _execution(code: str) -> Dict[str, Any]:
    # Nobody is there who could answer input(): the kernel then says so at once.
    return {
        "code": code,
        "silent": False,
        "store_history": True,
        "user_expressions": {},
        "allow_stdin": False,
        "stop_on_error": True,
    }


def _result(reply: Mapping[str, Any]) -> Result:
    count = reply.get("execution_count")
    if reply.get("status") == "ok":
        return Result(count)
    if reply.get("status") == "aborted":
        return Result(count, {"ename": "Aborted", "evalue": "", "traceback": []})
    return Result(count, {key: reply.get(key, "") for key in ("ename", "evalue", "traceback")})


def _refused(answer: httpx.Response) -> KernelTrouble:
    if answer.status_code in (401, 403):
        return KernelTrouble("The runtime does not accept the token.")
    if answer.status_code == 404:
        return KernelTrouble("The runtime has no such kernel.", hint="`--kernel` takes its id.")
    try:
        message = str(answer.json()["message"])
    except (ValueError, KeyError, TypeError):
        message = f"HTTP {answer.status_code}"
    return KernelTrouble(f"The runtime answered: {message}.")


def _reason(error: Exception) -> str:
    """Not the text of a refused handshake: it repeats headers and body."""
    status = getattr(error, "status_code", None)
    return f"HTTP {status}" if status else type(error).__name__
