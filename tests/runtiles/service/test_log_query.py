"""Which lines somebody asks for, in the words of a request."""

from contextlib import suppress
from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtiles.contract.errors import InvalidRequest
from runtiles.service.runtimes.log_query import LogQuery, parse_query
from runtiles.values.loglines import LogLine

NOW = datetime(2026, 11, 21, 12, 0, 0, tzinfo=timezone.utc).timestamp()
LINES = [
    LogLine(1.0, "a", "pull"),
    LogLine(2.0, "b", "workspace"),
    LogLine(3.0, "c", "server"),
    LogLine(4.0, "d", "server"),
]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("10m", NOW - 600),
        ("90", NOW - 90),
        ("1h30m", NOW - 5400),
        ("2026-11-21T11:00:00Z", NOW - 3600),
        ("2026-11-21T11:00:00", NOW - 3600),
        ("2026-11-21T11:00:00.250000Z", NOW - 3599.75),
        ("2026-11-21T13:00:00+02:00", NOW - 3600),
        ("2026-11-21T13:00:00 02:00", NOW - 3600),
        ("2026-11-21T09:00:00-02:00", NOW - 3600),
        ("2026-11-21 11:00", NOW - 3600),
        ("2026-11-21", NOW - 12 * 3600),
    ],
)
def test_a_moment_is_a_time_or_how_long_ago(text: str, moment: float) -> None:
    assert parse_query({"since": [text]}, now=NOW).since == moment
    assert parse_query({"until": [text]}, now=NOW).until == moment


def test_what_is_left_out_means_everything() -> None:
    everything = LogQuery()
    assert parse_query({}) == everything
    assert parse_query({"tail": [""], "since": [" "], "phase": ["", ","]}) == everything
    assert everything.choose(LINES) == LINES


def test_phases_come_as_a_list_or_one_by_one_and_in_the_words_of_a_launch() -> None:
    assert parse_query({"phase": ["pull,server", "hook"]}).phases == {"pull", "server", "workspace"}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"tail": ["-1"]}, "from 0 to 100000"),
        ({"tail": ["\u00b2"]}, "from 0 to"),
        ({"tail": ["9" * 5000]}, "from 0 to"),
        ({"since": ["soon"]}, "such as '30m'"),
        ({"until": ["2026-02-30"]}, "must be a time such as"),
        ({"until": ["-5m"]}, "must be a time such as"),
        ({"phase": ["serber"]}, "Did you mean 'server'"),
    ],
)
def test_what_is_wrong_is_explained(given: dict[str, list[str]], message: str) -> None:
    with pytest.raises(InvalidRequest, match=message) as caught:
        parse_query(given, now=NOW)
    assert caught.value.fields.keys() == given.keys()


@given(st.sampled_from(["tail", "since", "until", "phase"]), st.text(max_size=40))
def test_any_text_is_read_or_refused(name: str, text: str) -> None:
    with suppress(InvalidRequest):
        parse_query({name: [text]})


@pytest.mark.parametrize(
    ("query", "texts"),
    [
        (LogQuery(tail=2), "cd"),
        (LogQuery(tail=0), ""),
        (LogQuery(tail=9), "abcd"),
        (LogQuery(since=2.0, until=3.0), "bc"),
        (LogQuery(phases=frozenset({"server"}), tail=1), "d"),
        (LogQuery(phases=frozenset({"pull", "workspace"})), "ab"),
    ],
)
def test_the_tail_is_taken_of_what_is_wanted(query: LogQuery, texts: str) -> None:
    assert "".join(line.text for line in query.choose(LINES)) == texts
