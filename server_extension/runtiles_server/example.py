"""The notebook that the server opens first: a path in the workspace, or a URL that is fetched once."""

import re
import urllib.request
from pathlib import Path, PurePosixPath
from typing import Any, Iterable, Set
from urllib.parse import unquote, urlsplit

from .report import Problem

_MAX_BYTES = 50 * 1024 * 1024
_TIMEOUT_S = 20.0
_CHUNK = 256 * 1024
_UNSAFE = re.compile(r"[^\w. ()\[\]+-]")


class ExampleMissing(Exception):
    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def is_url(example: str) -> bool:
    return "://" in example


def find(example: str, workspace: Path) -> Path:
    """The file that a path of a tile means. Raises ExampleMissing when it is not in the workspace."""
    relative = PurePosixPath(example.lstrip("/"))
    if ".." in relative.parts or not relative.parts:
        raise ExampleMissing(_problem(f"{example!r} is not a path inside the workspace."))
    path = workspace / relative
    if not path.exists():
        raise ExampleMissing(_problem(f"The example {example!r} is not in the workspace."))
    return path


def download(url: str, workspace: Path, protocols: Iterable[str]) -> Path:
    """Fetch `url` into the workspace, or take the file of an earlier start. Raises ExampleMissing."""
    # The file of a download is always fetched by https, unless the site lets workspaces come by http.
    allowed = {"https", *("http" for each in protocols if each == "http")}
    target = workspace / file_name(url)
    if target.exists():
        return target
    if urlsplit(url).scheme not in allowed:
        raise ExampleMissing(
            _problem(f"An example may only come by {' or '.join(sorted(allowed))}.")
        )
    part = target.with_name(f".{target.name}.part")
    try:
        _fetch(url, part, allowed)
        part.rename(target)
    except ExampleMissing:
        raise
    except Exception as error:  # noqa: BLE001 # http.client raises a dozen kinds for a broken answer
        reason = str(getattr(error, "reason", "") or error or type(error).__name__)
        raise ExampleMissing(_problem(f"The example could not be downloaded: {reason}.")) from None
    finally:
        if part.exists():
            part.unlink()
    return target


def file_name(url: str) -> str:
    """A plain name for the last part of the URL's path; never hidden, never empty."""
    name = unquote(PurePosixPath(urlsplit(url).path).name)
    return _UNSAFE.sub("_", name).lstrip(". ")[:150] or "example.ipynb"


def _fetch(url: str, target: Path, allowed: Set[str]) -> None:
    opener = urllib.request.build_opener(_SameKind(allowed))
    with opener.open(url, timeout=_TIMEOUT_S) as response, target.open("wb") as file:
        left = _MAX_BYTES
        while True:
            chunk = response.read(_CHUNK)
            if not chunk:
                return
            left -= len(chunk)
            if left < 0:
                size = f"{_MAX_BYTES // 1024**2} MiB"
                raise ExampleMissing(_problem(f"The example is larger than {size}."))
            file.write(chunk)


class _SameKind(urllib.request.HTTPRedirectHandler):
    """A redirect may not leave the allowed schemes."""

    def __init__(self, allowed: Set[str]) -> None:
        self._allowed = allowed

    def redirect_request(
        self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> Any:
        if urlsplit(newurl).scheme not in self._allowed:
            raise ExampleMissing(_problem("The example's address leads to another protocol."))
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _problem(message: str) -> Problem:
    return Problem("example_missing", message, "The server opens without it.")
