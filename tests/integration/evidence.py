"""A search for words: in files, processes, the engine, answers and pages, raw or in base64."""

import base64
import json
import re
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import docker
import httpx

from runtiles.service.app import API
from tests.fixtures.hub import NAVIGATE

_LOOK_S = 0.03
#: A stream of events has said what it had to say when it was silent for so long.
_SILENCE_S = 1.0


class Evidence:
    """Which of the words were seen, by place. Thread-safe enough: it only ever adds."""

    def __init__(self, words: Iterable[str]) -> None:
        self._needles = {word: tuple(needles(word)) for word in words}
        self.seen: dict[str, set[str]] = defaultdict(set)
        self.places: set[str] = set()

    def add(self, word: str) -> None:
        """One more to be seen from now on."""
        self._needles[word] = tuple(needles(word))

    def look(self, place: str, content: bytes | str) -> None:
        found = content.encode() if isinstance(content, str) else content
        self.places.add(place)
        for word, forms in self._needles.items():
            if any(form in found for form in forms):
                self.seen[word].add(place)

    def where(self, words: Iterable[str]) -> dict[str, set[str]]:
        """Only the words that were seen."""
        return {word: self.seen[word] for word in words if self.seen.get(word)}


def needles(word: str) -> Iterator[bytes]:
    """The word, and what it looks like inside of anything that was encoded in base64."""
    raw = word.encode()
    yield raw
    for shift in range(3):
        # The characters at both ends depend on what stands before and after the word.
        inner = slice((8 * shift + 5) // 6, 8 * (shift + len(raw)) // 6)
        padded = b"\0" * shift + raw
        yield base64.b64encode(padded)[inner]
        yield base64.urlsafe_b64encode(padded)[inner]


# -- files and processes --------------------------------------------------------------------------


def look_at_files(evidence: Evidence, place: str, folder: Path) -> None:
    """Every byte of every file below it; the place is named after the file."""
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            with suppress(OSError):
                evidence.look(f"{place}: {path.name}", path.read_bytes())


def look_at_processes(evidence: Evidence, folder: Path) -> None:
    """Everybody's arguments; and the environment of what runs in `folder`: Hub, service and proxy."""
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            evidence.look("arguments", (process / "cmdline").read_bytes())
            if (process / "cwd").readlink() == folder:
                evidence.look("environment of the Hub", (process / "environ").read_bytes())


@contextmanager
def watched_processes(evidence: Evidence, folder: Path) -> Iterator[None]:
    """Looks at all processes again and again until the block ends."""
    done = threading.Event()

    def watch() -> None:
        while not done.wait(_LOOK_S):
            look_at_processes(evidence, folder)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()


# -- the engine -----------------------------------------------------------------------------------


def look_at_container(evidence: Evidence, client: docker.APIClient, container_id: str) -> None:
    """What the engine shows of it and of its image, and what it keeps on the disk."""
    shown = client.inspect_container(container_id)
    evidence.look("inspect of the container", json.dumps(shown))
    evidence.look("log of the container", client.logs(container_id))
    image = client.inspect_image(shown["Image"])
    evidence.look("inspect of the image", json.dumps(image))
    evidence.look("history of the image", json.dumps(client.history(shown["Image"])))
    root = Path(client.info()["DockerRootDir"])
    look_at_files(evidence, "files of the engine", root / "containers" / container_id)
    written = shown.get("GraphDriver", {}).get("Data", {}).get("UpperDir")
    if written:
        look_at_files(evidence, "disk of the container", Path(written))
    for mount in shown["Mounts"]:
        look_at_files(evidence, "storage", Path(mount["Source"]))


# -- answers and pages ----------------------------------------------------------------------------


def look_at_api(
    evidence: Evidence, place: str, api: httpx.Client, names: Iterable[str], user: str
) -> None:
    """GET of every route of the service, each name in the place of a variable part, of this user."""
    for pattern, _handler in API:
        addresses = {re.sub(r"\([^)]*\)", name, pattern).replace("\\", "") for name in names}
        for address in addresses:
            evidence.look(f"{place}: GET {pattern}", _answer(api, f"{address}?user={user}"))


def look_at_hub_api(evidence: Evidence, ask: Any, user: str) -> None:
    """`ask`: the Hub's REST API with all rights."""
    for path in (f"/users/{user}?include_stopped_servers=1", "/users?include_stopped_servers=1"):
        evidence.look("REST of the Hub", ask("GET", path).text)


def look_at_pages(evidence: Evidence, browser: httpx.Client, paths: Iterable[str]) -> None:
    for path in paths:
        page = browser.get(path, headers=NAVIGATE)
        evidence.look(f"page {path}", page.content + str(page.headers).encode())


def _answer(api: httpx.Client, path: str) -> bytes:
    """Status, headers and body; of a stream what came until it fell silent."""
    with api.stream("GET", path) as answer:
        text = bytearray(f"{answer.status_code} {answer.headers}".encode())
        if "event-stream" in answer.headers.get("Content-Type", ""):
            # Read when the body is: the head of an answer may take longer.
            answer.request.extensions["timeout"]["read"] = _SILENCE_S
        with suppress(httpx.ReadTimeout):
            for chunk in answer.iter_bytes():
                text += chunk
    return bytes(text)
