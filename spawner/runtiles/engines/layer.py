"""The derived layer: what goes into an image that does not bring the launcher. Pure but for reading
our own sources; what builds it is another file's business.

The layer is one folder on the untouched image: a virtual environment on top of the image's own Python
and packages, and the command line with packages of its own. Beside it there is a link to the command, and
bytecode where the image left it out, which each start would otherwise make anew.
Nothing of how it was made (index, certificates, wheels) is in the result.
"""

import hashlib
import importlib.util
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from runtiles.contract.protocol import (
    LABEL_LAYER_OF,
    LABEL_PROTOCOL,
    LABEL_PYTHON,
    LAYER_DIR,
    PROTOCOL_VERSION,
)

from .base import Image
from .layer_probe import Python

#: Tags of layers. Never given to anyone by this name: a layer may hold a private image.
LAYER_REPOSITORY = "docker.io/runtiles/layer"
#: The extra `server` of pyproject.toml; a test holds the two together.
REQUIREMENTS = (
    "jupyterhub>=4",
    "jupyterlab>=4",
    "jupyter-server>=2",
    "gitpython>=3.1",
    "ipykernel>=6",
)
#: The extra `cli`. Kept apart from everything else: see layer_program.
COMMAND_LINE = (
    "typer>=0.20",
    "httpx>=0.27",
    "rich>=13",
    "pyyaml>=6",
    "pathspec>=0.12",
    "websocket-client>=1.6",
)
_PROGRAM = Path(__file__).with_name("layer_program.py")
#: Where its files lie while a layer is made; gone when it is finished.
BUILD_DIR = "/.runtiles-build"

#: One file of a build: its name and its content, or where that is.
Entry = tuple[str, bytes | Path]


@dataclass(frozen=True)
class PackageSource:
    """Where a layer's packages come from; all empty = pip's own default.

    `index` and `extra_indexes` are URLs (credentials in them never reach an image that is kept).
    `wheelhouse` is a folder of wheels, used alone unless an index is given too. `ca_bundle` is a PEM
    file that the index's certificate is checked against. `environment` is added to pip's, meant for
    proxies. The image's own code runs while its layer is made, and could read all of this.
    """

    index: str = field(default="", repr=False)
    extra_indexes: tuple[str, ...] = field(default=(), repr=False)
    trusted_hosts: tuple[str, ...] = ()
    wheelhouse: Path | None = None
    ca_bundle: Path | None = None
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)

    def pip_arguments(self) -> list[str]:
        """`{here}` stands for the folder of the build's files."""
        arguments = ["--index-url", self.index] if self.index else []
        for url in self.extra_indexes:
            arguments += ["--extra-index-url", url]
        for host in self.trusted_hosts:
            arguments += ["--trusted-host", host]
        if self.wheelhouse:
            arguments += ["--find-links", "{here}/wheels"]
            arguments += [] if self.index or self.extra_indexes else ["--no-index"]
        if self.ca_bundle:
            arguments += ["--cert", "{here}/ca.pem"]
        return arguments


@dataclass(frozen=True)
class Launcher:
    """The sources that a layer carries: archive name -> file."""

    files: Mapping[str, Path]

    @classmethod
    def installed(cls) -> "Launcher":
        """Those of this very installation. The runtime side is located, not imported."""
        files: dict[str, Path] = {}
        contract = _package("runtiles")
        for part in ("contract", "cli"):
            files.update(_tree(contract / part, f"runtiles/{part}"))
        files["runtiles/__init__.py"] = contract / "__init__.py"
        files["runtiles/py.typed"] = contract / "py.typed"
        files.update(_tree(_package("runtiles_server"), "runtiles_server"))
        return cls(files)

    @cached_property
    def digest(self) -> str:
        """Of every file's name and content, the build program included."""
        total = hashlib.sha256(_PROGRAM.read_bytes())
        for name, path in sorted(self.files.items()):
            total.update(f"\0{name}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
        return total.hexdigest()


@dataclass(frozen=True)
class Recipe:
    """What one image's layer is made of; equal recipes are the same layer."""

    image: Image
    launcher: Launcher
    requirements: Sequence[str] = REQUIREMENTS
    command_line: Sequence[str] = COMMAND_LINE

    @property
    def key(self) -> str:
        parts = [self.image.id, self.launcher.digest, *sorted(self.requirements), self.target]
        parts += ["command line", *sorted(self.command_line)]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]

    @property
    def tag(self) -> str:
        return f"{LAYER_REPOSITORY}:{self.key}"

    @property
    def target(self) -> str:
        """Beside the image's own launcher when it has one of another protocol: never into it."""
        old = LABEL_PROTOCOL in self.image.labels
        return f"{LAYER_DIR}-{PROTOCOL_VERSION}" if old else LAYER_DIR

    @property
    def labels(self) -> dict[str, str]:
        return {
            LABEL_PROTOCOL: str(PROTOCOL_VERSION),
            LABEL_PYTHON: f"{self.target}/bin/python",
            LABEL_LAYER_OF: self.image.id,
        }

    def command(self, python: Python) -> list[str]:
        """What makes the layer, inside the image. No shell: there may be none."""
        return [python.path, "-I", f"{BUILD_DIR}/layer_program.py", f"{BUILD_DIR}/options.json"]

    def files(self, source: PackageSource, pip: Path | None) -> Iterator[Entry]:
        """Everything that the command needs in BUILD_DIR."""
        options = {
            "target": self.target,
            "requirements": list(self.requirements),
            "command_line": list(self.command_line),
            "pip_arguments": source.pip_arguments(),
            "pip_wheel": pip.name if pip else "",
            "own_index": bool(source.index or source.wheelhouse),
            "environment": dict(source.environment),
        }
        yield "options.json", json.dumps(options).encode()
        yield "layer_program.py", _PROGRAM
        for name, path in self.launcher.files.items():
            yield f"src/{name}", path
        if pip:
            yield pip.name, pip
        if source.ca_bundle:
            yield "ca.pem", source.ca_bundle
        if source.wheelhouse:
            for wheel in sorted(source.wheelhouse.glob("*.whl")):
                yield f"wheels/{wheel.name}", wheel


def _package(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise ImportError(f"the package {name} is not installed beside the Hub")
    return Path(next(iter(spec.submodule_search_locations)))


def _tree(folder: Path, name: str) -> dict[str, Path]:
    return {
        f"{name}/{path.relative_to(folder)}": path
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
