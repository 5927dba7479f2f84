"""What an answer other than a success means. Pure."""

import json
from typing import Mapping, Optional
from urllib.parse import urlsplit

from runtiles import __version__
from runtiles.contract.protocol import HEADER_PROTOCOL, HEADER_VERSION, PROTOCOL_VERSION

from .errors import ApiError, CliError, Unreachable
from .urls import origin


def refusal(status: int, content: bytes, url: str, target: str = "") -> CliError:
    """The error that it stands for: the service's own, or that of whoever answered instead.

    `url` is what was asked, `target` where the answer sends to.
    """
    try:
        error = json.loads(content)["error"]
        code, message = str(error["code"]), str(error["message"])
        details = dict(error.get("details") or {})
    except (ValueError, TypeError, KeyError):
        return not_ours(status, url, target)
    hint = str(details.pop("hint", "") or "")
    if code == "unauthenticated":
        message = f"{origin(url)} does not accept the token."
        hint = f"Run `runtiles login {origin(url)}` with a new one."
    return ApiError(status, code, message, hint=hint, details=details)


def misunderstanding(headers: Mapping[str, str], url: str) -> Optional[CliError]:
    """None where the service speaks our protocol, or is too old to say which."""
    theirs = headers.get(HEADER_PROTOCOL, "")
    if theirs in ("", str(PROTOCOL_VERSION)):
        return None
    version = headers.get(HEADER_VERSION, "")
    wanted = f" {version}" if version else " of the same version"
    return CliError(
        f"{origin(url)} has Runtiles{wanted}, and this is runtiles {__version__}: "
        f"they do not understand each other (protocols {theirs[:20]} and {PROTOCOL_VERSION}).",
        hint=f"Install here the runtiles that the site has:{wanted}.",
    )


def not_ours(status: int, url: str, target: str = "") -> CliError:
    """Somebody answered who is not the service."""
    where = origin(url)
    if status >= 500:
        return Unreachable(
            f"The Runtiles service of {where} does not answer (HTTP {status}).",
            hint="Try again in a moment; if that lasts, tell the site's admin.",
        )
    if urlsplit(target).netloc and origin(target) != where:
        return Unreachable(f"{where} sends to {origin(target)}.", hint="Use that address instead.")
    return Unreachable(
        f"There is no Runtiles service at {url} (HTTP {status}).",
        hint="Give the address of your JupyterHub, as in the browser.",
    )
