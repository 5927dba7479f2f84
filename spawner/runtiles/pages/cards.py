"""What the gallery shows of a tile and of a machine: texts and links, all decisions made."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

from runtiles.catalogue import Machine, Tile
from runtiles.values.quantities import format_duration, format_size

#: Colour of the availability text; the text says it too.
Level = Literal["ok", "warn", "bad"]


@dataclass(frozen=True)
class GpuCount:
    """The GPUs that would do for one machine: how many are free now, of how many there are."""

    free: int
    total: int


@dataclass(frozen=True)
class TileCard:
    """`values` are the tile's own values by form field, shown in grey where a field is empty.

    Links are http(s) addresses or empty: whatever else a workspace URL may be, it is no link.
    `unlisted` tiles are shown only to who already uses one or follows a link to it.
    """

    slug: str
    title: str
    description: str
    icon: str
    recommended: bool
    image: str
    image_link: str
    workspace: str
    workspace_link: str
    workspace_label: str
    gpu: bool
    deprecated: bool
    unlisted: bool
    machine: str
    recent: float
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class MachineCard:
    """`free`: a launch would start at once. `usable`: it would start at all. `wait`: why not at once."""

    slug: str
    title: str
    spec: str
    price: str
    gpus: int
    free: bool
    usable: bool
    free_text: str
    level: Level
    wait: str


def tile_card(tile: Tile, *, machine: str, recent: float = 0.0) -> TileCard:
    """`machine`: the one that is chosen with this tile; `recent`: when it was last used, 0 = never."""
    workspace = tile.workspace.url if tile.workspace else ""
    return TileCard(
        slug=tile.slug,
        title=tile.title,
        description=tile.description,
        icon=tile.icon,
        recommended=tile.category == "recommended",
        image=tile.image_ref.familiar,
        image_link=_web(tile.registry_url),
        workspace=workspace,
        workspace_link=_web(workspace),
        workspace_label=short_address(workspace),
        gpu=tile.gpu,
        deprecated=tile.deprecated,
        unlisted=not tile.listed,
        machine=machine,
        recent=recent,
        values=_own_values(tile),
    )


def machine_card(machine: Machine, gpus: GpuCount | None, *, currency: str) -> MachineCard:
    """`gpus` None: nothing is known about GPUs here, so nothing is promised."""
    free, usable, text, level = _availability(machine.gpus, gpus)
    return MachineCard(
        slug=machine.slug,
        title=machine.title,
        spec=machine_spec(machine),
        price=price_text(machine.price_per_hour, currency),
        gpus=machine.gpus,
        free=free,
        usable=usable,
        free_text=text,
        level=level,
        wait="" if free else text,
    )


def machine_spec(machine: Machine) -> str:
    """`4 CPUs · 16 GiB · 1 GPU (A100 or H100) · up to 12h`"""
    parts = [_count(machine.cpus, "CPU"), format_size(machine.memory)]
    if machine.gpus:
        models = f" ({_either(machine.gpu_models)})" if machine.gpu_models else ""
        parts.append(_count(machine.gpus, "GPU") + models)
    if machine.max_time:
        parts.append(f"up to {format_duration(machine.max_time)}")
    return " · ".join(parts)


def price_text(price: float, currency: str) -> str:
    """Per hour; prices below a cent keep the digits that matter."""
    if not price:
        return "Free"
    number = f"{price:.2f}" if price >= 0.01 else f"{price:.4f}".rstrip("0")
    return f"{currency}{number} / h"


def short_address(url: str) -> str:
    """`https://github.com/fastai/fastbook.git` -> `github.com/fastai/fastbook`"""
    parts = urlsplit(url)
    if not parts.netloc:
        return url
    host = parts.netloc.rpartition("@")[2]
    return f"{host}{parts.path}".removesuffix("/").removesuffix(".git")


def _availability(needed: int, gpus: GpuCount | None) -> tuple[bool, bool, str, Level]:
    if not needed:
        return True, True, "Available now", "ok"
    if gpus is None:
        return False, True, "Starts when its GPUs are free", "warn"
    if gpus.total < needed:
        here = f"only {gpus.total}" if gpus.total else "none"
        return False, False, f"Not available: this site has {here} of these GPUs", "bad"
    if gpus.free < needed:
        return False, True, f"{gpus.free} of {gpus.total} GPUs free: you would wait in line", "warn"
    return True, True, f"{gpus.free} of {gpus.total} GPUs free now", "ok"


def _own_values(tile: Tile) -> dict[str, str]:
    workspace, unasked = tile.workspace, tile.default_time or tile.time_limit
    values = {
        "image": tile.image_ref.familiar,
        "command": shlex.join(tile.command),
        "container_user": tile.container_user,
        "workspace_url": workspace.url if workspace else "",
        "workspace_ref": workspace.ref if workspace else "",
        "environment": "\n".join(f"{name}={value}" for name, value in tile.environment.items()),
        "time_limit": format_duration(unasked) if unasked else "",
        "startup_hook": tile.startup_hook,
        "example": tile.example,
    }
    return {name: value for name, value in values.items() if value}


def _web(url: str) -> str:
    # A link with a user name in it is a classic way to fake a host.
    parts = urlsplit(url)
    return url if parts.scheme in ("http", "https") and "@" not in parts.netloc else ""


def _count(number: float, thing: str) -> str:
    return f"{number:g} {thing}{'' if number == 1 else 's'}"


def _either(names: Sequence[str]) -> str:
    *rest, last = names
    return f"{', '.join(rest)} or {last}" if rest else last
