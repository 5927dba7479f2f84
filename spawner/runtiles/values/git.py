"""Addresses of git repositories and names of refs.

Whoever can choose the address could otherwise choose a transport that runs a program (`ext::`),
reads the host's disk (`file://`) or passes for an option (a leading `-`).
"""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

_MAX_LENGTH = 2000
_MAX_REF = 255
_SCHEMES = ("https", "http", "ssh", "git", "file")
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})*\.?|\[[0-9A-Fa-f:.]+\]|[0-9A-Fa-f]*:[0-9A-Fa-f:.]+")
_USER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_SCP = re.compile(r"(?P<user>[^@:/]+)@(?P<host>[^@:/]+):(?P<path>.+)")
# git-check-ref-format(1), rules 4, 5, 8 and 10; control characters are refused before.
_REF_REFUSED = re.compile(r"[ ~^:?*\[\\]|\.\.|@\{|//")


@dataclass(frozen=True)
class GitAddress:
    """A repository's address. `host` is lower case without a port, empty for `file`."""

    url: str
    scheme: str
    host: str


def parse_git_url(value: object) -> GitAddress:
    """A URL with a scheme, or `user@host:path` (then the scheme is ssh).

    Says nothing about what the site allows. Raises ValueError without repeating the address.
    """
    text = value.strip() if isinstance(value, str) else None
    if not text or len(text) > _MAX_LENGTH:
        raise ValueError(f"must be the address of a git repository, up to {_MAX_LENGTH} characters")
    if any(c.isspace() or not c.isprintable() or c == "\\" for c in text):
        raise ValueError("must not contain spaces, backslashes or control characters")
    if text.startswith("-"):
        raise ValueError("must not start with '-'")
    if "://" in text:
        return _with_scheme(text)
    return _scp_like(text)


def check_git_ref(value: object) -> str:
    """A branch, a tag or a commit, by the rules of git-check-ref-format. Raises ValueError."""
    if not isinstance(value, str) or not 0 < len(value.encode(errors="replace")) <= _MAX_REF:
        raise ValueError(f"must be a branch, a tag or a commit, up to {_MAX_REF} characters")
    if not _is_ref(value):
        raise ValueError("is no name that git accepts for a branch, a tag or a commit")
    return value


def host_allowed(host: str, patterns: tuple[str, ...]) -> bool:
    """Exact names, or `*.example.org` for everything below example.org. No patterns: any host."""
    return not patterns or any(_matches(host, pattern.lower()) for pattern in patterns)


def _with_scheme(text: str) -> GitAddress:
    try:
        parts = urlsplit(text)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        raise ValueError("is not a valid URL") from None
    if parts.scheme not in _SCHEMES:
        raise ValueError("must start with https://")
    _check_userinfo(parts.scheme, parts.username, parts.password, parts.netloc)
    if parts.query or parts.fragment or "?" in text or "#" in text:
        raise ValueError("must not contain '?' or '#'; credentials go into username and password")
    if parts.scheme == "file":
        if host or not parts.path.startswith("/"):
            raise ValueError("a file:// address must be an absolute path without a host")
    elif not _HOST.fullmatch(host):
        raise ValueError("must name a host of ASCII letters, digits, '-' and '.'")
    if len(parts.path) < 2:
        raise ValueError("must name a repository after the host")
    return GitAddress(url=text, scheme=parts.scheme, host=host.rstrip("."))


def _check_userinfo(scheme: str, user: str | None, password: str | None, netloc: str) -> None:
    # With ssh the user is part of the address (`git@`), and a key logs in, not a password.
    if scheme == "ssh" and user and password is None and _USER.fullmatch(user):
        return
    if "@" in netloc or user is not None or password is not None:
        raise ValueError(
            "must not contain credentials; use the username and password fields of the workspace"
        )


def _scp_like(text: str) -> GitAddress:
    match = _SCP.fullmatch(text)
    if not match:
        raise ValueError("must start with https://")
    user, host, path = match["user"], match["host"], match["path"]
    if not _USER.fullmatch(user) or not _HOST.fullmatch(host) or path.startswith(("-", ":")):
        raise ValueError("must look like https://host/path or user@host:path")
    return GitAddress(url=text, scheme="ssh", host=host.lower().rstrip("."))


def _is_ref(name: str) -> bool:
    if name.startswith(("-", "/")) or name.endswith(("/", ".")) or name == "@":
        return False
    # The last range: lone surrogates, which no command line can carry.
    if re.search(r"[\0-\x20\x7f\ud800-\udfff]", name) or _REF_REFUSED.search(name):
        return False
    return not any(part.startswith(".") or part.endswith(".lock") for part in name.split("/"))


def _matches(host: str, pattern: str) -> bool:
    if pattern.startswith("*."):
        return host.endswith(pattern[1:]) and len(host) > len(pattern) - 1
    return host == pattern.rstrip(".")
