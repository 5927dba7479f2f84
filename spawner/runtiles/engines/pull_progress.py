"""How far a pull is, from the engine's messages about its layers. Pure: no clock, no engine."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from runtiles.contract.events import LaunchEvent

#: What a layer's download is worth; unpacking it is the rest.
_DOWNLOAD = 0.7
_ALMOST = 99.0


@dataclass
class _Layer:
    """`size` is None until the engine names it; a fraction is 0 to 1."""

    size: int | None = None
    done: int = 0
    downloaded: float = 0.0
    unpacked: float = 0.0
    present: bool = False

    @property
    def fraction(self) -> float:
        return _DOWNLOAD * self.downloaded + (1 - _DOWNLOAD) * self.unpacked


class PullProgress:
    """Sums layers. Percent never falls and stays below 100 until `finished`.

    A layer of unknown size counts as much as the mean of the known ones, so that the percentage does
    not jump back whenever the engine discovers the next layer.
    """

    def __init__(self) -> None:
        self._layers: dict[str, _Layer] = {}
        self._percent = 0.0
        self._unpacking = False

    def feed(self, message: Mapping[str, Any]) -> bool:
        """Takes one message; True when it shows that the pull moved."""
        status, name = str(message.get("status", "")), message.get("id")
        if not name or status.startswith(("Pulling from", "Retrying")):
            return False
        layer = self._layers.setdefault(str(name), _Layer())
        before = replace(layer)
        self._apply(layer, status, message.get("progressDetail") or {})
        return layer != before or status in ("Pulling fs layer", "Verifying Checksum")

    def event(self) -> LaunchEvent:
        """The present state; `done` and `total` are downloaded bytes of the layers known so far."""
        layers = [layer for layer in self._layers.values() if not layer.present]
        sizes = [layer.size for layer in layers if layer.size]
        self._percent = max(self._percent, min(_ALMOST, _percent(layers)))
        ready = sum(layer.unpacked >= 1 for layer in layers)
        what = "Unpacking" if self._unpacking else "Downloading"
        return LaunchEvent(
            "pulling",
            "progress",
            f"{what}, {ready} of {len(layers)} layers done",
            done=sum(layer.done for layer in layers),
            total=sum(sizes) if sizes else None,
            percent=round(self._percent, 1),
        )

    def finished(self) -> LaunchEvent:
        """The state after a successful end."""
        total = sum(layer.size or 0 for layer in self._layers.values())
        return LaunchEvent("pulling", "progress", "Pulled", done=total, total=total, percent=100.0)

    def _apply(self, layer: _Layer, status: str, detail: Mapping[str, Any]) -> None:
        current, total = detail.get("current"), detail.get("total")
        if status == "Downloading" and isinstance(current, int):
            layer.size = total if isinstance(total, int) and total > 0 else layer.size
            layer.done = max(layer.done, current)
            layer.downloaded = min(1.0, layer.done / layer.size) if layer.size else 0.0
        elif status in ("Verifying Checksum", "Download complete"):
            layer.done, layer.downloaded = layer.size or layer.done, 1.0
        elif status == "Extracting":
            self._unpacking = True
            layer.downloaded = 1.0
            if isinstance(current, int) and isinstance(total, int) and total > 0:
                layer.unpacked = max(layer.unpacked, min(1.0, current / total))
        elif status == "Pull complete":
            layer.done, layer.downloaded, layer.unpacked = layer.size or layer.done, 1.0, 1.0
        elif status == "Already exists":
            layer.present = True


def _percent(layers: list[_Layer]) -> float:
    known = [layer.size for layer in layers if layer.size]
    mean = sum(known) / len(known) if known else 1.0
    weights = [layer.size or mean for layer in layers]
    moved = sum(w * layer.fraction for w, layer in zip(weights, layers, strict=True))
    return 100 * moved / sum(weights) if layers else 0.0
