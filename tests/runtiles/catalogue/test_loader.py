"""Files to a catalogue: strict, with lines, all problems at once."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runtiles.catalogue import Catalogue, builtin_paths, load_catalogue
from runtiles.contract.errors import CatalogueError

Load = Callable[..., Catalogue]

GOOD = """\
tiles:
  - slug: one
    title: One
    image: a/one:1
machines:
  - {slug: small, title: Small, cpus: 1, memory: 1g, default: true}
"""


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Load texts as files a.yaml, b.yaml, …"""

    def load_texts(*texts: str) -> Catalogue:
        paths = []
        for letter, text in zip("abcdef", texts, strict=False):
            path = tmp_path / f"{letter}.yaml"
            path.write_text(dedent(text), encoding="utf-8")
            paths.append(path)
        return load_catalogue(paths)

    return load_texts


@pytest.fixture
def problems(load: Load, tmp_path: Path) -> Callable[..., list[str]]:
    """What is wrong with texts, one `FILE:LINE: …` each, without the folder."""

    def found(*texts: str) -> list[str]:
        with pytest.raises(CatalogueError) as refused:
            load(*texts)
        return refused.value.message.replace(f"{tmp_path}/", "").splitlines()

    return found


Problems = Callable[..., list[str]]


def test_loads(load: Load) -> None:
    catalogue = load(GOOD)
    assert catalogue.tile("one").image == "a/one:1"
    assert catalogue.machine("small").memory == 2**30


@pytest.mark.parametrize("text", ["", "# nothing\n", "tiles:\n", "tiles: []\nmachines:\n"])
def test_a_file_may_be_empty(load: Load, text: str) -> None:
    assert not load(text).tiles


def test_an_unknown_key_has_a_line_and_a_suggestion(problems: Problems) -> None:
    text = GOOD.replace("    image:", "    imgae: x\n    image:")
    assert problems(text) == ["a.yaml:4: one: imgae: unknown key. Did you mean 'image'?"]


def test_a_nested_unknown_key_too(problems: Problems) -> None:
    text = GOOD.replace(
        "    image:", "    workspace:\n      url: https://h/a\n      reff: x\n    image:"
    )
    assert problems(text) == ["a.yaml:6: one: workspace.reff: unknown key. Did you mean 'ref'?"]


def test_a_wrong_section_too(problems: Problems) -> None:
    assert problems("tile:\n  - slug: x\n") == [
        "a.yaml:1: tile: unknown key. Did you mean 'tiles'?"
    ]


def test_all_problems_of_all_files_come_at_once(problems: Problems) -> None:
    first = """\
        tiles:
          - slug: one
            title: 1.10
            image: NOT AN IMAGE
            container_user: "a b"
          - slug: two
            image: a
          - title: no slug
        """
    second = """\
        machines:
          - slug: small
            title: Small
            cpus: many
            memory: 1x
        wheels: []
        """
    found = problems(first, second)
    assert [line.split(": ")[:3] for line in found] == [
        ["a.yaml:3", "one", "title"],
        ["a.yaml:4", "one", "image"],
        ["a.yaml:5", "one", "container_user"],
        ["a.yaml:6", "two", "title"],
        ["a.yaml:8", "each of the tiles must have a 'slug'"],
        ["b.yaml:4", "small", "cpus"],
        ["b.yaml:5", "small", "memory"],
        ["b.yaml:6", "wheels", "unknown key."],
    ]
    assert found[0] == "a.yaml:3: one: title: must be text, not 1.1: put it in quotes"
    assert found[3] == "a.yaml:6: two: title: is missing"


def test_a_key_that_stands_twice(problems: Problems) -> None:
    text = GOOD.replace("    image:", "    title: Again\n    image:")
    assert problems(text) == ["a.yaml:4: the key 'title' stands here twice, first on line 3"]


