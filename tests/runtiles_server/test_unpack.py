"""Nothing of an archive ends up outside its folder, whatever is in it."""

import io
import os
import tarfile
from collections.abc import Iterable
from pathlib import Path

import pytest

from runtiles_server.unpack import BadArchive, unpack


def entry(
    name: str, kind: bytes = tarfile.REGTYPE, link: str = "", mode: int = 0o644
) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.mode = kind, link, mode
    info.mtime = 1_700_000_000
    return info


def link(name: str, target: str) -> tarfile.TarInfo:
    return entry(name, tarfile.SYMTYPE, target)


def packed(*entries: tarfile.TarInfo, content: bytes = b"text") -> io.BytesIO:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for info in entries:
            if info.isreg():
                info.size = len(content)
            archive.addfile(info, io.BytesIO(content) if info.isreg() else None)
    out.seek(0)
    return out


def names(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    inside = tmp_path / "inside"
    inside.mkdir()
    return inside


def outside(folder: Path) -> Iterable[Path]:
    return [path for path in folder.parent.iterdir() if path != folder]


def test_files_folders_and_links_come_as_they_were(folder: Path) -> None:
    archive = packed(
        entry(".", tarfile.DIRTYPE),
        entry("./a.txt"),
        entry("empty", tarfile.DIRTYPE),
        entry("deep/er/run.sh", mode=0o755),
        link("deep/to-a", "../a.txt"),
        link("here", "."),
    )
    assert unpack(archive, folder) == 6
    assert names(folder) == {
        "a.txt", "empty", "deep", "deep/er", "deep/er/run.sh", "deep/to-a", "here",
    }  # fmt: skip
    assert (folder / "deep" / "to-a").read_text() == "text"
    assert os.access(folder / "deep/er/run.sh", os.X_OK)
    assert not os.access(folder / "a.txt", os.X_OK) or os.geteuid() == 0
    assert (folder / "a.txt").stat().st_mtime == 1_700_000_000


def test_an_archive_without_entries_is_an_empty_folder(folder: Path) -> None:
    assert unpack(packed(), folder) == 0


@pytest.mark.parametrize("name", ["/etc/evil", "../evil", "a/../../evil", "..", "a/..", "//evil"])
def test_no_name_leads_out(folder: Path, name: str) -> None:
    with pytest.raises(BadArchive, match="no name of a file inside"):
        unpack(packed(entry(name)), folder)
    assert not outside(folder)


@pytest.mark.parametrize(
    "kind", [tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE, tarfile.LNKTYPE]
)
def test_devices_pipes_and_hard_links_are_refused(folder: Path, kind: bytes) -> None:
    with pytest.raises(BadArchive, match="neither a file, a folder nor a link"):
        unpack(packed(entry("x", kind, "/etc/passwd")), folder)


@pytest.mark.parametrize("target", ["/etc/passwd", "..", "../secret", "a/../../secret", "/"])
def test_no_link_leads_out(folder: Path, target: str) -> None:
    with pytest.raises(BadArchive, match="leads out"):
        unpack(packed(link("x", target)), folder)


def test_links_are_followed_to_see_where_they_lead(folder: Path) -> None:
    # To the letter a/b/up/.. is a/b; in truth it is what is above the folder.
    archive = packed(entry("a/b/file"), link("a/b/up", "../.."), link("x", "a/b/up/.."))
    with pytest.raises(BadArchive, match="leads out"):
        unpack(archive, folder)


@pytest.mark.parametrize("target", ["/tmp", "..", "."])
def test_nothing_is_written_through_a_link(folder: Path, target: str) -> None:
    with pytest.raises(BadArchive, match="twice, or below a link"):
        unpack(packed(link("x", target), entry("x/evil")), folder)
    assert not outside(folder)
    assert not (Path("/tmp") / "evil").exists()


@pytest.mark.parametrize(
    "entries",
    [
        [entry("a"), entry("a")],
        [link("a", "b"), entry("a")],
        [entry("a"), link("a", "b")],
        [entry("a"), entry("a/b")],
        [entry("a/b"), entry("a")],
        [link("a", "."), entry("a", tarfile.DIRTYPE)],
    ],
)
def test_no_name_comes_twice(folder: Path, entries: list[tarfile.TarInfo]) -> None:
    with pytest.raises(BadArchive):
        unpack(packed(*entries), folder)


def test_a_bomb_is_stopped(folder: Path) -> None:
    archive = packed(entry("zeros"), content=bytes(2_000_000))
    assert len(archive.getvalue()) < 10_000
    with pytest.raises(BadArchive, match="larger"):
        unpack(archive, folder, max_bytes=1_000_000)
    with pytest.raises(BadArchive, match="more than 2 entries"):
        unpack(packed(entry("a"), entry("b"), entry("c")), folder, max_entries=2)


def test_what_is_torn_or_no_archive_is_named(folder: Path) -> None:
    whole = packed(entry("zeros"), content=os.urandom(100_000)).getvalue()
    for data in (whole[:50_000], b"", b"no archive at all"):
        with pytest.raises(BadArchive, match="cannot be read"):
            unpack(io.BytesIO(data), folder)


def test_no_special_bits_are_taken_over(folder: Path) -> None:
    unpack(packed(entry("x", mode=0o6777)), folder)
    assert (folder / "x").stat().st_mode & 0o6000 == 0
