"""The record of images that anybody may use."""

import stat
from pathlib import Path

import pytest

from runtiles.engines import open_images
from runtiles.engines.open_images import OpenImages


def test_it_is_about_an_image_in_a_repository(tmp_path: Path) -> None:
    record = OpenImages(tmp_path / "open.json")
    record.add("r/lab/x", "sha256:1")
    assert ("r/lab/x", "sha256:1") in record
    assert ("r/lab/y", "sha256:1") not in record
    assert ("r/lab/x", "sha256:2") not in record


def test_it_outlives_the_process_and_is_the_hubs_own(tmp_path: Path) -> None:
    path = tmp_path / "open.json"
    OpenImages(path).add("r/lab/x", "sha256:1")
    assert ("r/lab/x", "sha256:1") in OpenImages(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("text", ["", "{", '{"a": 1}', "[1, null]", "\x00"])
def test_a_damaged_file_is_an_empty_one(tmp_path: Path, text: str) -> None:
    path = tmp_path / "open.json"
    path.write_text(text)
    record = OpenImages(path)
    assert ("r/lab/x", "sha256:1") not in record
    record.add("r/lab/x", "sha256:1")
    assert ("r/lab/x", "sha256:1") in OpenImages(path)


def test_a_folder_that_cannot_be_written_costs_only_memory(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    record = OpenImages(tmp_path / "missing" / "open.json")
    record.add("r/lab/x", "sha256:1")
    assert ("r/lab/x", "sha256:1") in record
    assert "Cannot keep the record" in caplog.text


def test_the_oldest_go_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(open_images, "_LIMIT", 2)
    record = OpenImages()
    for name in ("a", "b", "c"):
        record.add(name, "sha256:1")
    assert ("a", "sha256:1") not in record
    assert ("c", "sha256:1") in record
