"""The decisions of `make run`; that it runs is in tests/integration/test_make_run.py."""

import os
import socket
import stat
from pathlib import Path

import pytest

from scripts import run


def test_the_default_ports_are_jupyterhubs_own() -> None:
    assert run.hub_ports(8000) == {
        "the pages": 8000,
        "the proxy": 8001,
        "the Hub": 8081,
        "the service": 8181,
    }


@pytest.mark.parametrize("port", [0, 65400, 70000])
def test_a_port_without_room_for_the_others_is_refused(port: int) -> None:
    with pytest.raises(run.CannotRun, match="choose a number"):
        run.hub_ports(port)


def test_a_taken_port_is_named_with_the_way_out() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(run.CannotRun, match=rf"{port} \(for the pages\) is taken.*PORT="):
            run.check_ports({"the pages": port})


def test_a_port_that_was_just_given_back_is_free() -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        port = server.getsockname()[1]
    run.check_ports({"the pages": port})


def test_two_hubs_never_share_a_state(tmp_path: Path) -> None:
    with run.lock(tmp_path), pytest.raises(run.CannotRun, match="RUNTILES_STATE_DIR"):
        run.lock(tmp_path)
    run.lock(tmp_path).close()


def test_the_password_is_made_once_and_private(tmp_path: Path) -> None:
    first = run.password(tmp_path)
    assert len(first) >= 12
    assert run.password(tmp_path) == first
    (file,) = tmp_path.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("wanted", "version", "spawner", "words"),
    [
        (None, "27.1", "runtiles", "containers (Docker 27.1)"),
        (None, None, "runtiles-process", "no isolation"),
        ("runtiles-process", "27.1", "runtiles-process", "no isolation"),
        ("runtiles-process", None, "runtiles-process", "make engine"),
    ],
)
def test_containers_where_an_engine_answers(
    monkeypatch: pytest.MonkeyPatch,
    wanted: str | None,
    version: str | None,
    spawner: str,
    words: str,
) -> None:
    _set(monkeypatch, "RUNTILES_SPAWNER", wanted)
    chosen, sentence = run.choose_spawner(version)
    assert chosen == spawner
    assert words in sentence


def test_containers_are_not_silently_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNTILES_SPAWNER", "runtiles")
    with pytest.raises(run.CannotRun, match="No Docker engine answers"):
        run.choose_spawner(None)


def test_the_hub_finds_the_proxy_and_its_own_environment_first(tmp_path: Path) -> None:
    environment = run.hub_environment(8000, tmp_path, "runtiles")
    first, second, *_ = environment["PATH"].split(os.pathsep)
    assert first == str(run.ROOT / "build" / "proxy" / "bin")
    assert (Path(second) / "python").exists()
    assert environment["RUNTILES_STATE_DIR"] == str(tmp_path)


@pytest.mark.parametrize("port", ["", "eighty", "-1", "8e3"])
def test_a_port_is_a_number(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, port: str
) -> None:
    monkeypatch.setenv("RUNTILES_STATE_DIR", str(tmp_path))
    monkeypatch.setenv("PORT", port or "0")
    assert run.main() == 1
    assert f"PORT={port or '0'}" in capsys.readouterr().err


def _set(monkeypatch: pytest.MonkeyPatch, name: str, value: str | None) -> None:
    if value is None:
        monkeypatch.delenv(name, raising=False)
    else:
        monkeypatch.setenv(name, value)
