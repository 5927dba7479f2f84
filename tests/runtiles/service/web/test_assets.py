"""Static files: one version for all of them, and nothing in them that a page may not do."""

import re
from pathlib import Path

import pytest

from runtiles.service.web.assets import FOLDER, assets, read_assets

SCRIPTS = sorted(FOLDER.glob("*.js"))
STYLES = sorted(FOLDER.glob("*.css"))


def test_the_version_changes_with_any_file(tmp_path: Path) -> None:
    one, two = tmp_path / "a.js", tmp_path / "b.css"
    one.write_text("1")
    two.write_text("2")
    first = read_assets([one, two])
    assert read_assets([two, one]).version == first.version
    two.write_text("3")
    assert read_assets([one, two]).version != first.version
    assert read_assets([one]).version != first.version


def test_only_what_pages_are_made_of_is_served(tmp_path: Path) -> None:
    for name in ("a.js", "b.py", "c.html", ".d"):
        (tmp_path / name).write_text("x")
    assert list(read_assets(tmp_path.iterdir()).files) == ["a.js"]


def test_a_file_that_is_not_there_is_a_slip_in_a_template() -> None:
    assert assets().path("base.css").endswith("/base.css")
    with pytest.raises(KeyError):
        assets().path("nothing.css")


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_scripts_write_text_never_html(path: Path) -> None:
    forbidden = (
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|srcdoc"
    )
    assert not re.search(forbidden, path.read_text())


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_a_module_imports_what_is_there(path: Path) -> None:
    for name in re.findall(r'from "\./([^"]+)"', path.read_text()):
        assert name in assets().files


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_one_file_calls_the_service(path: Path) -> None:
    if path.name != "api.js":
        assert not re.search(r"\bfetch\(|XMLHttpRequest|EventSource|WebSocket", path.read_text())


@pytest.mark.parametrize("path", [*SCRIPTS, *STYLES], ids=lambda path: path.name)
def test_nothing_is_asked_of_another_host(path: Path) -> None:
    # A name of the web's, not an address.
    text = path.read_text().replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"""["'`(]https?://[a-z0-9]|@import|url\(""", text)
