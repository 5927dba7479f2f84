"""What comes in as a body: a JSON object of texts, or one entry for each thing that is wrong."""

import pytest

from runtiles.contract.errors import InvalidRequest
from runtiles.service.bodies import json_object


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"", {}),
        (b" \n", {}),
        (b"{}", {}),
        (b'{"a": {"b": ["\\u00e9", 1, null]}}', {"a": {"b": ["é", 1, None]}}),
        (b'{"a": "\\\\u0000"}', {"a": "\\u0000"}),
        (b'{"a": "\\ud83d\\ude00"}', {"a": "😀"}),
    ],
)
def test_an_object_is_taken_as_it_is(raw: bytes, expected: object) -> None:
    assert json_object(raw) == expected


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        (b"{", "body"),
        (b"[]", "body"),
        (b"null", "body"),
        (b'{"a": NaN}', "body"),
        (b"\xff", "body"),
        (b'{"a": %s}' % (b"9" * 5000), "body"),
        (b"[" * 100_000, "body"),
        (b'{"a\\u0000": 1}', "body"),
        (b'{"a": "\\u0000"}', "a"),
        (b'{"a": {"b": ["\\ud800"]}}', "a"),
        (b'{"a": {"\\udfff": 1}}', "a"),
    ],
)
def test_what_is_none_is_refused(raw: bytes, field: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        json_object(raw)
    assert list(caught.value.fields) == [field]


def test_depth_costs_no_calls() -> None:
    deep = b'{"a": ' + b"[" * 900 + b'"\\u0000"' + b"]" * 900 + b"}"
    with pytest.raises(InvalidRequest):
        json_object(deep)
