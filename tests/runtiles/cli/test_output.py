"""Listings: sorted, aligned, and the same facts as JSON and CSV."""

import csv
import io
import json

import pytest

from runtiles.cli.columns import Column, Row
from runtiles.cli.errors import BadUsage
from runtiles.cli.output import pairs
from runtiles.cli.tables import Format, fitted, listing, ordered

ROWS: list[Row] = [
    {"name": "b", "count": 2, "tags": ["x", "y"], "on": True},
    {"name": "A", "count": 10, "tags": [], "on": False},
    {"name": "c", "count": None, "tags": ["\x1b[2Jz"], "on": None},
]
COLUMNS = [
    Column("name"),
    Column("count", "how many", show=lambda row: f"{row['count']} pcs" if row["count"] else ""),
    Column("tags"),
    Column("on"),
]


@pytest.mark.parametrize(
    ("sort", "names"),
    [("", "bAc"), ("name", "Abc"), ("-name", "cbA"), ("count", "bAc"), ("-count", "Abc")],
)
def test_what_is_unknown_comes_last_in_any_order(sort: str, names: str) -> None:
    assert "".join(row["name"] for row in ordered(ROWS, COLUMNS, sort)) == names


def test_a_key_that_nothing_has() -> None:
    with pytest.raises(BadUsage, match="Did you mean 'count'"):
        ordered(ROWS, COLUMNS, "cuont")


def test_a_table_for_a_pipe_is_plain_and_aligned(capsys: pytest.CaptureFixture[str]) -> None:
    listing(ROWS, COLUMNS, Format(sort="name"), "none")
    assert capsys.readouterr().out == (
        "NAME  HOW MANY  TAGS  ON\n"
        "A     10 pcs          no\n"
        "b     2 pcs     x, y  yes\n"
        "c               z\n"
    )


def test_json_has_everything(capsys: pytest.CaptureFixture[str]) -> None:
    listing(ROWS, COLUMNS, Format(json=True), "none")
    assert json.loads(capsys.readouterr().out) == ROWS


def test_csv_has_values_rather_than_words(capsys: pytest.CaptureFixture[str]) -> None:
    listing(ROWS, COLUMNS, Format(csv=True, sort="name"), "none")
    lines = list(csv.reader(io.StringIO(capsys.readouterr().out)))
    assert lines[0] == ["name", "count", "tags", "on"]
    assert lines[1] == ["A", "10", "", "false"]
    assert lines[2] == ["b", "2", "x y", "true"]


def test_nothing_is_said_to_the_person_and_not_to_the_pipe(
    capsys: pytest.CaptureFixture[str],
) -> None:
    listing([], COLUMNS, Format(), "There is nothing.")
    assert capsys.readouterr() == ("", "There is nothing.\n")
    listing([], COLUMNS, Format(json=True), "There is nothing.")
    assert capsys.readouterr() == ("[]\n", "")


def test_pairs_leave_out_what_is_empty(capsys: pytest.CaptureFixture[str]) -> None:
    pairs({"Name": "lab", "Log": "one\ntwo", "Nothing": ""})
    assert capsys.readouterr().out == "Name  lab\nLog   one\n      two\n"


@pytest.mark.parametrize(
    ("widths", "whole", "room", "expected"),
    [
        ([10, 50, 30], [False] * 3, 100, [10, 50, 30]),
        ([10, 50, 30], [False] * 3, 60, [10, 25, 25]),
        ([40, 50, 30], [True, False, False], 70, [40, 15, 15]),
        ([40, 50, 30], [True, False, False], 20, [40, 12, 12]),
        ([], [], 80, []),
    ],
)
def test_the_widest_column_gives_way_first(
    widths: list[int], whole: list[bool], room: int, expected: list[int]
) -> None:
    assert fitted(widths, whole, room) == expected


def test_csv_holds_neither_commands_nor_formulas(capsys: pytest.CaptureFixture[str]) -> None:
    rows: list[Row] = [{"name": "=1+1", "count": -2}, {"name": "\x1b]0;x\x07@a", "count": 3}]
    listing(rows, COLUMNS[:2], Format(csv=True), "")
    assert capsys.readouterr().out == "name,count\n'=1+1,-2\n'@a,3\n"


def test_json_holds_no_command_to_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    rows: list[Row] = [{"name": "\x9b2J\x7f\x1b[2J"}]
    listing(rows, COLUMNS[:1], Format(json=True), "")
    out = capsys.readouterr().out
    assert not set(out) & {"\x9b", "\x7f", "\x1b"}
    assert json.loads(out) == rows
