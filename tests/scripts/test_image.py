"""What makes an image stale, and the images themselves where an engine answers."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from runtiles.contract import protocol
from scripts import engine, image


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / "docker").mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE", "docker/Dockerfile"):
        shutil.copy(image.ROOT / name, tmp_path / name)
    for folder in ("spawner", "server_extension"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "module.py").write_text("x = 1\n")
    return tmp_path


def test_equal_sources_have_equal_digests(checkout: Path) -> None:
    before = image.digest("base", checkout)
    (checkout / "spawner" / "__pycache__").mkdir()
    (checkout / "spawner" / "__pycache__" / "module.pyc").write_bytes(b"compiled")
    (checkout / "tests").mkdir()
    (checkout / "tests" / "test_module.py").write_text("")
    assert image.digest("base", checkout) == before


@pytest.mark.parametrize(
    "changed", ["pyproject.toml", "docker/Dockerfile", "docker/certificates.crt", "spawner/new.py"]
)
def test_a_changed_source_changes_the_digest(checkout: Path, changed: str) -> None:
    before = image.digest("base", checkout)
    (checkout / changed).write_text("changed")
    assert image.digest("base", checkout) != before


def test_another_base_changes_the_digest(checkout: Path) -> None:
    assert image.digest("one", checkout) != image.digest("other", checkout)


def test_bad_certificates_are_refused_before_the_build(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("EXTRA_CA", str(tmp_path / "none.crt"))
    with pytest.raises(image.BuildFailed, match="are not there"):
        image.copy_certificates(tmp_path)
    (tmp_path / "text.crt").write_text("hello")
    monkeypatch.setenv("EXTRA_CA", str(tmp_path / "text.crt"))
    with pytest.raises(image.BuildFailed, match="no PEM certificate"):
        image.copy_certificates(tmp_path)


def test_named_certificates_go_before_those_of_pip(
    monkeypatch: pytest.MonkeyPatch, checkout: Path
) -> None:
    monkeypatch.delenv("EXTRA_CA", raising=False)
    (checkout / image.CERTIFICATES).parent.mkdir()
    for name in ("PIP_CERT", "EXTRA_CA"):
        monkeypatch.setenv(name, str(checkout / name))
        (checkout / name).write_text(f"{name}\n-----BEGIN CERTIFICATE-----\n")
        image.copy_certificates(checkout)
        assert (checkout / image.CERTIFICATES).read_text().startswith(name)


def test_an_unknown_image_is_bad_usage() -> None:
    with pytest.raises(SystemExit) as stopped:
        image.main(["perl"])
    assert stopped.value.code == 2


@pytest.fixture(scope="module")
def python_image() -> str:
    if engine.version() is None:
        pytest.skip("no engine answers")
    assert image.main(["--if-changed", "python"]) == 0
    return image.IMAGES["python"]


def docker(*arguments: str) -> str:
    return subprocess.run(
        ["docker", *arguments], check=True, capture_output=True, text=True
    ).stdout.strip()


@pytest.mark.engine
def test_an_image_is_built_once_per_source(python_image: str) -> None:
    assert image.missing_or_stale(["python"]) == []
    before = docker("image", "inspect", "--format", "{{.Id}}", python_image)
    assert image.main(["--if-changed", "python"]) == 0
    assert docker("image", "inspect", "--format", "{{.Id}}", python_image) == before


@pytest.mark.engine
def test_the_image_says_that_it_has_a_launcher(python_image: str) -> None:
    config: dict[str, Any] = json.loads(docker("image", "inspect", python_image))[0]["Config"]
    assert config["Labels"][protocol.LABEL_PROTOCOL] == str(protocol.PROTOCOL_VERSION)
    python = config["Labels"][protocol.LABEL_PYTHON]
    docker("run", "--rm", "--network", "none", python_image, python, "-c", "import runtiles_server")
    assert config["Cmd"], "stock DockerSpawner needs a command"


@pytest.mark.engine
@pytest.mark.parametrize("user", ["root", "runner", "4321"])
def test_any_user_can_run_it_and_install_into_it(python_image: str, user: str) -> None:
    script = "jupyter lab --version && touch $(dirname $(command -v jupyter))/../lib/mine && id -u"
    ran = docker(
        *("run", "--rm", "--network", "none", "--cap-drop", "ALL", "--user", user),
        *(python_image, "sh", "-c", script),
    )
    assert ran.splitlines()[-1] == {"root": "0", "runner": "1000"}.get(user, user)


@pytest.mark.engine
def test_nothing_is_compiled_when_a_server_starts(python_image: str) -> None:
    script = "import jupyterhub.singleuser.extension, jupyterlab.labapp, runtiles_server"
    loaded = subprocess.run(
        ["docker", "run", "--rm", "--network", "none", python_image, "python", "-v", "-c", script],
        capture_output=True,
        text=True,
        check=True,
    ).stderr
    assert [line for line in loaded.splitlines() if "# wrote" in line] == []


@pytest.mark.engine
def test_pips_settings_are_in_no_layer(python_image: str) -> None:
    history = docker("history", "--no-trunc", "--format", "{{.CreatedBy}}", python_image)
    assert "PIP_" not in history
