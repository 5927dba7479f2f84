"""Example notebooks and mount targets."""

import pytest

from runtiles.values.paths import check_example, check_mount_target


@pytest.mark.parametrize(
    ("value", "example"),
    [
        ("", ""),
        ("intro.ipynb", "intro.ipynb"),
        ("a/./b//c d.ipynb", "a/b/c d.ipynb"),
        ("https://host/x.ipynb?raw=1", "https://host/x.ipynb?raw=1"),
    ],
)
def test_examples(value: str, example: str) -> None:
    assert check_example(value) == example


@pytest.mark.parametrize(
    "value",
    [
        *("/etc/passwd", "../x", "a/../../x", "~/x", "a\\b", "a\nb", "file:///etc/passwd", "x://y"),
        *("javascript://x/%0aalert(1)", "https://u:p@host/x", "https://", "https://[::1", 5, None),
    ],
)
def test_refused_examples(value: object) -> None:
    with pytest.raises(ValueError, match=r"must|is not"):
        check_example(value)


@pytest.mark.parametrize("target", ["/data", "/data/shared-1", "/home/jovyan/data", "/opt/models"])
def test_targets(target: str) -> None:
    assert check_mount_target(target) == target


@pytest.mark.parametrize(
    "target",
    [
        *(
            "",
            "/",
            "data",
            "/data/",
            "/a/../b",
            "//a",
            "/a,b",
            "/a:b",
            "/a b",
            "/etc",
            "/etc/x",
            "/run",
        ),
        *("/storage", "/storage/x", "/run/runtiles", "/opt/runtiles/bin", "/proc/1", "/dev/shm"),
        *("/usr/bin", "/lib64", "/a/..", "/.."),
    ],
)
def test_refused_targets(target: str) -> None:
    with pytest.raises(ValueError, match="must"):
        check_mount_target(target)