def test_a_slug_that_stands_twice(problems: Problems) -> None:
    text = GOOD.replace("machines:", "  - {slug: one, title: Two, image: b}\nmachines:")
    (found,) = problems(text)
    assert found.startswith("a.yaml:5: the slug 'one' stands twice in this file: see a.yaml:2")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("tiles: [", 1),
        ("tiles:\n\t- x", 2),
        ("a: b: c", 1),
        ("--- a\n--- b\n", 2),
        ("tiles: *nowhere", 1),
        ("x: \x01", 0),
    ],
)
def test_what_is_no_yaml(problems: Problems, text: str, line: int) -> None:
    (found,) = problems(text)
    assert "is not valid YAML" in found
    assert found.startswith(f"a.yaml:{line}: is" if line else "a.yaml: is")


@pytest.mark.parametrize("text", ["[]", "just text", "- slug: x", "5", "null: x", "? [a]\n: b"])
def test_what_is_no_catalogue(problems: Problems, text: str) -> None:
    assert problems(text)[0].startswith("a.yaml:1: ")


@pytest.mark.parametrize("entries", ["x", "{slug: one}", "[x]", "[[]]", "[{slug: 5}]", "[null]"])
def test_entries_must_have_slugs(problems: Problems, entries: str) -> None:
    (found,) = problems(f"tiles: {entries}")
    assert "must be a list" in found or "must have a 'slug'" in found


@pytest.mark.parametrize(
    "value",
    [
        "!!python/object/apply:os.system ['touch pwned']",
        "!!python/name:os.system",
        "!x y",
        "!!set {a}",
    ],
)
def test_tags_do_nothing(problems: Problems, tmp_path: Path, value: str) -> None:
    found = problems(GOOD.replace("title: One", f"title: {value}"))
    assert found[0].startswith("a.yaml:3: cannot be read as ")
    assert not (tmp_path / "pwned").exists()
    assert not Path("pwned").exists()


def test_an_alias_saves_typing(load: Load) -> None:
    catalogue = load(
        """\
        tiles:
          - {slug: one, title: One, image: a, environment: &env {A: "1"}}
          - {slug: two, title: Two, image: b, environment: *env}
        """
    )
    assert catalogue.tile("two").environment == {"A": "1"}


def test_an_alias_of_itself_ends(problems: Problems) -> None:
    assert any("nested too deeply" in line for line in problems("tiles: &a [*a]"))


def test_aliases_of_aliases_end(problems: Problems) -> None:
    rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    rows += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 12)]
    assert any("repeated too often" in line for line in problems("\n".join(rows)))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match=r"none\.yaml: cannot be read: No such file"):
        load_catalogue([tmp_path / "none.yaml"])


def test_a_file_of_another_encoding_is_named(tmp_path: Path) -> None:
    path = tmp_path / "latin.yaml"
    path.write_bytes("tiles: [é]".encode("latin-1"))
    with pytest.raises(CatalogueError, match=r"latin\.yaml: is not valid YAML"):
        load_catalogue([path])


# -- several files --------------------------------------------------------------------------------


def test_a_later_file_changes_the_keys_it_has(load: Load) -> None:
    catalogue = load(GOOD, "tiles:\n  - {slug: one, image: mine/one:2, hidden: true}\n")
    tile = catalogue.tile("one")
    assert (tile.title, tile.image, tile.hidden) == ("One", "mine/one:2", True)


def test_a_later_file_adds_at_the_end(load: Load) -> None:
    catalogue = load(GOOD, "tiles:\n  - {slug: two, title: Two, image: b}\n")
    assert list(catalogue.tiles) == ["one", "two"]


def test_a_problem_is_placed_in_the_file_that_made_it(problems: Problems) -> None:
    found = problems(GOOD, "tiles:\n  - slug: one\n    image: NOT AN IMAGE\n")
    assert len(found) == 1
    assert found[0].startswith("b.yaml:3: one: image: ")
    found = problems(GOOD.replace("a/one:1", "WRONG"), "tiles:\n  - {slug: one, title: Uno}\n")
    assert found[0].startswith("a.yaml:4: one: image: ")


