"""What git says, in words for the person who waits for the files."""

import difflib
import re
from typing import List, NamedTuple, Pattern, Sequence, Tuple

from .report import Problem


class _Rule(NamedTuple):
    pattern: Pattern[str]
    code: str
    message: str
    hint: str


def _rule(pattern: str, code: str, message: str, hint: str) -> _Rule:
    return _Rule(re.compile(pattern, re.IGNORECASE), code, message, hint)


#: The first that matches wins: what names the cause comes before what names a consequence.
_RULES: Tuple[_Rule, ...] = (
    _rule(
        r"No space left on device|Disk quota exceeded",
        "disk_full",
        "There is not enough room for the workspace.",
        "Free some of your storage, or ask for more; nothing of the clone was kept.",
    ),
    _rule(
        r"transport '.*' not allowed|protocol '.*' is not (allowed|supported)",
        "protocol",
        "The workspace may not be fetched by this protocol.",
        "",
    ),
    _rule(
        r"Authentication failed|HTTP Basic: Access denied|invalid credentials",
        "authentication",
        "The git server refused the user name or the password.",
        "Check both; many hosts want an access token in place of the password.",
    ),
    _rule(
        r"could not read (Username|Password)|terminal prompts disabled",
        "authentication",
        "The git server wants a user name and a password: the repository is private, or not there.",
        "Check the URL, or give a workspace user name and password.",
    ),
    _rule(
        r"error: 403|returned error: 403",
        "forbidden",
        "The git server does not let this user read the repository.",
        "Ask its owner for access, or check the access token's rights.",
    ),
    _rule(
        r"Permission denied \(|Host key verification failed",
        "authentication",
        "The git server refused the SSH key.",
        "Put a key into ~/.ssh of the image, or use https.",
    ),
    _rule(
        r"Remote branch .* not found|couldn't find remote ref|did not match any|no such commit",
        "ref_missing",
        "The repository has no branch, tag or commit of this name.",
        "",
    ),
    _rule(
        r"Could not resolve host|Name or service not known|Temporary failure in name resolution",
        "host_unknown",
        "The host of the workspace URL was not found.",
        "Check the URL; perhaps this runtime may not reach the network.",
    ),
    _rule(
        r"repository .* not found|not found: did you run|error: 404|does not appear to be a git",
        "repository_missing",
        "There is no such repository.",
        "Check the URL; a private repository may look missing without user name and password.",
    ),
    _rule(
        r"SSL certificate|certificate verif|self[- ]signed|SSL_|SSL peer|gnutls_handshake",
        "certificate",
        "The git server's certificate is not trusted.",
        "An admin can put the site's certificate authority into the image.",
    ),
    _rule(
        r"timed out|too slow|Failed to connect|Connection refused|Couldn't connect|No route to host",
        "unreachable",
        "The git server does not answer.",
        "Check the URL; perhaps this runtime may not reach the network.",
    ),
    _rule(
        r"early EOF|unexpected disconnect|RPC failed|hung up|Connection reset|Empty reply",
        "interrupted",
        "The connection to the git server was lost in the middle.",
        "Stop the server and start it again to try once more.",
    ),
    _rule(
        r"Permission denied|Read-only file system|Operation not permitted",
        "not_writable",
        "The workspace's folder cannot be written by the user of the container.",
        "Choose another container user, or ask an admin to correct the storage.",
    ),
)

#: A server that cannot do it this way; a wider fetch may work.
_REFUSED = re.compile(
    r"does not allow request for unadvertised"
    r"|not our ref|Server does not allow|no such remote ref|couldn't find remote ref"
    r"|Remote branch .* not found|no such commit",
    re.IGNORECASE,
)
_NOT_SHALLOW = re.compile(r"shallow capabilities|does not support (?:--)?shallow", re.IGNORECASE)
_NOISE = re.compile(
    r"(?:remote: )?(?:fatal|error|warning): |^remote: (?=(?:Counting|Compressing|Enumerating|Total))"
)
_USERINFO = re.compile(r"(\w+://)[^/@\s]+@")


def refused(output: str) -> bool:
    """True when another way to the same commit is worth a try."""
    return bool(_REFUSED.search(output))


def shallow_refused(output: str) -> bool:
    return bool(_NOT_SHALLOW.search(output))


def explain(output: str, secrets: Sequence[str] = (), staging: str = "") -> Problem:
    """`output` is git's own; none of `secrets` survives in the answer."""
    detail = clean(output, secrets, staging)
    for rule in _RULES:
        if rule.pattern.search(output):
            message = f"{rule.message} (git: {detail})" if detail else rule.message
            return Problem(rule.code, message, rule.hint)
    return Problem("clone_failed", f"The workspace could not be cloned: {detail or 'git failed'}.")


def missing_ref(ref: str, default: str, names: Sequence[str]) -> Problem:
    """With what the repository has instead."""
    near = difflib.get_close_matches(ref, names, n=3, cutoff=0.6)
    hints: List[str] = []
    if near:
        hints.append(f"Did you mean {' or '.join(repr(name) for name in near)}?")
    if default and default not in near:
        hints.append(f"Its default branch is {default!r}.")
    message = f"The repository has no branch, tag or commit {ref!r}."
    return Problem("ref_missing", message, " ".join(hints))


def clean(output: str, secrets: Sequence[str] = (), staging: str = "") -> str:
    """The line that says why, without secrets, user names in URLs and our own temporary paths."""
    for secret in secrets:
        # A short one would be found, and so be given away, in ordinary words.
        if len(secret) > 3:
            output = output.replace(secret, "***")
    if staging:
        output = output.replace(staging, "the workspace")
    output = _USERINFO.sub(r"\1", output)
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    causes = [line for line in lines if line.startswith(("fatal:", "error:", "remote: fatal:"))]
    text = _NOISE.sub("", (causes or lines or [""])[0])
    return text[:300].rstrip(".")
