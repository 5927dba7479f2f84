"""A LaunchRequest out of what was given, in this order, the later winning: template, file, `--config`,
options of their own. Objects are merged key by key, lists and everything else replaced. Pure but for
the files.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, Iterable, List, Mapping, Optional, Sequence

from . import templates, yaml_text
from .errors import BadUsage

Options = Dict[str, Any]

#: What is not text: there a value is read as YAML. A branch called 1.10 stays what it is.
_TYPED = ("command", "mounts", "idle", "time_limit")
_SECRET = "secret:"
_PASSWORDS = ("workspace.password", "registry.password")


@dataclass(frozen=True)
class Given:
    """What the command line said of a request, as typed. Empty means not said."""

    template: str = ""
    config_file: Optional[Path] = None
    config: Sequence[str] = ()
    tile: str = ""
    name: str = ""
    machine: str = ""
    image: str = ""
    command: str = ""
    environment: Sequence[str] = ()
    volumes: Sequence[str] = ()
    time_limit: str = ""
    idle_timeout: str = ""
    description: str = ""
    workspace: str = ""
    ref: str = ""


def build(given: Given, environ: Mapping[str, str] = os.environ) -> Options:
    """The merged request. Raises BadUsage."""
    layers: List[Options] = []
    if given.template:
        layers.append(templates.load(given.template))
    if given.config_file is not None:
        layers.append(yaml_text.read_mapping(given.config_file))
    layers += [_setting(text) for text in given.config]
    layers.append(_options(given, environ))
    merged: Options = {}
    for layer in layers:
        merged = merge(merged, layer)
    return _one_tile_name(merged)


def merge(below: Mapping[str, Any], above: Mapping[str, Any]) -> Options:
    """`above` over `below`, object by object; neither is changed."""
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        both = isinstance(old, dict) and isinstance(value, dict)
        merged[key] = merge(old, value) if both else value  # type: ignore[arg-type]
    return merged


def _setting(text: str) -> Options:
    """`a.b=value` as {"a": {"b": value}}."""
    key, equals, value = text.partition("=")
    names = key.strip().split(".")
    if not equals or not all(names):
        raise BadUsage(
            f"--config {key}: must be KEY=VALUE, such as machine=gpu-1 or idle.timeout=2h"
        )
    if key.strip() in _PASSWORDS and value and not value.startswith(_SECRET):
        raise BadUsage(
            f"--config {key}: a password on a command line is seen by everybody on this machine.",
            hint=f"Store it (`runtiles secrets set NAME`) and write {key}=secret:NAME.",
        )
    if names[0] == "environment" and len(names) > 2:
        # A variable's name may hold anything but `=`.
        names = [names[0], ".".join(names[1:])]
    found: Any = _value(names, value)
    for name in reversed(names):
        found = {name: found}
    return dict(found)


def _value(names: Sequence[str], text: str) -> Any:
    if names[0] not in _TYPED or (names == ["command"] and not text.lstrip().startswith("[")):
        return text
    return yaml_text.scalar(text)


def _options(given: Given, environ: Mapping[str, str]) -> Options:
    plain = {
        "tile": given.tile,
        "name": given.name,
        "machine": given.machine,
        "image": given.image,
        "command": given.command,
        "time_limit": given.time_limit,
        "description": given.description,
        "idle": {"timeout": given.idle_timeout} if given.idle_timeout else {},
        "workspace": _some({"url": given.workspace, "ref": given.ref}),
        "environment": _environment(given.environment, environ),
        "mounts": [_mount(text) for text in given.volumes],
    }
    return _some(plain)


def _some(options: Mapping[str, Any]) -> Options:
    return {key: value for key, value in options.items() if value}


def _environment(texts: Iterable[str], environ: Mapping[str, str]) -> Dict[str, str]:
    """`NAME=value`, or `NAME` alone for the value that it has here."""
    found: Dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals and name not in environ:
            raise BadUsage(f"--env {name}: there is no such variable here; write {name}=VALUE.")
        found[name] = value if equals else environ[name]
    return found


def _mount(text: str) -> Options:
    parts = text.split(":")
    if len(parts) not in (2, 3) or not all(parts) or parts[2:] not in ([], ["ro"], ["rw"]):
        raise BadUsage(f"--volume {text}: must be VOLUME:/PATH or VOLUME:/PATH:ro")
    mount: Options = {"source": parts[0], "target": parts[1]}
    return {**mount, "read_only": True} if parts[2:] == ["ro"] else mount


def _one_tile_name(options: Options) -> Options:
    """A file may say `profile`, as the Hub's own pages do; what was typed as a tile wins."""
    if "tile" in options:
        return {key: value for key, value in options.items() if key != "profile"}
    return options
