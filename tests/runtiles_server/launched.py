"""A launcher as a real process, and questions to the server that it becomes."""

import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tornado.httpclient import HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

from runtiles.contract.events import LaunchEvent
from tests.fixtures.hub import free_ports
from tests.runtiles_server.pretend_hub import TOKEN, PretendHub
from tests.runtiles_server.told import events, of_kind

PREFIX = "/user/ann/"
CONTROL_KEY = "c0" * 32
_PATIENCE_S = 60.0


@dataclass
class Launched:
    """`workspace` and `storage` are the same ones for every launch of a test."""

    process: "subprocess.Popen[str]"
    port: int
    storage: Path
    token_file: Path
    lines: list[str] = field(default_factory=list)

    @property
    def workspace(self) -> Path:
        return self.storage / "workspaces" / "default"

    @classmethod
    def start(cls, hub: PretendHub, folder: Path, environ: dict[str, str]) -> "Launched":
        home, storage, token_file = folder / "home", folder / "storage", folder / "token"
        for place in (home, storage):
            place.mkdir(exist_ok=True)
        token_file.write_text(TOKEN)
        port = free_ports(1)[0]
        process = subprocess.Popen(
            [sys.executable, "-m", "runtiles_server.launch"],
            cwd=folder,
            env={**_environment(hub, port, home, storage, token_file), **environ},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        launched = cls(process, port, storage, token_file)
        reader = threading.Thread(target=launched._read, daemon=True)
        reader.start()
        launched._reader = reader
        return launched

    _reader: threading.Thread = field(default_factory=threading.Thread, repr=False)

    def _read(self) -> None:
        assert self.process.stdout is not None
        with contextlib.suppress(ValueError):
            self.lines.extend(line.rstrip("\n") for line in self.process.stdout)

    # -- what it says -----------------------------------------------------------------------------

    @property
    def output(self) -> str:
        return "\n".join(self.lines)

    @property
    def events(self) -> list[LaunchEvent]:
        return events(self.lines)

    def of_kind(self, kind: str) -> list[LaunchEvent]:
        return of_kind(kind, self.events)

    def wait_for(self, text: str) -> None:
        self._wait(lambda: text in self.output, f"{text!r} in the output")

    # -- the server -------------------------------------------------------------------------------

    def wait_ready(self) -> None:
        self._wait(lambda: self._status("api") is not None, "an answer of the server")

    def get(
        self, path: str, token: str | None = TOKEN, post: object = None
    ) -> tuple[int, dict[str, str], str]:
        """Status, headers and body; no redirect is followed. A POST when there is something to post."""
        method, body = ("GET", None) if post is None else ("POST", json.dumps(post))
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Authorization": f"token {token}"} if token else {}
        try:
            connection.request(method, PREFIX + path, body=body, headers=headers)
            response = connection.getresponse()
            return response.status, dict(response.getheaders()), response.read().decode()
        finally:
            connection.close()

    def call(self, method: str, path: str, body: object = None, key: str = "") -> tuple[int, Any]:
        """Our own interface, with the control key: status and answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Authorization": f"Runtiles {key or CONTROL_KEY}"}
        data = None if body is None else json.dumps(body)
        try:
            connection.request(method, f"{PREFIX}runtiles/api/{path}", body=data, headers=headers)
            response = connection.getresponse()
            text = response.read().decode()
            return response.status, json.loads(text) if text else None
        finally:
            connection.close()

    def json(self, path: str, post: object = None) -> Any:
        status, _, body = self.get(path, post=post)
        assert status in (200, 201), (status, body, self.output)
        return json.loads(body)

    async def run_in_kernel(self, code: str, kernel: str = "") -> str:
        """What `code` prints in this kernel, or in a new one."""
        kernel = kernel or self.json("api/kernels", {})["id"]
        url = f"ws://127.0.0.1:{self.port}{PREFIX}api/kernels/{kernel}/channels"
        request = HTTPRequest(
            url, headers={"Authorization": f"token {TOKEN}"}, connect_timeout=60, request_timeout=60
        )
        connection = await websocket_connect(request)
        try:
            request_id = uuid.uuid4().hex
            await connection.write_message(json.dumps(_execute_request(code, request_id)))
            return await _printed(connection, request_id)
        finally:
            hang_up(connection)

    def _status(self, path: str) -> int | None:
        try:
            return self.get(path, token=None)[0]
        except (OSError, http.client.HTTPException):
            return None

    # -- its end ----------------------------------------------------------------------------------

    def terminate(self) -> tuple[int, float]:
        """SIGTERM; the exit code and how long it took."""
        started = time.monotonic()
        self.process.terminate()
        code = self.wait()
        return code, time.monotonic() - started

    def kill(self) -> None:
        """As an engine does that loses patience: everything at once."""
        for pid in [*self.children(), self.process.pid]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.wait()

    def wait(self) -> int:
        code = self.process.wait(_PATIENCE_S)
        self._reader.join(5)
        return code

    def end(self) -> None:
        if self.process.poll() is None:
            self.kill()
        assert self.process.stdout is not None
        self.process.stdout.close()

    def children(self) -> list[int]:
        """All processes that it started, and theirs."""
        return descendants(self.process.pid)

    def _wait(self, true: Any, what: str) -> None:
        deadline = time.monotonic() + _PATIENCE_S
        while not true():
            assert self.process.poll() is None, f"ended before {what}:\n{self.output}"
            assert time.monotonic() < deadline, f"no {what}:\n{self.output}"
            time.sleep(0.01)


def _execute_request(code: str, request_id: str) -> dict[str, Any]:
    header = {"msg_id": request_id, "msg_type": "execute_request", "session": "s", "username": "ann",
              "version": "5.3"}  # fmt: skip
    content = {"code": code, "silent": False, "store_history": False, "user_expressions": {},
               "allow_stdin": False}  # fmt: skip
    return {"channel": "shell", "header": header, "parent_header": {}, "metadata": {},
            "content": content}  # fmt: skip


async def _printed(connection: WebSocketClientConnection, request_id: str) -> str:
    """Until the kernel is idle again: output and reply come by different roads."""
    printed = ""
    while True:
        message = json.loads(await connection.read_message() or "{}")
        content, mine = message["content"], message["parent_header"].get("msg_id") == request_id
        assert message["msg_type"] != "error", content
        if mine and message["msg_type"] == "stream":
            printed += content["text"]
        if mine and message["msg_type"] == "status" and content["execution_state"] == "idle":
            return printed


def hang_up(connection: Any) -> None:
    """The socket, too, is closed before the loop is gone."""
    stream = connection.protocol.stream if connection.protocol else None
    connection.close()
    if stream is not None:
        stream.close()


def descendants(pid: int) -> list[int]:
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                parents.setdefault(int(fields[1]), []).append(int(entry.name))
    found, waiting = [], [pid]
    while waiting:
        children = parents.get(waiting.pop(), [])
        found += children
        waiting += children
    return found


def ends(pid: int, within: float = 20) -> bool:
    """Does it end by itself? A killed process is still there for a moment."""
    deadline = time.monotonic() + within
    while alive(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not alive(pid)


def alive(pid: int) -> bool:
    """Running, not merely waiting to be reaped."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _environment(
    hub: PretendHub, port: int, home: Path, storage: Path, token_file: Path
) -> dict[str, str]:
    """As the spawner sets it: nothing secret."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "JUPYTERHUB_API_URL": f"{hub.url}/hub/api",
        "JUPYTERHUB_ACTIVITY_URL": f"{hub.url}/hub/api/users/ann/activity",
        "JUPYTERHUB_BASE_URL": "/",
        "JUPYTERHUB_CLIENT_ID": "jupyterhub-user-ann",
        "JUPYTERHUB_HOST": "",
        "JUPYTERHUB_OAUTH_CALLBACK_URL": f"{PREFIX}oauth_callback",
        "JUPYTERHUB_OAUTH_ACCESS_SCOPES": '["access:servers!server=ann/"]',
        "JUPYTERHUB_OAUTH_SCOPES": '["access:servers!server=ann/"]',
        "JUPYTERHUB_SERVER_NAME": "",
        "JUPYTERHUB_SERVICE_PREFIX": PREFIX,
        "JUPYTERHUB_SERVICE_URL": f"http://127.0.0.1:{port}{PREFIX}",
        "JUPYTERHUB_USER": "ann",
        "RUNTILES_LAUNCH_ID": "7",
        "RUNTILES_LAUNCH_URL": hub.launch_url,
        "RUNTILES_STORAGE_DIR": str(storage),
        "RUNTILES_TOKEN_FILE": str(token_file),
        "RUNTILES_WORKSPACE_DIR": str(storage / "workspaces" / "default"),
        "RUNTILES_SERVICE_PATIENCE": "1",
    }
