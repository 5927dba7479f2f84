"""What a build prints."""

import pytest

from runtiles.engines.layer_output import LayerOutput, build_error
from runtiles.engines.layer_program import STEP


def test_steps_packages_and_the_rest() -> None:
    output = LayerOutput()
    lines = [
        STEP + "Creating the environment",
        "Collecting tornado>=6.2 (from jupyterlab)",
        "  Downloading tornado-6.5-cp39.whl (443 kB)",
        "",
        "\x1b[33mWARNING: something\x1b[0m",
    ]
    events = [event for line in lines if (event := output.take(line))]
    assert [(event.kind, event.message) for event in events] == [
        ("log", "Creating the environment"),
        ("progress", "Installing tornado>=6.2"),
        ("log", "WARNING: something"),
    ]
    assert all(event.phase == "preparing" for event in events)
    assert output.tail.splitlines() == [
        "Creating the environment",
        "Collecting tornado>=6.2 (from jupyterlab)",
        "WARNING: something",
    ]


def test_only_the_tail_is_kept() -> None:
    output = LayerOutput()
    for i in range(500):
        output.take(f"line {i}")
    assert output.tail.splitlines()[-1] == "line 499"
    assert len(output.tail.splitlines()) < 100


@pytest.mark.parametrize(
    ("tail", "hint"),
    [
        ("ERROR: No matching distribution found for jupyterlab>=4", "newer Python"),
        ("SSLError(SSLCertVerificationError(1, 'CERTIFICATE_VERIFY_FAILED", "CA bundle"),
        ("Failed to establish a new connection: Connection refused", "cannot reach"),
        ("OSError: [Errno 28] No space left on device", "disk is full"),
        ("error: command '/usr/bin/gcc' failed with exit code 1", "compiler"),
        ("exec /usr/bin/python3: exec format error", "another processor"),
        ("Something new", "last lines"),
    ],
)
def test_what_failed_and_what_to_do(tail: str, hint: str) -> None:
    error = build_error("lab/x:1", f"{tail}\nInstalling the launcher's packages failed.")
    assert error.message == (
        "The launcher could not be added to lab/x:1: Installing the launcher's packages failed."
    )
    assert hint in error.hint
    assert tail in error.log


def test_the_engines_own_reason() -> None:
    error = build_error("lab/x:1", "", "no space left on device")
    assert "lab/x:1: no space left on device." in error.message
