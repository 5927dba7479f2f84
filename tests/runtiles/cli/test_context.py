"""Folders as archives: what goes along, under which name, and what is refused."""

import os
import tarfile
from pathlib import Path

import pytest

from runtiles.cli.context import packed, survey
from runtiles.cli.errors import BadUsage
from runtiles.cli.files import chunks
from runtiles.cli.folder import entries

LIMIT = 10**6


def write(root: Path, name: str, text: str = "x") -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def names(root: Path, *includes: Path) -> list[str]:
    found = entries([root], includes)
    return [entry.name for entry in found if not entry.directory]


def archive(root: Path) -> bytes:
    with packed(survey([root], [], LIMIT)) as file:
        return b"".join(chunks(file))


def test_the_same_folder_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("b.py", "a/c.txt", "a/b.txt", "z"):
        write(tmp_path, name, name)
    (tmp_path / "empty").mkdir()
    first = archive(tmp_path)
    (tmp_path / "z").chmod(0o604)
    assert archive(tmp_path) == first
    write(tmp_path, "z", "other")
    assert archive(tmp_path) != first


def test_what_is_in_the_archive(tmp_path: Path) -> None:
    root = tmp_path / "src"
    write(root, "run.sh", "#!/bin/sh").chmod(0o755)
    write(root, "data/one.txt", "one")
    (root / "link").symlink_to("data/one.txt")
    (tmp_path / "out.tar.gz").write_bytes(archive(root))
    with tarfile.open(tmp_path / "out.tar.gz", "r:gz") as found:
        members = {member.name: member for member in found}
        assert list(members) == ["data", "data/one.txt", "link", "run.sh"]
        assert members["run.sh"].mode == 0o755
        assert members["data/one.txt"].mode == 0o644
        assert members["link"].linkname == "data/one.txt"
        assert {(m.uid, m.gid, m.uname) for m in members.values()} == {(0, 0, "")}
        one = found.extractfile("data/one.txt")
        assert one is not None
        assert one.read() == b"one"


def test_what_is_ignored(tmp_path: Path) -> None:
    for name in ("keep.py", "a.log", "logs/b.log", "logs/keep.log", "build/x", "src/build/y"):
        write(tmp_path, name)
    for name in (".git/config", "src/__pycache__/m.pyc", ".venv/x", "notes.pyc", "data/big.bin"):
        write(tmp_path, name)
    write(tmp_path, ".runtilesignore", "*.log\n!logs/keep.log\n/build/\n# words\n\ndata/**\n")
    assert names(tmp_path) == ["keep.py", "logs/keep.log", "src/build/y"]


def test_what_is_always_ignored_can_be_asked_for(tmp_path: Path) -> None:
    write(tmp_path, ".git/config")
    write(tmp_path, ".runtilesignore", "!.git/\n")
    assert names(tmp_path) == [".git/config"]


def test_included_files_and_folders_keep_their_own_name(tmp_path: Path) -> None:
    root = tmp_path / "src"
    write(root, "main.py")
    file = write(tmp_path, "elsewhere/extra.py")
    write(tmp_path, "lib/pkg/mod.py")
    write(tmp_path, "lib/pkg/__pycache__/mod.pyc")
    assert names(root, file, tmp_path / "lib") == ["extra.py", "lib/pkg/mod.py", "main.py"]


def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    root = tmp_path / "src"
    write(root, "main.py")
    with pytest.raises(BadUsage, match=r"Two files would be 'main\.py'"):
        names(root, write(tmp_path, "other/main.py"))
    write(root, "lib/a.py")
    with pytest.raises(BadUsage, match=r"'lib'"):
        names(root, write(tmp_path, "other/lib"))
    # Two folders of one name are one folder.
    write(tmp_path, "other2/lib/b.py")
    assert names(root, tmp_path / "other2" / "lib") == ["lib/a.py", "lib/b.py", "main.py"]


@pytest.mark.parametrize("target", ["/etc/passwd", "../outside", "sub/../../outside"])
def test_a_link_that_leads_out_is_refused(tmp_path: Path, target: str) -> None:
    root = tmp_path / "src"
    (root / "sub").mkdir(parents=True)
    write(tmp_path, "outside")
    (root / "link").symlink_to(target)
    with pytest.raises(BadUsage, match="outside of the folder"):
        names(root)
    write(root, ".runtilesignore", "link\n")
    write(root, "a")
    assert names(root) == ["a"]


def test_links_inside_of_a_relative_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "sub/a")
    Path("sub/up").symlink_to("../sub/a")
    assert names(Path()) == ["sub/a", "sub/up"]
    Path("sub/out").symlink_to("../../x")
    with pytest.raises(BadUsage):
        names(Path())


def test_what_is_neither_file_nor_folder(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(BadUsage, match="neither a file nor a folder"):
        names(tmp_path)


def test_too_much_names_the_largest_files(tmp_path: Path) -> None:
    for number in range(1, 9):
        write(tmp_path, f"f{number}", "x" * number * 100_000)
    with pytest.raises(BadUsage) as error:
        survey([tmp_path], [], LIMIT)
    text = str(error.value)
    assert "f8 (781 KiB), f7 (684 KiB)" in text
    assert "f1" not in text
    assert "977 KiB" in text


def test_nothing_to_upload(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadUsage, match="no file"):
        survey([tmp_path], [], LIMIT)
    missing = [tmp_path / "none"]
    with pytest.raises(BadUsage, match=r"--context .*: there is no such"):
        survey(missing, [], LIMIT)
    with pytest.raises(BadUsage, match=r"--include .*: there is no such"):
        survey([], missing, LIMIT)
