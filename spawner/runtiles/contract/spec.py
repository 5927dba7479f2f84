"""LaunchSpec: what the launcher is told at start, over HTTP, with its own server token."""

from dataclasses import asdict, dataclass, field, fields
from typing import Any, Dict, Mapping, Optional, Tuple, Type, TypeVar

from .protocol import PROTOCOL_VERSION

_T = TypeVar("_T")


@dataclass(frozen=True)
class WorkspaceSpec:
    """The files a runtime starts with. `ref` is a branch, a tag or a commit; empty = the default branch.

    `required`: a failed clone ends the launch instead of leaving a notice.
    `protocols`: what git may speak (`https`, `http`, `ssh`), as the site allows.
    """

    url: str = ""
    ref: str = ""
    username: str = ""
    password: str = field(default="", repr=False)
    required: bool = False
    protocols: Tuple[str, ...] = ("https",)


@dataclass(frozen=True)
class LaunchSpec:
    """Everything the launcher needs beyond its non-secret environment.

    `environment` has its secrets resolved. `secret_files` are variables whose values go to private files
    instead: of each NAME only `NAME_FILE` is set, to the path. `secret_names` are those of `environment`
    whose values were secrets: snapshots leave them out. `command` is the tile's or the user's own argv,
    empty for the default (JupyterLab). `example` is a path or URL of a notebook to open first.
    `snapshot` is the id of a snapshot to restore, empty for none. `snapshot_key` signs the user's
    snapshots, `control_key` opens this launch's own interface to the service (`contract.state`); both
    are in hexadecimal. `time_limit` is seconds, None for none:
    the Hub keeps it, the runtime only tells of it.
    """

    protocol: int = PROTOCOL_VERSION
    workspace: WorkspaceSpec = field(default_factory=WorkspaceSpec)
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    secret_files: Mapping[str, str] = field(default_factory=dict, repr=False)
    secret_names: Tuple[str, ...] = ()
    command: Tuple[str, ...] = ()
    startup_hook: str = ""
    example: str = ""
    snapshot: str = ""
    snapshot_key: str = field(default="", repr=False)
    control_key: str = field(default="", repr=False)
    time_limit: Optional[int] = None

    def to_dict(self) -> Dict[str, Any]:
        """Plain JSON-able data, secrets included: for the wire, never for a log."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "LaunchSpec":
        """Unknown keys are ignored (a newer hub); raises ValueError for another protocol version."""
        protocol = data.get("protocol", PROTOCOL_VERSION)
        if protocol != PROTOCOL_VERSION:
            raise ValueError(
                f"the hub speaks launch protocol {protocol}, this launcher {PROTOCOL_VERSION}"
            )
        known = _known(cls, data)
        known["workspace"] = _workspace(data.get("workspace"))
        for name in ("command", "secret_names"):
            known[name] = tuple(str(part) for part in data.get(name) or ())
        for name in ("environment", "secret_files"):
            known[name] = {str(k): str(v) for k, v in (data.get(name) or {}).items()}
        return cls(**known)


def _workspace(data: Optional[Mapping[str, Any]]) -> WorkspaceSpec:
    known = _known(WorkspaceSpec, data or {})
    known["protocols"] = tuple(known.get("protocols") or ("https",))
    return WorkspaceSpec(**known)


def _known(cls: Type[_T], data: Mapping[str, Any]) -> Dict[str, Any]:
    names = {f.name for f in fields(cls)}  # type: ignore[arg-type]
    return {k: v for k, v in data.items() if k in names}
