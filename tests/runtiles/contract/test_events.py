"""What crosses a container's standard output: typed when it is ours, an ordinary line when it is not."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtiles.contract.events import KINDS, PHASES, LaunchEvent, decode_line, encode_line

MARK = "##runtiles## "

events = st.builds(
    LaunchEvent,
    phase=st.sampled_from(PHASES),
    kind=st.sampled_from(KINDS),
    message=st.text(max_size=50),
    done=st.none() | st.integers(0, 2**62),
    total=st.none() | st.integers(0, 2**62),
    percent=st.none() | st.floats(0, 100),
    details=st.dictionaries(st.text(max_size=5), st.integers(), max_size=2),
    time=st.floats(1, 2e9),
)


@given(events)
def test_an_event_comes_back_as_it_went(event: LaunchEvent) -> None:
    assert decode_line(encode_line(event)) == event


@pytest.mark.parametrize(
    "text",
    [
        "an ordinary line",
        MARK,
        MARK + "no JSON",
        MARK + "[]",
        MARK + '{"phase":"nowhere","kind":"log"}',
        MARK + '{"phase":"hook","kind":"progress","percent":NaN}',
        MARK + '{"phase":"hook","kind":"progress","done":-Infinity}',
        MARK + '{"a":' + "[" * 100_000,
    ],
)
def test_what_is_no_event_is_an_ordinary_line(text: str) -> None:
    assert decode_line(text) is None


@pytest.mark.parametrize("number", ["1e999", "1e300", "true", '"5"', "null"])
def test_a_number_that_is_none_is_left_out_and_the_rest_is_valid_json(number: str) -> None:
    line = MARK + '{"phase":"hook","kind":"progress","done":%s,"percent":%s,"time":%s}'
    event = decode_line(line % (number, number, number))
    assert event is not None
    assert (event.done, event.percent) == (None, None)
    json.dumps(event.to_dict(), allow_nan=False)


@given(st.text(max_size=200))
def test_any_text_behind_the_mark_is_survived(text: str) -> None:
    decode_line(MARK + text)


def test_a_message_without_end_is_cut() -> None:
    event = decode_line(MARK + json.dumps({"phase": "hook", "kind": "log", "message": "x" * 10**6}))
    assert event is not None
    assert len(event.message) == 2000
