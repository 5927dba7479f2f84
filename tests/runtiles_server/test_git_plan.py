import pytest

from runtiles.contract.spec import WorkspaceSpec
from runtiles_server.git_plan import (
    Attempt,
    attempts,
    clone_arguments,
    environment,
    misleading,
    options,
    short_names,
    source,
    tips,
)

SHA = "0123456789abcdef0123456789abcdef01234567"


@pytest.mark.parametrize(
    ("ref", "kinds"),
    [
        ("", [Attempt("clone", "")]),
        ("main", [Attempt("clone", "main")]),
        ("refs/heads/a/b", [Attempt("clone", "a/b")]),
        ("refs/tags/v1", [Attempt("clone", "v1")]),
        ("refs/pull/7/head", [Attempt("fetch", "refs/pull/7/head")]),
        (SHA, [Attempt("fetch", SHA), Attempt("search", SHA, None)]),
        (SHA.upper(), [Attempt("fetch", SHA), Attempt("search", SHA, None)]),
        (
            "0123abc",
            [
                Attempt("clone", "0123abc"),
                Attempt("tip", "0123abc"),
                Attempt("search", "0123abc", None),
            ],
        ),
        ("abc", [Attempt("clone", "abc")]),
    ],
)
def test_attempts(ref: str, kinds: list[Attempt]) -> None:
    assert attempts(ref) == kinds


def test_the_url_is_the_last_but_one_argument_and_never_an_option() -> None:
    arguments = clone_arguments("https://h/x", Attempt("clone", "v1"), "/w")
    assert arguments[-3:] == ["--", "https://h/x", "/w"]
    assert "--branch=v1" in arguments
    assert "--depth=1" in arguments
    assert "--no-recurse-submodules" in arguments
    assert "--template=" in arguments


def test_credentials_leave_the_url() -> None:
    where = source(WorkspaceSpec(url="https://ann:pw%40@example.org:8443/x.git"))
    assert where.url == "https://example.org:8443/x.git"
    assert (where.username, where.password) == ("ann", "pw@")


def test_fields_win_over_the_url() -> None:
    where = source(WorkspaceSpec(url="https://a:b@example.org/x", username="ann", password="pw\n"))
    assert (where.username, where.password) == ("ann", "pw")


def test_only_the_child_knows_the_password() -> None:
    where = source(WorkspaceSpec(url="https://example.org/x", password="hunter22"))
    assert "hunter22" not in " ".join(options(where))
    variables = environment(where, "/empty")
    assert variables["RUNTILES_GIT_PASSWORD"] == "hunter22"
    # Hosts that take a token as password want some user name.
    assert variables["RUNTILES_GIT_USERNAME"]
    assert variables["GIT_ALLOW_PROTOCOL"] == "https"
    assert variables["GIT_TERMINAL_PROMPT"] == "0"
    assert variables["HOME"] == "/empty"


def test_a_helper_answers_for_one_host_only() -> None:
    where = source(WorkspaceSpec(url="https://example.org:1/x", username="a", password="b"))
    assert any(o.startswith("credential.https://example.org:1.helper=!") for o in options(where))
    assert not any("credential" in o for o in options(source(WorkspaceSpec(url="https://h/x"))))


def test_ssh_where_the_site_allows_it() -> None:
    for url in ("git@example.org:x.git", "ssh://git@example.org/x.git"):
        assert source(WorkspaceSpec(url=url, protocols=("https", "ssh"))).url == url


@pytest.mark.parametrize("password", ["a\nb", "a\0b", "a\rb"])
def test_a_line_break_in_a_password(password: str) -> None:
    with pytest.raises(ValueError, match="line break"):
        source(WorkspaceSpec(url="https://h/x", password=password))


def test_misleading_variables() -> None:
    names = ["GIT_DIR", "GIT_SSL_CAINFO", "GITHUB_TOKEN", "GIT_CONFIG_COUNT", "PATH"]
    assert misleading(names) == ["GIT_DIR", "GIT_CONFIG_COUNT"]


def test_listings() -> None:
    listing = (
        f"ref: refs/heads/trunk\tHEAD\n{SHA}\tHEAD\n{SHA}\trefs/heads/trunk\n"
        "01ff\trefs/tags/v1\n01ff\trefs/tags/v1^{}\n01ff\trefs/pull/1/head\n"
    )
    assert short_names(listing) == ("trunk", ["trunk", "v1"])
    assert tips(listing, "0123") == [SHA]
    assert len(tips(listing, "01")) == 2
