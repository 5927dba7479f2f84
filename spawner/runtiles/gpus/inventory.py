"""The GPUs of this host, as the driver's own tool lists them."""

import csv
import io
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

_QUERY = ("nvidia-smi", "--query-gpu=uuid,name,memory.total", "--format=csv,noheader,nounits")
_TIMEOUT_S = 20.0


@dataclass(frozen=True)
class Gpu:
    """`memory` in bytes, 0 where it is not known. `model` is the driver's name of it."""

    uuid: str
    model: str = ""
    memory: int = 0


def read_gpus(command: Sequence[str] = _QUERY) -> list[Gpu]:
    """All GPUs; none where there is no driver or it does not answer in time. Blocks."""
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_TIMEOUT_S, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return []
    return parse(done.stdout)


def parse(text: str) -> list[Gpu]:
    """Lines of `uuid, name, MiB`; what is not such a line (a driver's warning) is passed over."""
    found = []
    for row in csv.reader(io.StringIO(text), skipinitialspace=True):
        if len(row) == 3 and row[0].startswith(("GPU-", "MIG-")):
            memory = int(row[2]) * 2**20 if row[2].strip().isdecimal() else 0
            found.append(Gpu(row[0].strip(), row[1].strip(), memory))
    return found
