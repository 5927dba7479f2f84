"""Which of the host's images are the site's, and which of those may go. Pure.

Rules, each with a test by its name:

* Only what a tile names, what was launched or pulled here, or a layer of ours is the site's; others are
  not even listed.
* An image in use stays: a container is made from it or from a layer on it, or a launch is on its way.
* A tile's image, and the newest layer on it, are kept by a tidying unless it is asked to take them.
* A budget takes them last, and never one that is built on this site: nobody could get it again.
* What was used last goes last; what was never used goes by its age.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from runtiles.contract.protocol import LABEL_LAYER_OF
from runtiles.engines.base import HostImage
from runtiles.store import ImageUse


@dataclass(frozen=True)
class SiteImage:
    """`tiles`: the slugs of the tiles that start from it (for a layer: from the image below it, whose
    id is `base`). `kept`: needed by a tile, so that the next start is quick. `own`: what removing it
    frees. `lost`: no registry has it, if it is removed."""

    id: str
    references: tuple[str, ...]
    size: int
    own: int
    created: float
    last_used: float | None
    tiles: tuple[str, ...]
    kind: Literal["image", "layer"]
    in_use: bool
    kept: bool
    lost: bool = False
    base: str = ""


@dataclass(frozen=True)
class Site:
    """`tiles`: reference -> slugs; `local`: references that no registry has; `uses`: by image id;
    `pulled`: ids; `starting`: references of launches on their way. References are in normal form."""

    tiles: Mapping[str, Collection[str]] = field(default_factory=dict)
    local: Collection[str] = ()
    uses: Mapping[str, ImageUse] = field(default_factory=dict)
    pulled: Collection[str] = ()
    starting: Collection[str] = ()


def site_images(found: Iterable[HostImage], site: Site) -> list[SiteImage]:
    """The largest first."""
    images = {image.id: image for image in found}
    used = _used(images, site)
    ours = [_site_image(image, images, site, used) for image in images.values()]
    known = [image for image in ours if image is not None]
    kept = _kept(known)
    marked = [replace(image, kept=image.id in kept) for image in known]
    return sorted(marked, key=lambda image: (-image.size, image.id))


def removable(images: Sequence[SiteImage], *, tiles: bool) -> list[SiteImage]:
    """What a tidying may take, in this order: layers before what they are made on, and then what was
    used longest ago. With `tiles` also what the tiles need."""
    chosen = [image for image in images if not image.in_use and (tiles or not image.kept)]
    return sorted(chosen, key=lambda i: (i.kind != "layer", i.last_used or i.created))


def over_budget(
    images: Sequence[SiteImage], budget: int, *, spared: Collection[str] = ()
) -> list[SiteImage]:
    """What to remove so that the rest fits, least recently used first; perhaps that is not enough.
    `spared`: ids that stay whatever happens."""
    chosen: list[SiteImage] = []
    size = total(images)
    free = removable(images, tiles=True)
    candidates = [i for i in free if not i.lost and not {i.id, i.base} & set(spared)]
    for image in sorted(candidates, key=lambda i: (i.kept, i.last_used or i.created)):
        if size <= budget:
            break
        # An image goes with its layers: they cannot be without it.
        group = [i for i in candidates if i.base == image.id and i not in chosen]
        chosen += [*group, *([image] if image not in chosen else [])]
        size = total([i for i in images if i not in chosen])
    return chosen


def total(images: Iterable[SiteImage]) -> int:
    """Bytes; what a layer shares with its image is counted once."""
    listed = list(images)
    ids = {image.id for image in listed}
    return sum(image.own if image.base in ids else image.size for image in listed)


def _site_image(
    image: HostImage, images: Mapping[str, HostImage], site: Site, used: Collection[str]
) -> SiteImage | None:
    base_id = image.labels.get(LABEL_LAYER_OF, "")
    base = images.get(base_id)
    slugs = _slugs(image, site) | (_slugs(base, site) if base else set())
    use = site.uses.get(image.id)
    if not (slugs or use or base_id or image.id in site.pulled):
        return None
    return SiteImage(
        id=image.id,
        references=image.references or ((use.reference,) if use else ()),
        size=image.size,
        own=max(0, image.size - base.size) if base else image.size,
        created=image.created,
        last_used=use.last_used if use else None,
        tiles=tuple(sorted(slugs)),
        kind="layer" if base_id else "image",
        in_use=image.id in used,
        kept=False,
        lost=not base_id and bool(set(image.references) & set(site.local)),
        base=base_id,
    )


def _slugs(image: HostImage, site: Site) -> set[str]:
    return {slug for name in image.references for slug in site.tiles.get(name, ())}


def _used(images: Mapping[str, HostImage], site: Site) -> set[str]:
    """A launch on its way may have chosen its layer already, and has no container yet."""
    wanted = set(site.starting)
    starting = {image.id for image in images.values() if set(image.references) & wanted}
    starting |= {use.image_id for use in site.uses.values() if use.reference in wanted}
    layers = {image.id: image.labels.get(LABEL_LAYER_OF, "") for image in images.values()}
    used = {image.id for image in images.values() if image.in_use} | starting
    used |= {layer for layer, base in layers.items() if base in starting}
    return used | {layers[layer] for layer in used if layers[layer]}


def _kept(images: Iterable[SiteImage]) -> set[str]:
    kept: dict[str, SiteImage] = {}
    for image in images:
        if image.tiles:
            # One image and one layer for each image: its newest.
            key = image.base or image.id
            slot = f"{image.kind} {key}"
            before = kept.get(slot)
            if before is None or _age(image) > _age(before):
                kept[slot] = image
    return {image.id for image in kept.values()}


def _age(image: SiteImage) -> tuple[float, float]:
    return image.created, image.last_used or 0.0
