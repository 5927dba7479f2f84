"""What docs/howto/vscode.md promises to clients other than VS Code, with nothing but address and token."""

import os
import subprocess
import sys
from typing import Any

import pytest

from tests.integration.site import Person

pytestmark = pytest.mark.engine

_BY_HAND = """
import json, os, uuid
import httpx, websocket

url, token = os.environ["RUNTIME_URL"], os.environ["RUNTIME_TOKEN"]
headers = {"Authorization": f"token {token}"}
kernel = httpx.post(f"{url}api/kernels", headers=headers, json={}).json()["id"]
socket = websocket.create_connection(f"ws{url[4:]}api/kernels/{kernel}/channels", header=headers)
header = {"msg_id": uuid.uuid4().hex, "msg_type": "execute_request", "version": "5.3"}
content = {"code": "import os; print(os.environ['JUPYTERHUB_USER'])"}
socket.send(json.dumps({"header": header, "parent_header": {}, "metadata": {}, "content": content,
                        "channel": "shell"}))
while True:
    message = json.loads(socket.recv())
    if message["msg_type"] == "stream":
        print(message["content"]["text"])
        break
socket.close()
httpx.delete(f"{url}api/kernels/{kernel}", headers=headers)
"""


def access(person: Person) -> dict[str, Any]:
    person.ready("plain")
    with person.api as api:
        made: dict[str, Any] = api.post("/runtimes/lab/access", json={}).json()
    return made


def test_a_program_uses_a_kernel_of_the_runtime(person: Person) -> None:
    made = access(person)
    ran = subprocess.run(
        [sys.executable, "-c", _BY_HAND],
        env={**os.environ, "RUNTIME_URL": made["url"], "RUNTIME_TOKEN": made["token"]},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stderr
    assert person.name in ran.stdout.split()
    assert person.server("api/kernels").json() == []


def test_curl_lists_kernels(person: Person) -> None:
    made = access(person)
    ran = subprocess.run(
        ["curl", "-fsS", "-H", "@-", f"{made['url']}api/kernelspecs"],
        input=f"Authorization: token {made['token']}\n",
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert '"python3"' in ran.stdout, ran.stderr
