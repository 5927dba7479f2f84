"""Archives for containers, and the owners of what is in them."""

import io
import tarfile

import pytest

from runtiles.contract.errors import LaunchFailed
from runtiles.engines.base import ContainerFile, Owner
from runtiles.engines.container_files import archive, resolve_owner, unpack_one

PASSWD = """root:x:0:0:root:/root:/bin/bash
# a comment
broken:x
jovyan:x:1000:100:Jo:/home/jovyan:/bin/bash
"""
GROUP = "root:x:0:\nusers:x:100:jovyan\n"


def test_only_what_is_listed_is_in_it() -> None:
    owner = Owner(1000, 100)
    files = [
        ContainerFile("/run/runtiles", mode=0o700, owner=owner, directory=True),
        ContainerFile("/run/runtiles/token", b"sesame", owner=owner),
    ]
    with tarfile.open(fileobj=io.BytesIO(archive(files))) as tar:
        members = tar.getmembers()
    assert [(m.name, m.isdir(), m.mode, m.uid, m.gid) for m in members] == [
        ("run/runtiles", True, 0o700, 1000, 100),
        ("run/runtiles/token", False, 0o600, 1000, 100),
    ]


def test_a_file_comes_out_again() -> None:
    assert unpack_one(archive([ContainerFile("/etc/passwd", b"root")])) == "root"
    assert unpack_one(archive([ContainerFile("/etc", directory=True)])) == ""


@pytest.mark.parametrize(
    ("user", "owner"),
    [
        ("", Owner(0, 0)),
        ("jovyan", Owner(1000, 100)),
        ("1000", Owner(1000, 100)),
        ("1000:0", Owner(1000, 0)),
        ("jovyan:root", Owner(1000, 0)),
        ("4711", Owner(4711, 0)),
        ("4711:4712", Owner(4711, 4712)),
    ],
)
def test_users_and_groups(user: str, owner: Owner) -> None:
    assert resolve_owner(user, PASSWD, GROUP) == owner


@pytest.mark.parametrize("user", ["ada", "jovyan:ada", "broken"])
def test_unknown_names(user: str) -> None:
    with pytest.raises(LaunchFailed, match="The image has no"):
        resolve_owner(user, PASSWD, GROUP)


def test_an_image_without_users_has_root() -> None:
    assert resolve_owner("", "", "") == Owner(0, 0)
