"""Bytes of a body to a JSON object that can be stored and sent on. Pure."""

import json
from collections.abc import Iterator
from typing import Any

from runtiles.contract.errors import InvalidRequest
from runtiles.values.text import is_text

_BACKSLASH_U = b"\\u"


def json_object(raw: bytes) -> dict[str, Any]:
    """{} for nothing. Raises InvalidRequest, with an entry for each key whose text is none."""
    if not raw.strip():
        return {}
    try:
        body = json.loads(raw, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise InvalidRequest({"body": "is not JSON"}) from None
    if not isinstance(body, dict):
        raise InvalidRequest({"body": "must be a JSON object"})
    # Only an escape can say NUL or half a character: most bodies have none.
    if _BACKSLASH_U in raw:
        _check_texts(body)
    return body


def _check_texts(body: dict[str, Any]) -> None:
    if not all(map(is_text, body)):
        raise InvalidRequest({"body": "every key must be valid Unicode text without NUL"})
    odd = [key for key, value in body.items() if not all(map(is_text, _texts(value)))]
    if odd:
        text = "must be valid Unicode text without NUL"
        raise InvalidRequest({key[:100]: text for key in odd[:50]})


def _texts(value: Any) -> Iterator[str]:
    """All texts in it, however deep: as many levels as JSON's reader takes would be too many calls."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, dict):
            waiting += [*item, *item.values()]
        elif isinstance(item, list):
            waiting += item


def _no_number(text: str) -> None:
    raise ValueError(text)
