"""Whatever comes in: a LaunchRequest or InvalidRequest, nothing else, and no password in a message."""

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runtiles.contract.errors import InvalidRequest
from runtiles.options import (
    LaunchRequest,
    form_to_options,
    plaintext_passwords,
    query_to_options,
    replace_passwords,
    to_user_options,
)
from tests.runtiles.samples import CATALOGUE, OPEN, ask, fields_of

CANARY = "c4n4ry-9f2e71"
FIELDS = [*LaunchRequest.model_fields, "profile", "imgae"]
NESTED = [
    "url",
    "ref",
    "username",
    "password",
    "timeout",
    "type",
    "action",
    "A",
    "HF_TOKEN",
    "PATH",
]
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(alphabet=st.characters(), max_size=12)
    | st.sampled_from(
        [CANARY, "python", "torch", "small", "a/b:1", "1h", "root", "secret:x", "main"]
    )
    | st.sampled_from(["\0", "\ud800", "x" * 5000, "-x", "https://h/a", "../..", "\u202e", "'"])
    | st.sampled_from([f"https://u:{CANARY}@h/a", f"https://{CANARY}@h/a"])
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(NESTED) | st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=8,
)
OPTIONS = st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=5), VALUES, max_size=6)
quick = settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@quick
@given(options=OPTIONS | VALUES, previous=OPTIONS | st.none())
def test_the_gate_answers_anything(options: Any, previous: Any) -> None:
    for text in fields_of(options, OPEN, previous=previous).values():
        assert text
        assert len(text) < 400


def some_of(**fields: list[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Any selection of these fields, each with one of its values."""
    optional = {name: st.sampled_from(values) for name, values in fields.items()}
    return st.fixed_dictionaries({}, optional=optional)


VALID = st.tuples(
    some_of(
        tile=["torch", "old-torch", "lab", "python"],
        machine=["small", "gpu-1", "gpu-2", None],
        name=["a", "default", "x-1"],
        image=["a/b", "x.io:5000/a@sha256:" + "0" * 64, " python ", ""],
        command=["jupyter lab 'a b'", ["a", "", "b c"], [], "\\'"],
        container_user=["root", 1000, "1:2", " a "],
        environment=[{"A": 1, "B": "", "HF_TOKEN": "secret:x"}, {}, {"X": "a\nb é 👩‍🔬"}],
        mounts=[[{"source": "shared-a", "target": "/x", "read_only": "yes"}], []],
        time_limit=["90s", 3600, 1.6, "1h30m"],
        startup_hook=["a\r\nb", "\t"],
        example=["a/./b", "https://h/x?y"],
        description=["  é\n", "x"],
        resume=["snap-1"],
    ),
    some_of(url=["git@h:a", " https://H/a "], ref=["main", "é"], password=["secret:g"]),
    some_of(timeout=["5m", 60], type=["work"], action=["stop"]),
).map(lambda parts: {"tile": "torch", **parts[0], "workspace": parts[1], "idle": parts[2]})


@quick
@given(options=VALID | OPTIONS.map(lambda options: {"tile": "torch", **options}))
def test_what_passed_once_passes_again_unchanged(options: Any) -> None:
    try:
        request = ask(options, OPEN)
    except InvalidRequest:
        return
    stored = to_user_options(request)
    assert json.loads(json.dumps(stored)) == stored
    named = {**stored, "name": request.name}
    assert ask(named, OPEN) == request
    assert to_user_options(ask(named, OPEN)) == stored


@quick
@given(options=OPTIONS)
def test_no_credential_passes_and_none_is_repeated(options: Any) -> None:
    options = {"tile": "torch", **options, "workspace": {"password": CANARY}}
    found = fields_of(options, OPEN)
    assert "workspace.password" in found or "options" in found
    assert "c4n4ry" not in found.get("workspace.password", "")


@quick
@given(options=OPTIONS | VALUES)
def test_replacing_takes_anything_and_leaves_no_password(options: Any) -> None:
    replaced = replace_passwords(options, lambda *_: "secret:kept")
    assert plaintext_passwords(replaced) == []


@quick
@given(
    st.dictionaries(st.sampled_from([*FIELDS, "workspace_url", "x"]), st.lists(SCALARS, max_size=2))
)
def test_any_form_is_options_or_refused(form: dict[str, list[Any]]) -> None:
    try:
        options = form_to_options(form)
    except InvalidRequest:
        return
    assert "_xsrf" not in options


@quick
@given(st.dictionaries(st.sampled_from(["tile", "profile", "x"]), st.lists(SCALARS, max_size=2)))
def test_any_link_is_a_tile_or_refused(query: dict[str, list[Any]]) -> None:
    try:
        options = query_to_options(query, CATALOGUE)
    except InvalidRequest:
        return
    assert list(options) == ["tile"]
    assert options["tile"] in CATALOGUE.tiles
