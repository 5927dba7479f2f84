"""What a launcher told, read back as the spawner reads it."""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from runtiles.contract.events import LaunchEvent, decode_line
from runtiles_server.report import Reporter


def events(lines: Iterable[str]) -> list[LaunchEvent]:
    return [event for event in (decode_line(line) for line in lines) if event is not None]


def of_kind(kind: str, told: Sequence[LaunchEvent]) -> list[LaunchEvent]:
    return [event for event in told if event.kind == kind]


@dataclass
class Told:
    """A reporter into memory."""

    out: io.StringIO = field(default_factory=io.StringIO)

    def __post_init__(self) -> None:
        self.reporter = Reporter(self.out)

    @property
    def events(self) -> list[LaunchEvent]:
        return events(self.out.getvalue().splitlines())

    def of_kind(self, kind: str) -> list[LaunchEvent]:
        return of_kind(kind, self.events)

    @property
    def notice(self) -> LaunchEvent:
        """The only one."""
        (notice,) = self.of_kind("notice")
        return notice


def names(folder: Path) -> list[str]:
    """What is in a folder, hidden files too."""
    return sorted(path.name for path in folder.iterdir())
