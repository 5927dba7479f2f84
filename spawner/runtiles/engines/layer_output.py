"""What a layer's build prints: what of it is shown while it runs, and what it means when it fails.

Pure."""

import re
from collections import deque

from runtiles.contract.errors import LayerFailed
from runtiles.contract.events import LaunchEvent

from .layer_program import STEP

_TAIL = 60
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
#: pip's small talk.
_NOISE = re.compile(
    r"\s*$|\s+Downloading |\s+Using cached |Looking in |Requirement already|\s+Preparing metadata|"
    r"\s+Getting requirements|\s+Installing build dependencies|\[notice\]"
)
_PACKAGE = re.compile(r"Collecting (\S+)")
_HINTS = (
    (
        r"Could not find a version|No matching distribution|ResolutionImpossible",
        "The package index has no version of this package for the image's Python and processor: "
        "use an image with a newer Python, or complete the site's index or wheelhouse.",
    ),
    (
        r"CERTIFICATE_VERIFY_FAILED|SSLError|certificate verify failed",
        "The index's certificate is not trusted: give the engine the site's CA bundle.",
    ),
    (
        r"Temporary failure in name resolution|Name or service not known|Connection refused|"
        r"Network is unreachable|ConnectTimeout|Max retries exceeded|NewConnectionError",
        "The build cannot reach the package index: set the site's index, a wheelhouse, a proxy or "
        "the build's network.",
    ),
    (r"No space left on device", "The host's disk is full: remove unused images."),
    (
        r"error: command .*(gcc|cc|clang)|Failed building wheel|Failed to build",
        "A package had to be compiled: add a compiler to the image, or a wheel to the wheelhouse.",
    ),
    (r"exec format error", "The image is made for another processor than this host's."),
)


class LayerOutput:
    """Takes the build's lines; keeps the last ones and gives the events worth showing."""

    def __init__(self) -> None:
        self._tail: deque[str] = deque(maxlen=_TAIL)

    @property
    def tail(self) -> str:
        """The last lines, noise left out."""
        return "\n".join(self._tail)

    def take(self, line: str) -> LaunchEvent | None:
        line = _COLOUR.sub("", line).rstrip()
        if _NOISE.match(line):
            return None
        self._tail.append(line.removeprefix(STEP))
        if line.startswith(STEP):
            return LaunchEvent("preparing", "log", line.removeprefix(STEP))
        if package := _PACKAGE.match(line):
            return LaunchEvent("preparing", "progress", f"Installing {package[1]}")
        return LaunchEvent("preparing", "log", line)


def build_error(image: str, tail: str, reason: str = "") -> LayerFailed:
    """The error for a build of `image`'s layer: the program's last words, or the engine's reason."""
    text = f"{tail}\n{reason}"
    hint = next((hint for pattern, hint in _HINTS if re.search(pattern, text)), "")
    cause = (reason or text.strip().rsplit("\n", 1)[-1]).strip().rstrip(".")
    return LayerFailed(
        f"The launcher could not be added to {image}: {cause}.",
        hint=hint or "The last lines of its output say why.",
        log=tail,
    )
