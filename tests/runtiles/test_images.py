"""Image references: parsed as a whole or not at all."""

import pytest
from docker.auth import resolve_repository_name
from hypothesis import given
from hypothesis import strategies as st

from runtiles.images import ImageRef

HEX = "0123456789abcdef" * 4
DIGEST = f"sha256:{HEX}"

ACCEPTED = [
    # text, registry, repository, tag, digest
    ("python", "docker.io", "library/python", "latest", ""),
    ("python:3.11", "docker.io", "library/python", "3.11", ""),
    ("jupyter/r-notebook", "docker.io", "jupyter/r-notebook", "latest", ""),
    ("docker.io/python", "docker.io", "library/python", "latest", ""),
    ("index.docker.io/a/b:1", "docker.io", "a/b", "1", ""),
    ("nvcr.io/nvidia/pytorch:21.09-py3", "nvcr.io", "nvidia/pytorch", "21.09-py3", ""),
    ("localhost/a", "localhost", "a", "latest", ""),
    ("localhost:5000/a/b", "localhost:5000", "a/b", "latest", ""),
    ("127.0.0.1:5000/a:x", "127.0.0.1:5000", "a", "x", ""),
    ("[::1]:5000/a:x", "[::1]:5000", "a", "x", ""),
    ("GHCR.io/a/b", "ghcr.io", "a/b", "latest", ""),
    (f"a/b@{DIGEST}", "docker.io", "a/b", "", DIGEST),
    (f"a/b:1.0@{DIGEST}", "docker.io", "a/b", "", DIGEST),
    (f"x.io:1/a@sha512:{HEX}{HEX}", "x.io:1", "a", "", f"sha512:{HEX}{HEX}"),
    ("a__b/c.d/e---f:T_.-9", "docker.io", "a__b/c.d/e---f", "T_.-9", ""),
    ("paperspace/fastai:2.0-CUDA9.2-fastbook-v0.1.0",) * 1
    + ("docker.io", "paperspace/fastai", "2.0-CUDA9.2-fastbook-v0.1.0", ""),
]

REFUSED = [
    "",
    " ",
    " python",
    "python ",
    "python\n",
    "Python",
    "a/B",
    "/a",
    "a/",
    "a//b",
    "-a",
    "a-",
    "a..b",
    "a___b",
    "a:",
    "a:b:c",
    "a:-x",
    "a:" + "t" * 129,
    "a:tag\n",
    "a@",
    "a@sha256:123",
    f"a@{DIGEST}0",
    f"a@{DIGEST}@{DIGEST}",
    f"a@md5:{HEX}",
    f"a@{DIGEST.upper()}",
    "http://x.io/a",
    "x.io:/a",
    "x.io:99999/a",
    "x_y.io/a",
    ".io/a",
    "x.io/",
    "--privileged",
    "a;b",
    "a$(b)",
    "a\0b",
    "ä",
    "a/" * 200 + "a",
    HEX,
]


@pytest.mark.parametrize(
    ("text", "registry", "repository", "tag", "digest"), ACCEPTED, ids=[a[0] for a in ACCEPTED]
)
def test_parses(text: str, registry: str, repository: str, tag: str, digest: str) -> None:
    assert ImageRef.parse(text) == ImageRef(registry, repository, tag, digest)


@pytest.mark.parametrize("text", REFUSED)
def test_refuses(text: str) -> None:
    with pytest.raises(ValueError, match=r"must|has"):
        ImageRef.parse(text)


@pytest.mark.parametrize(
    ("text", "canonical", "familiar"),
    [
        ("python", "docker.io/library/python:latest", "python:latest"),
        ("a/b:1", "docker.io/a/b:1", "a/b:1"),
        (f"a/b:1@{DIGEST}", f"docker.io/a/b@{DIGEST}", f"a/b@{DIGEST}"),
        ("x.io/library/a", "x.io/library/a:latest", "x.io/library/a:latest"),
    ],
)
def test_spellings(text: str, canonical: str, familiar: str) -> None:
    image = ImageRef.parse(text)
    assert str(image) == canonical
    assert image.familiar == familiar


@pytest.mark.parametrize("text", [a[0] for a in ACCEPTED])
def test_the_engines_own_client_finds_the_same_registry(text: str) -> None:
    image = ImageRef.parse(text)
    registry, _name = resolve_repository_name(str(image))
    assert registry == image.registry


@pytest.mark.parametrize(
    ("pattern", "text", "covered"),
    [
        ("*", "evil.io/x", True),
        ("jupyter/*", "jupyter/r-notebook", True),
        ("jupyter/*", "jupyter/a/b:1", True),
        ("jupyter/*", "evil.io/jupyter/a", False),
        ("jupyter/*", "jupyter2/a", False),
        ("docker.io/jupyter/*", "jupyter/a", True),
        ("python", "python:3.11", True),
        ("python", f"python@{DIGEST}", True),
        ("python:3.*", "python:3.11", True),
        ("python:3.*", "python:4.1", False),
        ("python:3.*", f"python@{DIGEST}", False),
        (f"a/b@{DIGEST}", f"a/b:1@{DIGEST}", True),
        ("python", "me/python", False),
        ("python*", "pythonx/evil", False),
        ("nvcr.io/nvidia/*", "nvcr.io/nvidia/pytorch:1", True),
        ("nvcr.io/nvidia/*", "nvcr.io.evil.io/nvidia/x", False),
        ("*.example.org/*", "a.example.org/x", True),
        ("*.example.org/*", "evil.io/a.example.org/x", False),
        ("*.example.org/*", "evil.io/x.example.org/y/z", False),
        ("localhost:5000/*", "localhost:5000/a", True),
        ("localhost:5000/*", "localhost:5001/a", False),
        ("*/python", "me/python", True),
        ("*/python", "evil.io/me/python", False),
    ],
)
def test_patterns(pattern: str, text: str, covered: bool) -> None:
    assert ImageRef.parse(text).matches([pattern]) is covered


def test_no_pattern_covers_nothing() -> None:
    assert not ImageRef.parse("python").matches([])


@given(st.text(max_size=40) | st.text(alphabet="ab./:@-_0A", max_size=30))
def test_what_is_accepted_is_its_own_normal_form(text: str) -> None:
    try:
        image = ImageRef.parse(text)
    except ValueError:
        return
    assert ImageRef.parse(str(image)) == image
    assert ImageRef.parse(image.familiar) == image
    assert text.isascii()
    assert bool(image.tag) != bool(image.digest)


def test_a_hostile_name_takes_no_time() -> None:
    with pytest.raises(ValueError, match="must"):
        ImageRef.parse("a" + "-a" * 250 + "!")
