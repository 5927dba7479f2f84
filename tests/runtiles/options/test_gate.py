"""validate(): fields, messages, the last options, and what is stored."""

from typing import Any

import pytest

from runtiles.contract.errors import InvalidRequest
from runtiles.options import IdleRequest, for_another, to_user_options
from tests.runtiles.samples import DIGEST, OPEN, STRICT, ask, fields_of

FULL = {
    "tile": "torch",
    "machine": "gpu-1",
    "name": "my-run",
    "image": f"nvcr.io/nvidia/pytorch:22.01@{DIGEST}",
    "command": "jupyter lab --LabApp.allow_origin='*'",
    "container_user": "1000:100",
    "workspace": {
        "url": "https://git.example.org/team/repo.git",
        "ref": "feature/x",
        "username": "ada",
        "password": "secret:git",
    },
    "registry": {"username": "ada", "password": "secret:registry"},
    "environment": {"N": "1", "HF_TOKEN": "secret:hf", "EMPTY": "", "COUNT": 4},
    "mounts": [{"source": "shared-data", "target": "/data", "read_only": True}],
    "idle": {"timeout": "30m", "type": "kernels_or_terminals", "action": "freeze"},
    "time_limit": "2h",
    "startup_hook": "pip install x\necho done\n",
    "example": "notebooks/intro.ipynb",
    "description": "A try.",
    "resume": "snap-0123",
}


def test_every_field_passes() -> None:
    request = ask(FULL, OPEN)
    assert request.command == ("jupyter", "lab", "--LabApp.allow_origin=*")
    assert request.environment == {"N": "1", "HF_TOKEN": "secret:hf", "EMPTY": "", "COUNT": "4"}
    assert request.idle == IdleRequest(timeout=1800, type="kernels_or_terminals", action="freeze")
    assert request.time_limit == 7200
    assert request.workspace.password == "secret:git"
    assert request.mounts[0].target == "/data"


def test_what_is_stored_gives_the_same_request_again() -> None:
    request = ask(FULL, OPEN)
    stored = to_user_options(request)
    assert ask({**stored, "name": "my-run"}, OPEN) == request
    assert stored["profile"] == stored["tile"] == "torch"
    assert "name" not in stored


def test_what_is_stored_is_small() -> None:
    assert to_user_options(ask({"tile": "python"})) == {
        "profile": "python",
        "tile": "python",
        "machine": "small",
    }


# -- one message per bad field --------------------------------------------------------------------

