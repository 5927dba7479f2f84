"""What a registry's refusal means. Engines pass registry errors on as text: this is where it is read.

Pure; the phrases are those of Docker 20.10 to 28 and of the registries behind them.
"""

import re

from runtiles.contract.errors import ImageNotFound, LaunchFailed, PullFailed, RegistryDenied

_DENIED = re.compile(
    r"no basic auth credentials|unauthorized|authentication required|\bdenied\b|forbidden|"
    r"incorrect username or password|invalid username/password",
    re.IGNORECASE,
)
_MISSING = re.compile(
    r"manifest unknown|not found|name unknown|repository does not exist|does not exist or|"
    r"no such image|invalid reference",
    re.IGNORECASE,
)
#: Reasons that are neither, with what to do about them. The first that matches counts.
_HINTS = (
    (r"toomanyrequests|rate limit", "The registry limits anonymous pulls: add credentials for it."),
    (r"no space left", "The host's disk is full: remove unused images (`docker image prune`)."),
    (
        r"no matching manifest|no match for platform",
        "The image is not published for this host's processor: choose another tag.",
    ),
    (
        r"x509|certificate|tls:|server gave HTTP response",
        "The engine does not trust the registry's certificate: install its CA on the host.",
    ),
    (
        r"connection refused|no such host|no route|i/o timeout|deadline exceeded|Client\.Timeout|"
        r"network is unreachable|EOF|connection reset",
        "The engine's host cannot reach the registry: check the name, the network and the proxy.",
    ),
)


def registry_error(
    image: str, text: str, *, credentials: bool, secret: str = "", doing: str = "Pulling"
) -> LaunchFailed:
    """The error when `doing` something with `image` failed with `text`.

    `credentials`: the person gave some; it decides what to suggest. `secret` is kept out of the text.
    """
    if secret:
        text = text.replace(secret, "***")
    if _MISSING.search(text):
        return _missing(image, text, credentials)
    if _DENIED.search(text):
        return _denied(image, text, credentials)
    hint = next((hint for pattern, hint in _HINTS if re.search(pattern, text, re.IGNORECASE)), "")
    return PullFailed(f"{doing} {image} failed: {_sentence(text)}", hint=hint)


def _missing(image: str, text: str, credentials: bool) -> LaunchFailed:
    hint = "Check the name and the tag"
    if not credentials and _DENIED.search(text):
        hint += "; if the image is private, add the registry's username and password"
    return ImageNotFound(
        f"There is no image {image} in its registry.", hint=f"{hint}.", details={"reason": text}
    )


def _denied(image: str, text: str, credentials: bool) -> LaunchFailed:
    message, hint = (
        (
            f"The registry refused the username and password for {image}.",
            "Check them, and that this account may read the image.",
        )
        if credentials
        else (
            f"The registry gives {image} only to who logs in.",
            "Add the registry's username and password.",
        )
    )
    return RegistryDenied(message, hint=hint, details={"reason": text})


def _sentence(text: str) -> str:
    return text.strip().rstrip(".") + "."
