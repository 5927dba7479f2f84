"""Credentials typed in clear."""

from typing import Any

import pytest

from runtiles.options import plaintext_passwords, replace_passwords

OPTIONS = {
    "tile": "torch",
    "workspace": {"url": "https://h/a", "username": "ada", "password": "hunter2"},
    "registry": {"username": "ada", "password": "secret:registry"},
    "environment": {"A": "1", "HF_TOKEN": "hunter3", "DB_PASSWORD": "secret:db", "MAX_TOKEN": "9"},
}


def test_finds_what_is_in_clear() -> None:
    assert plaintext_passwords(OPTIONS) == ["workspace.password", "environment.HF_TOKEN"]


def test_replaces_it() -> None:
    kept: dict[str, str] = {}

    def keep(field: str, value: str) -> str:
        kept[field] = value
        return f"secret:{len(kept)}"

    replaced = replace_passwords(OPTIONS, keep)
    assert kept == {"workspace.password": "hunter2", "environment.HF_TOKEN": "hunter3"}
    assert "hunter" not in str(replaced)
    assert replaced["workspace"] == {**OPTIONS["workspace"], "password": "secret:1"}  # type: ignore[dict-item]
    assert plaintext_passwords(replaced) == []


def test_the_original_stays_as_it_was() -> None:
    before = str(OPTIONS)
    replace_passwords(OPTIONS, lambda *_: "secret:x")
    assert str(OPTIONS) == before


@pytest.mark.parametrize(
    "options",
    [
        *(None, [], "x", 5, {}, {"workspace": None}, {"workspace": "x"}, {"workspace": []}),
        *(
            {"workspace": {"password": ""}},
            {"workspace": {"password": "  "}},
            {"environment": "A=1"},
        ),
        *({"registry": {"password": 5}}, {"environment": {"HF_TOKEN": None}}),
        {"environment": {5: "x"}},
    ],
)
def test_finds_nothing_where_there_is_nothing(options: Any) -> None:
    assert plaintext_passwords(options) == []
    assert replace_passwords(options, lambda *_: "secret:x") == options
