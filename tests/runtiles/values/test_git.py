"""Git addresses and refs, held against git itself."""

import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runtiles.values.git import GitAddress, check_git_ref, host_allowed, parse_git_url

ACCEPTED = [
    ("https://github.com/fastai/fastbook.git", "https", "github.com"),
    ("https://GitHub.com:443/a/b", "https", "github.com"),
    ("HTTPS://host.example/a", "https", "host.example"),
    ("http://127.0.0.1:8080/a", "http", "127.0.0.1"),
    ("http://[::1]:8080/a", "http", "::1"),
    ("https://host.example./a", "https", "host.example"),
    ("https://host/~user/a%20b.git", "https", "host"),
    ("ssh://git@host:2222/a/b", "ssh", "host"),
    ("git@github.com:a/b.git", "ssh", "github.com"),
    ("git@Host:a", "ssh", "host"),
    ("git://host/a", "git", "host"),
    ("file:///srv/git/a", "file", ""),
]

REFUSED = [
    "",
    " ",
    "github.com/a/b",
    "-u",
    "--upload-pack=touch x",
    "-https://host/a",
    "ext::sh -c id",
    "ext::sh%20-c%20id",
    "fd::17",
    "ext::https://host/a",
    "https::https://host/a",
    "git@ext::sh",
    "javascript://host/a",
    "ftp://host/a",
    "gopher://host/a",
    "https://",
    "https:///a",
    "https://host",
    "https://host/",
    "https://-host/a",
    "https://ho_st/a",
    "https://host:99999/a",
    "https://host:x/a",
    "https://[::1/a",
    "https://hoßt/a",
    "https://host/a?token=x",
    "https://host/a?",
    "https://host/a#x",
    "https://host\\@evil/a",
    "https://host/a b",
    "https://host/a\nb",
    "https://host/a\tb",
    "https://host/\x00",
    "https://host/a\u202e",
    "ssh://-oProxyCommand=id/a",
    "ssh://-u@host/a",
    "ssh://git@-host/a",
    "git@-oProxyCommand=id:a",
    "-x@host:a",
    "git@host:-x",
    "git@host:",
    "host:a/b",
    "/srv/git/a",
    "../a",
    "file://host/a",
    "file://a",
    "C:\\a",
    "https://host/" + "a" * 2000,
]

WITH_CREDENTIALS = [
    "https://user:hunter2@host/a",
    "https://hunter2@host/a",
    "https://:hunter2@host/a",
    "https://@host/a",
    "http://user:hunter2@host/a",
    "ssh://git:hunter2@host/a",
    "git://hunter2@host/a",
    "https://user:hun%40ter2@host/a",
    "https://a@b:hunter2@host/a",
]


@pytest.mark.parametrize(("text", "scheme", "host"), ACCEPTED)
def test_addresses(text: str, scheme: str, host: str) -> None:
    assert parse_git_url(text) == GitAddress(text, scheme, host)


@pytest.mark.parametrize("text", REFUSED)
def test_refuses(text: str) -> None:
    with pytest.raises(ValueError, match=r"must|is not"):
        parse_git_url(text)


@pytest.mark.parametrize("value", [None, 5, [], {}, b"https://host/a"])
def test_refuses_what_is_no_text(value: object) -> None:
    with pytest.raises(ValueError, match="must be the address"):
        parse_git_url(value)


@pytest.mark.parametrize("text", WITH_CREDENTIALS)
def test_credentials_have_fields_of_their_own(text: str) -> None:
    with pytest.raises(ValueError, match="must not contain credentials") as refused:
        parse_git_url(text)
    assert "hunter2" not in str(refused.value)


@given(st.text(max_size=60) | st.text(alphabet="htps:/@.-[]#?\\ %a1\n", max_size=30))
def test_any_text_is_an_address_or_a_value_error(text: str) -> None:
    try:
        address = parse_git_url(text)
    except ValueError:
        return
    assert address.url == text.strip()
    assert not address.url.startswith("-")
    assert address.host == address.host.lower()


@pytest.mark.parametrize(
    ("host", "patterns", "allowed"),
    [
        ("anything", (), True),
        ("github.com", ("github.com",), True),
        ("github.com", ("GitHub.com.",), True),
        ("github.com.evil.io", ("github.com",), False),
        ("evilgithub.com", ("github.com",), False),
        ("evilgithub.com", ("*.github.com",), False),
        ("a.example.org", ("*.example.org",), True),
        ("a.b.example.org", ("*.example.org",), True),
        ("example.org", ("*.example.org",), False),
        (".example.org", ("*.example.org",), False),
        ("a.example.org.evil", ("*.example.org",), False),
        ("b", ("a", "b"), True),
    ],
)
def test_host_patterns(host: str, patterns: tuple[str, ...], allowed: bool) -> None:
    assert host_allowed(host, patterns) is allowed


REFS = [
    *("main", "feature/x", "v1.0", "a" * 40, "HEAD", "refs/heads/main", "a@b", "é", "x.lock.y"),
    *("", "-x", "--all", "@", "/a", "a/", "a//b", "a..b", "a.", ".a", "a/.b", "a.lock", "a.lock/b"),
    *("a b", "a~b", "a^b", "a:b", "a?b", "a*b", "a[b", "a\\b", "a@{b", "a\x7fb", "a\tb", "a\n"),
]


@pytest.mark.parametrize("ref", REFS)
def test_refs_are_those_of_git(ref: str) -> None:
    assert _ours(ref) == _gits(ref)


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="ab./@{~^:?*[\\ -lock\n\x7fé", max_size=8))
def test_any_ref_is_judged_as_git_does(ref: str) -> None:
    assert _ours(ref) == _gits(ref)


@pytest.mark.parametrize("value", [None, 5, [], b"main", "a" * 256, "\ud800"])
def test_refuses_what_is_no_ref(value: object) -> None:
    with pytest.raises(ValueError, match=r"branch, a tag or a commit"):
        check_git_ref(value)


def _ours(ref: str) -> bool:
    try:
        return check_git_ref(ref) == ref
    except ValueError:
        return False


def _gits(ref: str) -> bool:
    if ref.startswith("-"):
        return False  # an option for the command line; a valid name for the plumbing
    argv = ["git", "check-ref-format", "--allow-onelevel", ref]
    return subprocess.run(argv, check=False, capture_output=True).returncode == 0