def test_what_is_missing_is_missed_where_the_entry_began(problems: Problems) -> None:
    found = problems("tiles:\n  - {slug: one, title: One}\n", "tiles:\n  - {slug: one, icon: a}\n")
    assert found == ["a.yaml:2: one: image: is missing"]


def test_a_slip_in_the_slug_of_a_changed_tile(problems: Problems) -> None:
    found = problems(GOOD, "tiles:\n  - {slug: onee, title: x}\n")
    assert found == ["b.yaml:2: onee: image: is missing. Did you mean 'one'?"]


def test_a_builtin_tile_can_be_taken_away(load: Load, tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text("tiles:\n  - {slug: python, hidden: true}\n", encoding="utf-8")
    catalogue = load_catalogue([*builtin_paths(), own])
    assert "python" not in [tile.slug for tile in catalogue.visible_tiles()]
    assert catalogue.tile("python").title == "Python"


def test_the_last_file_with_a_default_machine_decides(load: Load) -> None:
    own = "machines:\n  - {slug: big, title: Big, cpus: 8, memory: 8g, default: true}\n"
    assert load(GOOD, own).default_machine().slug == "big"
    assert load(own, GOOD).default_machine().slug == "small"
    assert sum(machine.default for machine in load(GOOD, own).machines.values()) == 1


def test_two_default_machines_of_one_file(problems: Problems) -> None:
    second = "  - {slug: big, title: Big, cpus: 8, memory: 8g, default: true}\n"
    (found,) = problems(GOOD + second)
    assert found == ("a.yaml:7: big: default: 'small' is the default machine of this file already")


# -- redirects ------------------------------------------------------------------------------------


def _old(slug: str, redirect: str) -> str:
    fields = f"slug: {slug}, title: T, image: a, deprecated: true, redirect: {redirect}"
    return f"  - {{{fields}}}\n"


def test_a_redirect(load: Load) -> None:
    catalogue = load(GOOD.replace("machines:", _old("zero", "one") + "machines:"))
    assert catalogue.resolve("zero").slug == "one"


def test_a_redirect_to_nowhere(problems: Problems) -> None:
    assert problems("tiles:\n" + _old("torch", "pyhton") + _old("python", "zzz")) == [
        "a.yaml:2: torch: redirect: there is no tile 'pyhton'. Did you mean 'python'?",
        "a.yaml:3: python: redirect: there is no tile 'zzz'.",
    ]


def test_redirects_in_circles(problems: Problems) -> None:
    circle = _old("a", "b") + _old("b", "c") + _old("c", "a")
    assert len(problems("tiles:\n" + circle)) == 3
    assert problems("tiles:\n" + _old("a", "a")) == ["a.yaml:2: a: redirect: leads back to itself"]


def test_a_redirect_of_a_current_tile(problems: Problems) -> None:
    text = GOOD.replace("    image:", "    redirect: one\n    image:")
    (found,) = problems(text)
    assert "must say 'deprecated: true'" in found


def test_a_redirect_to_a_wrong_tile_is_one_problem(problems: Problems) -> None:
    found = problems("tiles:\n" + _old("a", "b") + "  - {slug: b, title: B, image: NO}\n")
    assert len(found) == 1


def test_very_many_problems_are_cut_short(problems: Problems) -> None:
    found = problems("tiles:\n" + "  - {title: x}\n" * 100)
    assert len(found) == 31
    assert found[-1] == "and 70 more"


@settings(max_examples=150, deadline=None)
@given(
    st.binary(max_size=60)
    | st.text(alphabet='tiles:slug-[]{}"&*!\n x', max_size=60).map(str.encode)
)
def test_any_file_loads_or_is_refused(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzz.yaml"
    path.write_bytes(data)
    with suppress(CatalogueError):
        load_catalogue([path])
