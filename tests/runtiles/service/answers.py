"""Each answer of the real service against the document that the service publishes.

A client with `checked` as its hook fails the test whose request got an answer that the document does not
foresee: another status, another type of content, a field too many or too few.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import httpx
from jsonschema_rs import Draft202012Validator

from runtiles.service.app import API
from runtiles.service.openapi.document import document
from runtiles.service.openapi.routes import endpoints

_BASE = "/services/runtiles/api"
_ERROR = "#/components/schemas/ErrorAnswer"
#: What each answer of the service has, and none of the proxy's.
_OURS = "Content-Security-Policy"


def checked(response: httpx.Response) -> None:
    """A hook for httpx. A stream is looked at no further than its head."""
    path = response.request.url.raw_path.decode().partition("?")[0].removeprefix(_BASE)
    if _OURS not in response.headers:
        return
    kind = response.headers.get("Content-Type", "").partition(";")[0]
    body = response.read() if kind == "application/json" or not kind else b""
    complaints = list(_complaints(response, path, kind, body))
    where = f"{response.request.method} {path} answered {response.status_code}"
    assert not complaints, f"{where}, unlike service/openapi says: {'; '.join(complaints)}"


def _complaints(response: httpx.Response, path: str, kind: str, body: bytes) -> Iterator[str]:
    method, status = response.request.method.lower(), response.status_code
    template = _template(path, method)
    if not template:
        yield from _unknown(status, response)
        return
    described = closed_document()["paths"].get(template, {}).get(method)
    if described is None:
        return  # test_openapi.py finds those
    answer = described["responses"].get(str(status))
    if answer is None:
        yield "the document does not know that status"
        return
    content = answer.get("content", {})
    if not content:
        yield from ["there should be no content"] if body else []
    elif kind not in content:
        yield f"the document does not know {kind!r}"
    elif kind == "application/json":
        yield from _misfits(content[kind]["schema"], response.json())


def _unknown(status: int, response: httpx.Response) -> Iterator[str]:
    if status not in (400, 401, 403, 404, 405):
        yield "there is no such operation"
    elif response.request.method != "HEAD":
        yield from _misfits({"$ref": _ERROR}, response.json())


def _misfits(schema: Any, value: Any) -> Iterator[str]:
    components = closed_document()["components"]
    validator = Draft202012Validator({**schema, "components": components})
    for error in validator.iter_errors(value):
        yield f"{'.'.join(map(str, error.instance_path))}: {error.message}"


def _template(path: str, method: str) -> str:
    """As tornado finds a handler: the first pattern that matches. Empty where no method answers."""
    for route in API:
        if re.fullmatch(str(route[0]), path):
            found = [e.path for e in endpoints([route]) if e.method == method]
            return found[0] if found else ""
    return ""


@cache
def closed_document() -> dict[str, Any]:
    """The document without its leave to add fields: what we do not know of is a mistake here."""
    made: dict[str, Any] = _closed(document(API, _BASE))
    return made


def _closed(value: Any) -> Any:
    if isinstance(value, list):
        return [_closed(item) for item in value]
    if not isinstance(value, dict):
        return value
    made = {key: _closed(item) for key, item in value.items()}
    if made.get("type") == "object" and "properties" in made:
        made.setdefault("additionalProperties", False)
    return made
