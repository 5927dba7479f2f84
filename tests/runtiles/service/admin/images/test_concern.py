"""Which images are the site's, and which may go."""

from runtiles.contract.protocol import LABEL_LAYER_OF
from runtiles.engines.base import HostImage
from runtiles.service.admin.images.concern import (
    Site,
    SiteImage,
    over_budget,
    removable,
    site_images,
    total,
)
from runtiles.store import ImageUse

TILES = {"docker.io/team/lab:1": ["lab", "lab-2"], "docker.io/our/own:1": ["own"]}


def image(
    name: str, *references: str, size: int = 100, created: float = 1.0, in_use: bool = False
) -> HostImage:
    return HostImage(name, references, size=size, created=created, in_use=in_use)


def layer(
    name: str, base: str, size: int = 130, created: float = 1.0, in_use: bool = False
) -> HostImage:
    labels = {LABEL_LAYER_OF: base}
    reference = f"docker.io/runtiles/layer:{name}"
    return HostImage(name, (reference,), size, created, labels, in_use=in_use)


def use(name: str, at: float, reference: str = "x/y:1") -> dict[str, ImageUse]:
    return {name: ImageUse(name, reference, at)}


def found(images: list[HostImage], **site: object) -> dict[str, SiteImage]:
    made = site_images(images, Site(tiles=TILES, **site))  # type: ignore[arg-type]
    return {one.id: one for one in made}


def ids(images: list[SiteImage]) -> list[str]:
    return [one.id for one in images]


LAB = image("lab", "docker.io/team/lab:1", "docker.io/team/lab@sha256:1")


def test_only_what_a_tile_names_what_was_launched_or_pulled_or_a_layer_is_the_sites() -> None:
    foreign = image("foreign", "docker.io/somebody/else:1")
    images = [LAB, foreign, image("used"), image("pulled"), layer("l", "gone")]
    known = found(images, uses=use("used", 5.0), pulled={"pulled"})
    assert known.keys() == {"lab", "used", "pulled", "l"}
    assert known["lab"].tiles == ("lab", "lab-2")
    assert known["used"].references == ("x/y:1",)
    assert known["used"].last_used == 5.0
    assert (known["l"].kind, known["lab"].kind) == ("layer", "image")


def test_an_image_in_use_stays_also_by_way_of_its_layer() -> None:
    known = found([LAB, layer("l", "lab", in_use=True), layer("m", "lab")])
    assert [known[name].in_use for name in ("lab", "l", "m")] == [True, True, False]
    assert known["l"].tiles == ("lab", "lab-2")


def test_an_image_whose_launch_is_on_its_way_stays() -> None:
    known = found([LAB, layer("l", "lab")], starting={"docker.io/team/lab:1"})
    assert all(one.in_use for one in known.values())
    # Its name has moved to a newer image since.
    moved = [image("old"), layer("l", "old")]
    uses = {**use("old", 1.0), **use("l", 1.0)}
    assert all(one.in_use for one in found(moved, uses=uses, starting={"x/y:1"}).values())


def test_a_tidying_keeps_tiles_images_and_their_newest_layer() -> None:
    images = [LAB, layer("old", "lab", created=1.0), layer("new", "lab", created=2.0)]
    images += [image("used"), layer("orphan", "gone")]
    known = list(found(images, uses=use("used", 5.0)).values())
    assert ids(removable(known, tiles=False)) == ["old", "orphan", "used"]
    assert set(ids(removable(known, tiles=True))) == {"lab", "old", "new", "used", "orphan"}
    order = ids(removable(known, tiles=True))
    assert max(map(order.index, ("old", "new", "orphan"))) < min(map(order.index, ("lab", "used")))


def test_a_layer_is_counted_with_what_it_adds() -> None:
    known = list(found([LAB, layer("l", "lab"), layer("orphan", "gone", size=7)]).values())
    assert total(known) == 100 + 30 + 7


def test_a_budget_takes_the_least_recently_used_and_a_tiles_last() -> None:
    images = [LAB, image("a"), image("b"), image("c", in_use=True)]
    uses = {**use("a", 20.0), **use("b", 10.0), **use("c", 1.0)}
    known = list(found(images, uses=uses).values())
    assert over_budget(known, 400) == []
    assert ids(over_budget(known, 399)) == ["b"]
    assert ids(over_budget(known, 250)) == ["b", "a"]
    assert ids(over_budget(known, 0)) == ["b", "a", "lab"]
    assert ids(over_budget(known, 0, spared={"lab"})) == ["b", "a"]


def test_a_budget_never_takes_what_is_built_here() -> None:
    own = image("own", "docker.io/our/own:1")
    known = list(found([own], local={"docker.io/our/own:1"}).values())
    assert over_budget(known, 0) == []
    assert ids(removable(known, tiles=True)) == ["own"]


def test_a_budget_takes_an_image_with_its_layers() -> None:
    known = list(found([LAB, layer("l", "lab")]).values())
    assert set(ids(over_budget(known, 120))) >= {"l"}
    assert ids(over_budget(known, 0)) == ["l", "lab"]
