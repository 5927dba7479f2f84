"""The command that changes the key, beside a Hub and a service that run."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from runtiles.store import KeyFile, Store, load_key
from runtiles.store.keys import key_lines
from tests.runtiles.service.conftest import Person, ServiceHub


def run(
    *arguments: str, environ: Mapping[str, str] | None = None
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "runtiles.service", "rotate-key", *arguments],
        capture_output=True,
        text=True,
        env=environ or {},
        timeout=60,
    )


def settings(folder: Path) -> dict[str, str]:
    return {
        "RUNTILES_KEY_FILE": str(folder / "key"),
        "RUNTILES_STORE_URL": f"sqlite:///{folder}/runtiles.sqlite",
    }


def test_hub_and_service_go_on_without_a_restart(ann: Person, service: ServiceHub) -> None:
    ann.api.put("/secrets/before", json={"value": "canary-91"})
    before = key_lines((service.folder / "key").read_bytes())
    done = run("--drop-old", environ=settings(service.folder))
    assert (done.returncode, done.stderr) == (0, "")
    assert "no longer in the file" in done.stdout
    (key,) = key_lines((service.folder / "key").read_bytes())
    assert key not in before
    assert ann.api.put("/secrets/after", json={"value": "canary-92"}).status_code == 204
    environment = {"BEFORE": "secret:before", "AFTER": "secret:after", "A_TOKEN": "canary-93"}
    ann.launch(tile="quick", name="default", environment=environment)
    ann.wait_for("default", "running")
    latest = service.store.launches.latest(ann.name, "")
    assert latest is not None
    with service.client(ann.server_token()) as runtime:
        spec = runtime.get("/launch-spec/default", params={"launch": latest.id}).json()
    assert spec["environment"] == {
        "BEFORE": "canary-91",
        "AFTER": "canary-92",
        "A_TOKEN": "canary-93",
    }


def test_the_words_are_for_a_person(tmp_path: Path) -> None:
    environ = settings(tmp_path)
    store = Store(environ["RUNTILES_STORE_URL"], KeyFile(tmp_path / "key"))
    store.secrets.put("ann", "x", "canary-94")
    store.close()
    done = run(environ=environ)
    assert done.stdout == (
        "1 secret is encrypted with a new key.\n"
        "Older keys are still in the file; --drop-old takes them out.\n"
    )
    keys = key_lines(load_key(tmp_path / "key"))
    assert len(keys) == 2
    assert not any(key.decode() in done.stdout + done.stderr for key in keys)


def test_what_no_key_opens_is_named_and_the_exit_code_tells(tmp_path: Path) -> None:
    environ = settings(tmp_path)
    store = Store(environ["RUNTILES_STORE_URL"], load_key(tmp_path / "other"))
    store.secrets.put("ann", "x", "canary-95")
    store.close()
    load_key(tmp_path / "key")
    done = run(environ=environ)
    assert done.returncode == 1
    assert "user ann: x" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "--key-file"),
        (("--key-file", "{}/none", "--store-url", "sqlite:///{}/s.sqlite"), "no key file"),
        (("--key-file", "{}/key", "--store-url", "postgresql://u:hunter2@h/d"), "with a password"),
    ],
)
def test_bad_usage_changes_nothing(tmp_path: Path, arguments: tuple[str, ...], words: str) -> None:
    before = load_key(tmp_path / "key")
    done = run(*(argument.format(tmp_path) for argument in arguments))
    assert done.returncode == 2
    assert words in done.stderr
    assert "hunter2" not in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["key"]
    assert load_key(tmp_path / "key") == before


def test_a_store_that_cannot_be_used_is_explained(tmp_path: Path) -> None:
    before = load_key(tmp_path / "key")
    done = run("--key-file", str(tmp_path / "key"), "--store-url", "sqlite:////no/such/folder/s")
    assert (done.returncode, done.stdout) == (1, "")
    assert "cannot be" in done.stderr
    assert load_key(tmp_path / "key") == before
