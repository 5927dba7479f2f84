"""The GPUs of this host, as the driver's own tool lists them."""

import csv
import io
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_FORMAT = "--format=csv,noheader,nounits"
_QUERY = ("nvidia-smi", "--query-gpu=uuid,name,memory.total", _FORMAT)
_USE = ("nvidia-smi", "--query-gpu=uuid,memory.used,utilization.gpu", _FORMAT)
_TIMEOUT_S = 20.0


@dataclass(frozen=True)
class Gpu:
    """`memory` in bytes, 0 where it is not known. `model` is the driver's name of it."""

    uuid: str
    model: str = ""
    memory: int = 0


@dataclass(frozen=True)
class GpuUse:
    """`memory` in use in bytes, `percent` of the time that it computed lately; None where the driver
    does not say."""

    uuid: str
    memory: int | None = None
    percent: int | None = None


def read_gpus(command: Sequence[str] = _QUERY) -> list[Gpu]:
    """All GPUs; none where there is no driver or it does not answer in time. Blocks."""
    return parse(_run(command))


def read_use(command: Sequence[str] = _USE) -> dict[str, GpuUse]:
    """By UUID what each GPU does now; empty where there is no driver. Blocks."""
    return {use.uuid: use for use in parse_use(_run(command))}


def parse(text: str) -> list[Gpu]:
    """Lines of `uuid, name, MiB`; what is not such a line (a driver's warning) is passed over."""
    return [Gpu(row[0], row[1], _mebibytes(row[2]) or 0) for row in _rows(text)]


def parse_use(text: str) -> list[GpuUse]:
    """Lines of `uuid, MiB, percent`."""
    return [GpuUse(row[0], _mebibytes(row[1]), _number(row[2])) for row in _rows(text)]


def _run(command: Sequence[str]) -> str:
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_TIMEOUT_S, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout


def _rows(text: str) -> Iterator[list[str]]:
    for row in csv.reader(io.StringIO(text), skipinitialspace=True):
        if len(row) == 3 and row[0].startswith(("GPU-", "MIG-")):
            yield [cell.strip() for cell in row]


def _number(text: str) -> int | None:
    """The driver writes `[N/A]` for what it does not know."""
    return int(text) if text.isdecimal() else None


def _mebibytes(text: str) -> int | None:
    number = _number(text)
    return None if number is None else number * 2**20
