"""Asks an image which Pythons it has, by running it for a moment: no network, nothing mounted."""

import re
from typing import Any

import docker
import docker.errors
import docker.types
import requests.exceptions

from runtiles.contract.errors import LayerFailed

from .layer_probe import CANDIDATES, CODE, SCRIPT, Python, parse

_TIMEOUT = 60
_NOT_THERE = re.compile(r"no such file or directory|executable file not found|permission denied")


def probe(client: docker.APIClient, image_id: str, name: str) -> list[Python]:
    """Blocks for a fraction of a second. Raises LayerFailed when the image cannot be run at all."""
    try:
        output = _run(client, image_id, ["/bin/sh", "-c", SCRIPT, "sh", CODE])
        if output is None:
            outputs = (_run(client, image_id, [path, "-c", CODE]) for path in CANDIDATES)
            output = "\n".join(text for text in outputs if text)
    except requests.exceptions.Timeout as error:
        raise LayerFailed(f"{name} did not say which Python it has in {_TIMEOUT} s.") from error
    if "exec format error" in output:
        raise LayerFailed(
            f"{name} is made for another processor than this host's.",
            hint="Choose a tag for this processor, or one for several.",
        )
    return parse(output)


def _run(client: docker.APIClient, image_id: str, command: list[str]) -> str | None:
    """What the command printed; None when the image has no such executable."""
    container = client.create_container(**_description(client, image_id, command))["Id"]
    try:
        client.start(container)
        client.wait(container, timeout=_TIMEOUT)
        return bytes(client.logs(container)).decode(errors="replace")
    except docker.errors.APIError as error:
        text = str(error.explanation)
        if "exec format error" in text:
            return text
        if _NOT_THERE.search(text):
            return None
        raise
    finally:
        client.remove_container(container, force=True, v=True)


def _description(client: docker.APIClient, image_id: str, command: list[str]) -> dict[str, Any]:
    return {
        "image": image_id,
        "entrypoint": command[:1],
        "command": command[1:],
        "user": "0:0",
        "working_dir": "/",
        "healthcheck": {"test": ["NONE"]},
        "host_config": client.create_host_config(
            network_mode="none",
            security_opt=["no-new-privileges"],
            pids_limit=256,
            # The answer is read from the log, whatever driver the host prefers.
            log_config=docker.types.LogConfig(type="json-file"),
        ),
    }
