"""Which git commands bring a workspace, in which order. Pure: no process is started here."""

import re
from dataclasses import dataclass
from typing import Dict, Iterable, List, Optional, Tuple
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit

from runtiles.contract.spec import WorkspaceSpec

from .report import Problem

#: Hooks off, whatever a repository brings. A peer that sends nothing for a minute has gone.
_ALWAYS = (
    "core.hooksPath=/dev/null",
    "advice.detachedHead=false",
    "gc.auto=0",
    "http.lowSpeedLimit=1",
    "http.lowSpeedTime=60",
    # On a volume whose owner is not the user of the container.
    "safe.directory=*",
)
#: Answers from the environment of this one git process, and only for the host of the workspace's URL
#: (a redirect to another host gets nothing). Nothing secret in argv, in a file or in .git/config.
_HELPER = (
    '!f() { test "$1" = get && '
    'printf "username=%s\\npassword=%s\\n" "$RUNTILES_GIT_USERNAME" "$RUNTILES_GIT_PASSWORD"; }; f'
)
#: Many hosts take a token as password and any user name but an empty one.
_ANY_USERNAME = "git"
#: The variables of git that the image may set for us; all others (GIT_DIR ...) could mislead.
_GIT_PASSED = ("GIT_SSL_CAINFO", "GIT_SSL_CAPATH", "GIT_SSL_NO_VERIFY", "GIT_HTTP_USER_AGENT")

_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_SHORT_COMMIT = re.compile(r"[0-9a-f]{4,63}")
_SCP_LIKE = re.compile(r"(?:[\w.-]+@)?[\w.-]+:(?!//)\S+")
_REF = re.compile(r"(?!-)[^\s~^:?*\[\\\x00-\x1f\x7f]{1,250}")


@dataclass(frozen=True)
class Source:
    """A workspace to clone. `url` is clean: no user name or password in it."""

    url: str
    ref: str
    username: str
    password: str
    protocols: Tuple[str, ...]

    @property
    def has_credentials(self) -> bool:
        return bool(self.username or self.password)


@dataclass(frozen=True)
class Attempt:
    """One way to the files. `kind`: `clone` (ref is a branch, a tag or ""), `fetch` (ref is what the
    server is asked for), `tip` (ref is the beginning of a commit that some ref may point at),
    `search` (clone everything, then look for ref).
    """

    kind: str
    ref: str
    depth: Optional[int] = 1


def attempts(ref: str) -> List[Attempt]:
    """In the order to try. The next one is for when this one's ref is not there, or is refused."""
    lowered = ref.lower()
    if ref.startswith(("refs/heads/", "refs/tags/")):
        return [Attempt("clone", ref.split("/", 2)[2])]
    if ref.startswith("refs/"):
        return [Attempt("fetch", ref)]
    if _COMMIT.fullmatch(lowered):
        return [Attempt("fetch", lowered), Attempt("search", lowered, depth=None)]
    if _SHORT_COMMIT.fullmatch(lowered):
        return [
            Attempt("clone", ref),
            Attempt("tip", lowered),
            Attempt("search", lowered, depth=None),
        ]
    return [Attempt("clone", ref)]


def source(spec: WorkspaceSpec) -> Source:
    """The checked source. Raises ValueError with words for a person."""
    if _SCP_LIKE.fullmatch(spec.url):
        url, scheme, inline = spec.url, "ssh", ("", "")
    else:
        url, scheme, inline = _split(spec.url)
    if scheme not in spec.protocols:
        allowed = ", ".join(spec.protocols)
        raise ValueError(f"A workspace may not come by {scheme!r} here, only by {allowed}.")
    if spec.ref and not _REF.fullmatch(spec.ref):
        raise ValueError(f"{spec.ref!r} cannot be the name of a branch, a tag or a commit.")
    username = (spec.username or inline[0]).strip()
    password = (spec.password or inline[1]).strip("\r\n")
    if any(c in username + password for c in "\r\n\0"):
        raise ValueError("The user name or the password of the workspace has a line break in it.")
    return Source(url, spec.ref, username, password, spec.protocols)


def _split(url: str) -> Tuple[str, str, Tuple[str, str]]:
    parts = urlsplit(url)
    # "ext::sh -c ..." and a plain path have no host; git would find its own meaning for them.
    if not parts.scheme or not parts.hostname or "::" in url.split("//", 1)[0]:
        raise ValueError(f"{_shown(parts)!r} is not a URL of a git repository.")
    if parts.scheme == "ssh":
        # The user name is part of the address there.
        return url, parts.scheme, ("", "")
    host = parts.netloc.rpartition("@")[2]
    clean = urlunsplit(parts._replace(netloc=host))
    return clean, parts.scheme, (unquote(parts.username or ""), unquote(parts.password or ""))


def _shown(parts: SplitResult) -> str:
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def options(where: Source) -> List[str]:
    """What goes between `git` and its command."""
    settings = list(_ALWAYS)
    if where.has_credentials and not _SCP_LIKE.fullmatch(where.url):
        parts = urlsplit(where.url)
        settings.append(f"credential.{parts.scheme}://{parts.netloc}.helper={_HELPER}")
    return [part for setting in settings for part in ("-c", setting)]


def environment(where: Source, home: str) -> Dict[str, str]:
    """What is added for git: no configuration but ours, no prompt, no protocol but the allowed ones.

    `home` is an empty folder: a credential helper in the user's configuration could store the password.
    """
    variables = {
        "HOME": home,
        "XDG_CONFIG_HOME": home,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "",
        "SSH_ASKPASS": "",
        "GIT_ALLOW_PROTOCOL": ":".join(where.protocols),
        "GIT_SSH_COMMAND": "ssh -oBatchMode=yes -oStrictHostKeyChecking=accept-new",
    }
    if where.has_credentials:
        variables["RUNTILES_GIT_USERNAME"] = where.username or _ANY_USERNAME
        variables["RUNTILES_GIT_PASSWORD"] = where.password
    return variables


def misleading(environ: Iterable[str]) -> List[str]:
    """The variables that git must not see from us."""
    return [name for name in environ if name.startswith("GIT_") and name not in _GIT_PASSED]


def clone_arguments(url: str, attempt: Attempt, target: str) -> List[str]:
    arguments = ["clone", "--progress", "--template=", "--no-recurse-submodules"]
    if attempt.kind == "clone" and attempt.ref:
        arguments.append(f"--branch={attempt.ref}")
    if attempt.depth is not None:
        arguments.append(f"--depth={attempt.depth}")
    return [*arguments, "--", url, target]


def tips(listing: str, start: str) -> List[str]:
    """The commits of an `ls-remote` listing that begin with `start`."""
    commits = {line.split("\t")[0] for line in listing.splitlines() if "\t" in line}
    return sorted(commit for commit in commits if commit.startswith(start))


def short_names(listing: str) -> Tuple[str, List[str]]:
    """The default branch, and all branches and tags, of an `ls-remote --symref` listing."""
    default, names = "", []
    for line in listing.splitlines():
        left, _, name = line.partition("\t")
        if name == "HEAD" and left.startswith("ref: refs/heads/"):
            default = left[len("ref: refs/heads/") :]
        elif name.startswith(("refs/heads/", "refs/tags/")) and not name.endswith("^{}"):
            names.append(name.split("/", 2)[2])
    return default, names


def invalid(error: ValueError) -> Problem:
    return Problem("workspace_invalid", str(error), "Check the workspace URL and ref.")
