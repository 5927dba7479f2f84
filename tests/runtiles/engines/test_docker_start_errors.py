"""What the engine answers when it refuses a start, with the texts of real engines."""

import docker.errors
import pytest
import requests

from runtiles.engines.docker_start_errors import start_error


def refused(status: int, text: str) -> docker.errors.APIError:
    response = requests.Response()
    response.status_code = status
    return docker.errors.APIError(text, response=response, explanation=text)


@pytest.mark.parametrize(
    ("status", "text", "code"),
    [
        (
            409,
            'Conflict. The container name "/lab" is already in use by container "1"',
            "name_taken",
        ),
        (500, 'could not select device driver "nvidia" with capabilities: [[gpu]]', "no_gpu"),
        (
            400,
            'OCI runtime create failed: exec: "/opt/runtiles/bin/python": stat '
            "/opt/runtiles/bin/python: no such file or directory: unknown",
            "container_exited",
        ),
        (500, "mkdir /var/lib/docker/overlay2/x: no space left on device", "launch_failed"),
        (404, "network lab not found", "launch_failed"),
        (
            500,
            "driver failed: Bind for 127.0.0.1:80 failed: port is already allocated",
            "launch_failed",
        ),
        (500, "something new", "launch_failed"),
    ],
)
def test_a_refusal_is_recognized(status: int, text: str, code: str) -> None:
    error = start_error(refused(status, text), "lab")
    assert error.code == code
    assert error.hint
    assert error.message


def test_an_unknown_refusal_is_passed_on_as_the_engine_said_it() -> None:
    assert "something new" in getattr(start_error(refused(500, "something new"), "lab"), "log", "")
