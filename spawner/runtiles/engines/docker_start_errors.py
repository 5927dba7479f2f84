"""Why the engine refused to create or start a container, in words for the person who waits.

The engine answers most of these with 500 and a sentence of its container runtime's, so the text is all
there is to tell them apart; what is not recognized is passed on as the engine said it.
"""

import re
from http import HTTPStatus

import docker.errors

from runtiles.contract.errors import (
    ContainerExited,
    EngineUnavailable,
    LaunchFailed,
    NameTaken,
    NoGpu,
    RuntilesError,
)

from .docker_client import translate


def _any(*words: str) -> re.Pattern[str]:
    return re.compile("|".join(words), re.IGNORECASE)


_NO_DRIVER = _any("could not select device driver", "nvidia-container-cli", "unknown device")
_NO_PROGRAM = _any("executable file not found", "exec format error", r"stat \S+: no such file")
_NO_SPACE = _any("no space left on device", "disk quota exceeded")
_NO_NETWORK = _any(r"network \S+ not found")
_PORT_TAKEN = _any("port is already allocated", "address already in use")


def start_error(error: docker.errors.APIError, container: str) -> RuntilesError:
    """`container` is the name that the container was to have."""
    text = str(error.explanation or error).strip()
    if error.status_code == HTTPStatus.CONFLICT and "name" in text:
        return NameTaken(
            f"A container called {container} exists already and is not one of this hub's.",
            hint="Ask the admin to remove it, or to give this hub another container prefix.",
        )
    for pattern, kind, message, hint in _KNOWN:
        if pattern.search(text):
            return kind(message, hint=hint, log=text)
    translated = translate(error)
    if isinstance(translated, EngineUnavailable):
        return LaunchFailed(
            "The container engine could not start the container.",
            hint="Its own words are below; the admin may know more.",
            log=text,
        )
    return translated


_KNOWN: tuple[tuple[re.Pattern[str], type[LaunchFailed], str, str], ...] = (
    (
        _NO_DRIVER,
        NoGpu,
        "The container engine cannot give a GPU to containers.",
        "The host needs the NVIDIA driver and the NVIDIA Container Toolkit: ask the admin.",
    ),
    (
        _NO_PROGRAM,
        ContainerExited,
        "The container's first program could not be run.",
        "The image may be made for another kind of processor, or its Python was removed.",
    ),
    (
        _NO_SPACE,
        LaunchFailed,
        "The host's disk is full.",
        "Ask the admin to remove unused images, or to make the disk larger.",
    ),
    (
        _NO_NETWORK,
        LaunchFailed,
        "The network that runtimes are to join does not exist.",
        "Ask the admin to create it, or to correct c.DockerSpawner.network_name.",
    ),
    (
        _PORT_TAKEN,
        LaunchFailed,
        "The port that the runtime is to be reached at is taken.",
        "Try again; if it happens twice, another program on the host uses it.",
    ),
)
