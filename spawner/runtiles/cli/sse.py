"""Server-sent events, read from lines. Pure."""

from dataclasses import dataclass
from typing import Iterable, Iterator, List


@dataclass(frozen=True)
class ServerEvent:
    """`id` is the last one that the stream named, "" before the first."""

    data: str
    event: str = "message"
    id: str = ""


def parse(lines: Iterable[str]) -> Iterator[ServerEvent]:
    """Each event as its blank line is read; comments and unknown fields are skipped."""
    data: List[str] = []
    kind, last_id = "message", ""
    for line in lines:
        if not line:
            if data:
                yield ServerEvent("\n".join(data), kind, last_id)
            data, kind = [], "message"
            continue
        name, _colon, value = line.partition(":")
        value = value[1:] if value.startswith(" ") else value
        if name == "data":
            data.append(value)
        elif name == "event":
            kind = value
        elif name == "id":
            last_id = value