BAD: list[tuple[str, Any, str, str]] = [
    # field, value, dotted field in the answer, words of the message
    ("tile", "toch", "tile", "Did you mean 'torch'?"),
    ("tile", 5, "tile", "must be text"),
    ("tile", ["torch"], "tile", "must be text"),
    ("machine", "gpu-3", "machine", "There is no machine 'gpu-3'. Did you mean"),
    ("machine", {"gpus": 8}, "machine", "must be text"),
    ("name", "My Run", "name", "lower-case letters"),
    ("name", "a--b", "name", "lower-case letters"),
    ("image", "NOT AN IMAGE", "image", "must be an image name"),
    ("image", ["a"], "image", "must be text"),
    ("image", "python", "image", "images of its tiles only"),
    ("command", "a 'b", "command", "quote"),
    ("command", {"a": 1}, "command", "must be text or a list"),
    ("command", ["a", 5], "command", "must be a list of texts"),
    ("container_user", "a b", "container_user", "user name or number"),
    ("workspace", "https://h/a", "workspace", "must be a mapping"),
    ("workspace", {"uri": "x"}, "workspace.uri", "unknown key. Did you mean 'url'?"),
    ("workspace", {"url": "x"}, "workspace.url", "must start with https://"),
    ("workspace", {"url": "https://u:p@h/a"}, "workspace.url", "username and password fields"),
    ("workspace", {"url": "https://h/a", "ref": "-x"}, "workspace.ref", "no name that git accepts"),
    ("workspace", {"url": "http://h/a"}, "workspace.url", "clones over https, not over http"),
    ("workspace", {"url": "file:///a"}, "workspace.url", "not over file"),
    ("workspace", {"url": "git@h:a"}, "workspace.url", "not over ssh"),
    ("workspace", {"url": "ext::sh -c id"}, "workspace.url", "must"),
    ("workspace", {"ref": "main"}, "workspace.url", "has no workspace of its own"),
    ("workspace", {"username": "a\nb"}, "workspace.username", "one line"),
    ("registry", {"password": "secret:x"}, "registry.username", "is needed"),
    ("registry", {"user": "x"}, "registry.user", "Did you mean 'username'?"),
    ("environment", ["A=1"], "environment", "must be a mapping"),
    ("environment", {"A": None}, "environment.A", "must be text or a number"),
    ("environment", {"A B": "1"}, "environment.A B", "must be a name"),
    ("environment", {"[key]": "1"}, "environment.[key]", "must be a name"),
    ("[key]", "x", "[key]", "unknown key"),
    ("workspace", {"[key]": "x"}, "workspace.[key]", "unknown key"),
    ("environment", {"LD_PRELOAD": "x"}, "environment.LD_PRELOAD", "is reserved"),
    ("environment", {"JUPYTERHUB_API_TOKEN": "x"}, "environment.JUPYTERHUB_API_TOKEN", "reserved"),
    ("environment", {"A": "secret:a b"}, "environment.A", "name after 'secret:'"),
    ("environment", {f"A{i}": "" for i in range(201)}, "environment", "at most 200"),
    ("mounts", [{"source": "shared-x", "target": "/x"}], "mounts", "does not let users mount"),
    ("mounts", "x", "mounts", "must be a list"),
    ("mounts", [{"source": "/etc", "target": "/x"}], "mounts.0.source", "name of a volume"),
    ("mounts", [{"source": "a", "target": "/etc"}], "mounts.0.target", "must not hide"),
    ("mounts", [{"source": "a"}], "mounts.0.target", "is missing"),
    ("mounts", [{"source": "a", "target": "/x", "rw": 1}], "mounts.0.rw", "unknown key"),
    ("idle", {"timeout": "soon"}, "idle.timeout", "must be a duration"),
    (
        "idle",
        {"type": "sleepy"},
        "idle.type",
        "must be one of 'kernels_or_terminals', 'kernel_conn",
    ),
    ("idle", {"timeout": "1h", "action": "kill"}, "idle.action", "must be one of 'pause', 'stop'"),
    ("idle", {"action": "stop"}, "idle.timeout", "has no idle policy"),
    ("idle", "30m", "idle", "must be a mapping"),
    ("time_limit", "5 parsecs", "time_limit", "must be a duration"),
    ("time_limit", -1, "time_limit", "between one second"),
    ("startup_hook", "a\x1bb", "startup_hook", "control characters"),
    ("example", "../../etc/passwd", "example", "inside the workspace"),
    ("description", "x" * 2001, "description", "at most 2000"),
    ("resume", "../x", "resume", "id of a snapshot"),
    ("resume", 7, "resume", "must be text"),
    ("comand", "x", "comand", "unknown key. Did you mean 'command'?"),
    ("profile", "torch", "profile", "names another tile"),
    ("name", "a\0", "name", "without NUL"),
    ("description", "\ud800", "description", "valid Unicode"),
    ("time_limit", 10**400, "time_limit", "smaller number"),
    ("idle", {"a": {"b": {"c": {"d": {"e": {"f": 1}}}}}}, "idle", "nested too deeply"),
    ("startup_hook", "x" * 400_000, "startup_hook", "too long"),
    ("mounts", [{}] * 3000, "mounts", "more than 2000 entries"),
]


@pytest.mark.parametrize(("field", "value", "dotted", "words"), BAD)
def test_a_bad_field_has_one_clear_message(field: str, value: Any, dotted: str, words: str) -> None:
    found = fields_of({"tile": "python", field: value})
    assert list(found) == [dotted]
    assert words in found[dotted]


def test_all_bad_fields_are_told_at_once() -> None:
    bad = {
        "tile": "toch",
        "machine": "small",
        "image": "NO IMAGE",
        "workspace": {"url": "https://u:p@h/a", "reff": "x", "password": "hunter2"},
        "environment": {"LD_PRELOAD": "x", "HF_TOKEN": "hunter2", "OK": "1"},
        "time_limit": "soon",
        "registry": {"password": "secret:x"},
        "mounts": [{}] * 3000,
        "comand": "x",
    }
    assert set(fields_of(bad)) == {
        *("tile", "image", "time_limit", "mounts", "comand", "registry.username"),
        *("workspace.url", "workspace.reff", "workspace.password"),
        *("environment.LD_PRELOAD", "environment.HF_TOKEN"),
    }


@pytest.mark.parametrize("options", [None, [], "x", 5, [{"tile": "python"}], b"{}"])
def test_options_must_be_an_object(options: Any) -> None:
    assert "must be an object" in fields_of(options)["options"]


def test_a_flood_of_keys_is_one_message() -> None:
    assert list(fields_of({f"k{i}": 1 for i in range(1000)})) == ["options"]
    assert list(fields_of({5: "x"})) == ["options"]
    assert list(fields_of({"\ud800": "x"})) == ["options"]


def test_a_huge_key_is_cut_in_the_answer() -> None:
    found = fields_of({"tile": "python", "x" * 1_000_000: {"y" * 1_000_000: 1}})
    assert max(map(len, found)) <= 210


@pytest.mark.parametrize(
    "blank",
    [None, "", "  ", {}, [], {"url": ""}, {"url": None, "password": "  "}],
)
def test_blank_means_not_asked_for(blank: Any) -> None:
    assert ask({"tile": "torch", "workspace": blank}) == ask({"tile": "torch"})


def test_an_empty_variable_is_not_an_unset_one() -> None:
    assert ask({"tile": "python", "environment": {"A": ""}}).environment == {"A": ""}


