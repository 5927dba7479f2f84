"""Reads containers' logs: a tail at once, or lines as they come."""

from collections import deque
from collections.abc import AsyncGenerator

import docker
import docker.errors

from runtiles.contract.errors import NotFound, RuntilesError

from .docker_client import DockerDoor, api_error
from .docker_stream import EngineStream, RefusedError
from .log_text import Frames, Lines

#: Nobody reads more than the last part of a log at once; the whole of it may be gigabytes.
_MOST = 4 * 1024 * 1024


async def read_log(
    door: DockerDoor, container_id: str, tail: int | None, since: float | None
) -> str:
    """The last lines (at most 4 MiB) as text; '' for a container that is gone."""
    try:
        plain = await _has_terminal(door, container_id)
    except NotFound:
        return ""
    parameters = {"tail": "all" if tail is None else str(tail)}
    if since is not None:
        parameters["since"] = f"{since:.6f}"
    frames, kept, size = Frames(plain=plain), deque[bytes](), 0
    try:
        async with _stream(door, container_id, parameters) as stream:
            while data := await stream.read():
                kept.append(frames.feed(data))
                size += len(kept[-1])
                while size - len(kept[0]) > _MOST:
                    size -= len(kept.popleft())
    except RefusedError as error:
        return _unreadable(error)
    return b"".join(kept).decode(errors="replace")


async def follow_log(door: DockerDoor, container_id: str) -> AsyncGenerator[str, None]:
    """Every line from the first on, until the container ends."""
    try:
        frames, lines = Frames(plain=await _has_terminal(door, container_id)), Lines()
        async with _stream(door, container_id, {"follow": "1"}) as stream:
            while data := await stream.read():
                for line in lines.feed(frames.feed(data)):
                    yield line
        for line in lines.end():
            yield line
    except NotFound:
        return
    except RefusedError as error:
        if text := _unreadable(error):
            yield text


def _stream(door: DockerDoor, container_id: str, parameters: dict[str, str]) -> EngineStream:
    both = {"stdout": "1", "stderr": "1"}
    return EngineStream(door, "GET", f"/containers/{container_id}/logs", params=both | parameters)


async def _has_terminal(door: DockerDoor, container_id: str) -> bool:
    def look(client: docker.APIClient) -> bool:
        return bool(client.inspect_container(container_id)["Config"]["Tty"])

    return await door.call(look)


def _unreadable(error: RefusedError) -> str:
    """'' when the container is gone; what the engine says when its log driver cannot be read."""
    translated: RuntilesError = api_error(error.status, error.text)
    if isinstance(translated, NotFound):
        return ""
    if "logging driver" in error.text or "log driver" in error.text:
        return f"(The log cannot be read: {error.text.strip()})"
    raise translated from error
