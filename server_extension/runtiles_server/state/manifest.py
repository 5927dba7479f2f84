"""What a snapshot says about itself, and what a restore says about what it did."""

from dataclasses import dataclass, field, is_dataclass
from typing import Any, Dict, List, Mapping

FORMAT = 1


@dataclass
class Loss:
    """One object that was not carried: where it sat (`d['key'].part`), what it was, why."""

    variable: str
    path: str
    type: str
    reason: str


@dataclass
class Variable:
    """`status` is saved, by_reference or skipped; after a load restored, failed or kept.

    Kept: its place was taken, and what is there stayed. `bytes` is what it added: what it shares with
    an earlier one is counted there. `reason` says why it was not carried, or what is different about
    it now. `needs` are names its functions look up. `called` is its name here, after a load.
    """

    name: str
    type: str = ""
    bytes: int = 0
    status: str = "saved"
    reason: str = ""
    needs: List[str] = field(default_factory=list)
    called: str = ""


@dataclass
class Stored:
    """One buffer: `length` bytes of `file` from `offset`, `size` bytes when unpacked."""

    file: str
    offset: int
    length: int
    size: int
    hashes: List[str]
    codec: str = ""


@dataclass
class Manifest:
    """`files` maps a name to its size in bytes; `stream` is the file of objects.

    `seconds` is what the save took; in a plan, what it will take.
    """

    id: str = ""
    format: int = FORMAT
    created: str = ""
    python: str = ""
    implementation: str = ""
    platform: str = ""
    package: str = ""
    parent: str = ""
    hash: str = "sha256"
    stream: str = ""
    stream_hash: str = ""
    stream_codec: str = ""
    seconds: float = 0.0
    bytes: int = 0
    written: int = 0
    files: Dict[str, int] = field(default_factory=dict)
    versions: Dict[str, str] = field(default_factory=dict)
    modules: Dict[str, str] = field(default_factory=dict)
    local_modules: Dict[str, str] = field(default_factory=dict)
    variables: List[Variable] = field(default_factory=list)
    losses: List[Loss] = field(default_factory=list)
    notes: List[str] = field(default_factory=list)
    buffers: List[Stored] = field(default_factory=list)

    def to_dict(self) -> Dict[str, Any]:
        return _plain(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Manifest":
        """Raises TypeError or KeyError for anything but what to_dict gave."""
        values = dict(data)
        values["variables"] = [Variable(**each) for each in values["variables"]]
        values["losses"] = [Loss(**each) for each in values["losses"]]
        values["buffers"] = [Stored(**each) for each in values["buffers"]]
        return cls(**values)


@dataclass
class Report:
    """`missing` maps a module that is not here to the command that would install it."""

    id: str = ""
    seconds: float = 0.0
    variables: List[Variable] = field(default_factory=list)
    losses: List[Loss] = field(default_factory=list)
    notes: List[str] = field(default_factory=list)
    missing: Dict[str, str] = field(default_factory=dict)

    def to_dict(self) -> Dict[str, Any]:
        return _plain(self)


def _plain(record: Any) -> Dict[str, Any]:
    """As asdict, which takes seconds where there are 100,000 variables."""
    return {name: _value(value) for name, value in vars(record).items()}


def _value(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(each) if is_dataclass(each) else each for each in value]
    return dict(value) if isinstance(value, dict) else value
