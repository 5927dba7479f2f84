"""The guarantees of runtiles.names, each as a test of that name."""

import re

import pytest
from dockerspawner import DockerSpawner
from hypothesis import given
from hypothesis import strategies as st
from jupyterhub.slugs import is_valid_safe_slug

from runtiles import names

USERS = st.text(min_size=1, max_size=255)


@pytest.mark.parametrize("name", ["a", "default", "gpu-box", "x1", "a" * 30, "a-1-b-2"])
def test_accepts_runtime_names(name: str) -> None:
    assert names.check_runtime_name(name) == name


@pytest.mark.parametrize(
    "name",
    ["", "A", "1a", "-a", "a-", "a--b", "a_b", "a b", "a" * 31, "a\n", "é", "../a", None, 5, ["a"]],
)
def test_refuses_what_is_no_runtime_name(name: object) -> None:
    with pytest.raises(ValueError, match="1 to 30 lower-case letters"):
        names.check_runtime_name(name)


@given(st.text(alphabet="ab1-_A\n", max_size=32))
def test_agrees_with_the_hub_about_names(name: str) -> None:
    try:
        accepted = bool(names.check_runtime_name(name))
    except ValueError:
        accepted = False
    # The Hub's own pattern lets a final line break pass.
    assert accepted == (is_valid_safe_slug(name) and not name.endswith("\n"))


def test_default_is_the_hubs_unnamed_server() -> None:
    assert names.server_name("default") == ""
    assert names.runtime_name("") == "default"
    assert names.server_name("gpu") == names.runtime_name("gpu") == "gpu"


def test_a_named_server_is_never_called_default() -> None:
    assert names.check_server_name("") == ""
    assert names.check_server_name("gpu") == "gpu"
    with pytest.raises(ValueError, match="unnamed"):
        names.check_server_name("default")


def test_no_runtime_is_called_like_a_part_of_the_api() -> None:
    for check in (names.check_runtime_name, names.check_server_name):
        with pytest.raises(ValueError, match="meaning of its own"):
            check("preview")


@pytest.mark.parametrize(
    ("user", "volume"),
    [
        ("ada", "runtiles-ada"),
        ("ada.l", "runtiles-ada-2el"),
        ("a-b", "runtiles-a-2db"),
        ("Ada", "runtiles--41da"),
        ("é", "runtiles--c3-a9"),
    ],
)
def test_volume_names(user: str, volume: str) -> None:
    assert names.volume_name(user) == volume


@given(USERS, USERS)
def test_two_users_never_share_a_volume(one: str, other: str) -> None:
    assert (names.volume_name(one) == names.volume_name(other)) == (one == other)


@pytest.mark.parametrize("tail", ["b", "-", "é"])
def test_long_users_never_share_a_volume(tail: str) -> None:
    one, other = "é" * 200, "é" * 199 + tail
    assert (names.volume_name(one) == names.volume_name(other)) == (one == other)


@given(USERS)
def test_a_volume_name_is_valid_for_docker(user: str) -> None:
    assert re.fullmatch(r"[a-zA-Z0-9][a-zA-Z0-9_.-]{1,200}", names.volume_name(user))


# Not control characters, of which escapism's encoding is ambiguous; no Hub accepts them.
@given(st.text(min_size=1, max_size=40, alphabet=st.characters(exclude_categories=["Cs", "Cc"])))
def test_a_users_name_is_escaped_as_dockerspawner_does(user: str) -> None:
    if len(user.encode()) * 3 <= 128:
        assert names.escaped_user(user) == DockerSpawner._escape(user)


@pytest.mark.parametrize("name", ["default", "gpu", "a-b-1"])
def test_a_valid_name_is_its_own_folder(name: str) -> None:
    assert names.workspace_folder(name) == name


@given(st.text(max_size=60), st.text(max_size=60))
def test_two_runtimes_never_share_a_folder(one: str, other: str) -> None:
    assert (names.workspace_folder(one) == names.workspace_folder(other)) == (one == other)


@given(st.text(max_size=60))
def test_a_folder_is_one_safe_path_component(name: str) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9-]{0,50}", names.workspace_folder(name))


@pytest.mark.parametrize(
    ("wish", "taken", "name"),
    [
        ("pytorch-1-10", [], "pytorch-1-10"),
        ("PyTorch 1.10", [], "pytorch-1-10"),
        ("python", ["python"], "python-2"),
        ("python", ["python", "python-2"], "python-3"),
        ("Crème brûlée", [], "creme-brulee"),
        ("3d", [], "r-3d"),
        ("", [], "runtime"),
        ("日本", [], "runtime"),
        ("default", [], "runtime"),
        ("preview", [], "runtime"),
        ("a" * 40, ["a" * 30], "a" * 28 + "-2"),
        ("a" * 28 + "-b", ["a" * 28 + "-b"], "a" * 28 + "-2"),
    ],
)
def test_suggestions(wish: str, taken: list[str], name: str) -> None:
    assert names.suggest_name(wish, taken) == name


@given(st.text(max_size=60), st.integers(0, 12))
def test_a_suggestion_is_valid_and_free(wish: str, others: int) -> None:
    taken: set[str] = set()
    for _ in range(others + 1):
        name = names.suggest_name(wish, taken)
        assert names.check_runtime_name(name) == name
        assert name not in taken
        assert name != "default"
        taken.add(name)
