"""The one door to the Docker API: threads, the connection, and the translation of what it raises.

Nothing else calls docker-py from the event loop. Control calls run on one pool of threads; whatever
may take long (a stop, a removal, reading a stream) runs on another, so that no pull, build, log or
slow stop can keep a start waiting.
"""

import asyncio
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from http import HTTPStatus
from typing import Any, TypeVar

import docker
import docker.errors
import docker.utils
import requests
import requests.exceptions
import urllib3.exceptions

from runtiles.contract.errors import (
    Conflict,
    EngineUnavailable,
    LaunchFailed,
    NotFound,
    RuntilesError,
)

_T = TypeVar("_T")

_NO_ANSWER = (
    requests.exceptions.ConnectionError,
    requests.exceptions.Timeout,
    requests.exceptions.ChunkedEncodingError,
    urllib3.exceptions.HTTPError,
    docker.errors.DockerException,
    OSError,
)


class DockerDoor:
    """A lazily connected `docker.APIClient`: an engine that is down today may answer tomorrow."""

    def __init__(
        self,
        client_kwargs: Mapping[str, Any] | None = None,
        *,
        control_threads: int = 16,
        stream_threads: int = 256,
    ) -> None:
        """`client_kwargs` go to docker.APIClient; None reads DOCKER_HOST and friends."""
        given = docker.utils.kwargs_from_env() if client_kwargs is None else client_kwargs
        self._kwargs: dict[str, Any] = {
            "version": "auto",
            "timeout": 60,
            "max_pool_size": control_threads + stream_threads,
            **given,
        }
        self._client: docker.APIClient | None = None
        self._connecting = threading.Lock()
        self._control = ThreadPoolExecutor(control_threads, "runtiles-docker")
        self._streams = ThreadPoolExecutor(stream_threads, "runtiles-docker-stream")

    def client(self) -> docker.APIClient:
        """The connected client. Blocks: call it on a worker thread."""
        with self._connecting:
            if self._client is None:
                self._client = docker.APIClient(**self._kwargs)
            return self._client

    def request(self, method: str, path: str, **options: Any) -> requests.Response:
        """A request to the engine's REST API, where docker-py gives no handle to the answer.

        Blocks. `options` as for requests; an error status is not raised.
        """
        client = self.client()
        return client.request(method, f"{client.base_url}/v{client.api_version}{path}", **options)

    async def call(self, work: Callable[[docker.APIClient], _T]) -> _T:
        """A short call, on a control thread, errors translated."""
        return await self._run(self._control, work)

    async def call_slow(self, work: Callable[[docker.APIClient], _T]) -> _T:
        """A call that may take seconds, errors translated."""
        return await self._run(self._streams, work)

    async def raw(self, method: str, *args: Any, **kwargs: Any) -> Any:
        """One method of docker.APIClient, on a control thread, with docker-py's own errors.

        For code written against docker-py (DockerSpawner). An engine that does not answer is still
        EngineUnavailable: callers of docker-py take its other errors for "no such container".
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._control, lambda: self._raw(method, args, kwargs))

    def start_thread(self, work: Callable[[], None]) -> "asyncio.Future[None]":
        """Runs a stream's reader."""
        return asyncio.get_running_loop().run_in_executor(self._streams, work)

    def close(self) -> None:
        """Threads end when what they do ends; idle connections are closed."""
        self._control.shutdown(wait=False, cancel_futures=True)
        self._streams.shutdown(wait=False, cancel_futures=True)
        with self._connecting:
            if self._client is not None:
                self._client.close()

    async def _run(self, pool: Executor, work: Callable[[docker.APIClient], _T]) -> _T:
        def translated() -> _T:
            try:
                return work(self.client())
            except Exception as error:
                raise translate(error) from error

        return await asyncio.get_running_loop().run_in_executor(pool, translated)

    def _raw(self, method: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        try:
            return getattr(self.client(), method)(*args, **kwargs)
        except docker.errors.APIError:
            raise
        except _NO_ANSWER as error:
            raise translate(error) from error


def translate(error: BaseException) -> RuntilesError:
    """What docker-py, requests or urllib3 raised, as an error of ours.

    A daemon's internal error (5xx) is EngineUnavailable: it says nothing about a container's state.
    """
    if isinstance(error, RuntilesError):
        return error
    if isinstance(error, docker.errors.APIError):
        return api_error(error.status_code or 500, str(error.explanation or error))
    if isinstance(error, docker.errors.InvalidVersion):
        return EngineUnavailable(
            f"The container engine is too old: {error}.", hint="Update it to Docker 20.10 or later."
        )
    return EngineUnavailable("The container engine does not answer.", hint=_hint(error))


def api_error(status: int, text: str) -> RuntilesError:
    """The engine's answer with this HTTP status, as an error of ours."""
    reason = text.strip().rstrip(".") + "."
    if status == HTTPStatus.NOT_FOUND:
        return NotFound(reason)
    if status == HTTPStatus.CONFLICT:
        return Conflict(reason)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return EngineUnavailable(f"The container engine reported an error: {reason}")
    return LaunchFailed(f"The container engine refused: {reason}")


def _hint(error: BaseException) -> str:
    causes = _chain(error)
    if any(isinstance(cause, PermissionError) for cause in causes):
        return "The Hub's user may not open the engine's socket: add it to the group `docker`."
    if any(isinstance(cause, FileNotFoundError | ConnectionRefusedError) for cause in causes):
        return "Nothing listens at its address: start it, or set DOCKER_HOST for the Hub."
    if any(isinstance(cause, requests.exceptions.SSLError) for cause in causes):
        return "Its TLS certificate is not accepted: check the engine's TLS settings of the Hub."
    return "It may be restarting or overloaded: try again, then look at the engine's own log."


def _chain(error: BaseException) -> list[BaseException]:
    """The error and all that it came from; urllib3 keeps some only as an argument or a reason."""
    found: list[BaseException] = []
    waiting: list[object] = [error]
    while waiting:
        one = waiting.pop()
        if isinstance(one, BaseException) and one not in found:
            found.append(one)
            waiting += [one.__cause__, one.__context__, getattr(one, "reason", None), *one.args]
    return found