def test_passwords_are_secrets_here() -> None:
    found = fields_of(
        {
            "tile": "torch",
            "workspace": {"password": "hunter2"},
            "registry": {"username": "ada", "password": "hunter2"},
            "environment": {"WANDB_API_KEY": "hunter2"},
        }
    )
    assert set(found) == {
        "workspace.password",
        "registry.password",
        "environment.WANDB_API_KEY",
    }
    for text in found.values():
        assert "use secret:NAME, or launch through the Runtiles page or API" in text
        assert "hunter2" not in text


# -- the tile -------------------------------------------------------------------------------------


def test_profile_is_another_name_of_tile() -> None:
    assert ask({"profile": "torch"}).tile == "torch"
    assert ask({"profile": "torch", "tile": "torch"}).tile == "torch"


def test_a_deprecated_tile_becomes_its_successor() -> None:
    assert ask({"tile": "old-torch"}).tile == "torch"


def test_a_hidden_tile_can_be_launched_by_its_slug() -> None:
    assert ask({"tile": "lab"}).tile == "lab"


@pytest.mark.parametrize(("tile", "machine"), [("python", "small"), ("torch", "gpu-1")])
def test_the_machine_is_chosen(tile: str, machine: str) -> None:
    assert ask({"tile": tile}).machine == machine


def test_any_tile_runs_on_any_machine() -> None:
    assert ask({"tile": "torch", "machine": "small"}).machine == "small"
    assert ask({"tile": "python", "machine": "gpu-2"}).machine == "gpu-2"


@pytest.mark.parametrize("options", [{"machine": "small"}, {"environment": {"A": "1"}}])
def test_whoever_asks_for_something_says_for_which_tile(options: dict[str, Any]) -> None:
    assert fields_of(options) == {"tile": "Say which tile to launch."}


# -- {} -------------------------------------------------------------------------------------------


def test_nothing_asked_is_the_default_tile() -> None:
    assert ask({}).tile == "python"
    assert ask({}, STRICT.model_copy(update={"default_tile": "torch"})).tile == "torch"
    assert ask({}, STRICT.model_copy(update={"default_tile": "gone"})).tile == "python"
    assert ask({"tile": "", "workspace": {"url": ""}}).tile == "python"


def test_nothing_asked_is_what_was_asked_last() -> None:
    last = {"tile": "torch", "machine": "gpu-2", "environment": {"A": "1"}}
    assert ask({}, previous=last) == ask(last)
    stored = to_user_options(ask(last))
    assert ask({}, previous=stored) == ask(last)


def test_a_name_alone_asks_for_nothing() -> None:
    request = ask({"name": "second", "description": "x"}, previous={"tile": "torch", "name": "a"})
    assert (request.tile, request.name, request.description) == ("torch", "second", "x")


def test_the_last_snapshot_is_not_restored_again() -> None:
    request = ask({}, previous={"tile": "torch", "name": "first", "resume": "snap-1"})
    assert (request.name, request.resume) == ("", "")


def test_an_uploaded_folder_is_for_its_own_runtime() -> None:
    last = {"tile": "torch", "workspace": {"url": f"context:{'a' * 32}"}}
    assert ask({}, previous=last) == ask({"tile": "torch"})
    assert for_another(last) == {"tile": "torch"}
    cloned = {"tile": "torch", "workspace": {"url": "https://git.example.org/a.git"}}
    assert for_another({**cloned, "name": "one"}) == cloned


@pytest.mark.parametrize(
    "previous",
    [
        {"tile": "gone"},
        {"tile": "torch", "machine": "gone"},
        {"tile": "torch", "image": "no/longer:allowed"},
        {"tile": "torch", "removed_field": 1},
        {"tile": "torch", "workspace": {"url": "http://h/a"}},
        {"machine": "gpu-2"},
        {"tile": "\ud800"},
        {"tile": ["torch"]},
        {},
    ],
)
def test_last_options_that_no_longer_pass_are_forgotten(previous: dict[str, Any]) -> None:
    assert ask({}, previous=previous) == ask({"tile": "python"})


def test_bad_options_are_refused_whatever_came_before() -> None:
    assert list(fields_of({"tile": "gone"}, previous={"tile": "torch"})) == ["tile"]
    assert list(fields_of({"name": "A B"}, previous={"tile": "torch"})) == ["name"]


def test_neither_argument_is_changed() -> None:
    options: dict[str, Any] = {"profile": "torch", "workspace": {"url": "", "ref": "x"}}
    previous = {"tile": "torch", "name": "x"}
    ask(options, previous=previous)
    assert options == {"profile": "torch", "workspace": {"url": "", "ref": "x"}}
    assert previous == {"tile": "torch", "name": "x"}


def test_the_error_is_the_contracts() -> None:
    with pytest.raises(InvalidRequest) as refused:
        ask({"tile": "gone"})
    assert refused.value.to_dict()["details"]["fields"] == {"tile": "There is no tile 'gone'."}
