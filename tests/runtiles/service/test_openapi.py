"""The document: complete, valid, and true of what the code says."""

import json
from collections.abc import Iterable
from typing import Any

import pytest
import schemathesis
from tornado.web import RequestHandler

from runtiles import __version__
from runtiles.contract.errors import Conflict
from runtiles.options import LaunchRequest
from runtiles.service.app import API
from runtiles.service.openapi import USER, Query, operation
from runtiles.service.openapi.document import document
from runtiles.service.openapi.routes import endpoints, filled
from tests.runtiles.service.answers import checked
from tests.runtiles.service.conftest import Person, ServiceHub

_SERVER = "/services/runtiles/api"

#: Methods and paths without `@operation`: empty, or the document says less than the service does.
UNDESCRIBED: frozenset[tuple[str, str]] = frozenset()


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    return document(API, _SERVER)


def test_every_method_of_every_route_is_described() -> None:
    missing = {(e.method, e.path) for e in endpoints(API) if e.operation is None}
    assert missing == UNDESCRIBED


def test_the_document_is_valid_openapi(made: dict[str, Any]) -> None:
    schemathesis.openapi.from_dict(json.loads(json.dumps(made))).validate()
    assert made["openapi"] == "3.1.0"
    assert made["info"]["version"] == __version__


def test_every_operation_has_a_name_of_its_own(made: dict[str, Any]) -> None:
    names = [item["operationId"] for path in made["paths"].values() for item in path.values()]
    assert sorted(set(names)) == sorted(names)


def test_every_reference_leads_somewhere(made: dict[str, Any]) -> None:
    known = {f"#/components/schemas/{name}" for name in made["components"]["schemas"]}
    assert set(_references(made)) <= known


def test_every_answer_that_is_no_success_has_the_one_shape(made: dict[str, Any]) -> None:
    for path, methods in made["paths"].items():
        for method, item in methods.items():
            for status, answer in item["responses"].items():
                if int(status) >= 400:
                    content = answer["content"]["application/json"]
                    shape = content["schema"]["$ref"]
                    assert shape == "#/components/schemas/ErrorAnswer", f"{method} {path}"


def test_who_changes_something_proves_where_the_request_comes_from(made: dict[str, Any]) -> None:
    for path, methods in made["paths"].items():
        for method in methods.keys() - {"get"}:
            ways = methods[method]["security"]
            assert all("xsrf" in way for way in ways if "cookie" in way), f"{method} {path}"
            assert ways, f"{method} {path}"


def test_a_launch_takes_the_keys_of_the_gate(made: dict[str, Any]) -> None:
    body = made["components"]["schemas"]["Launch"]
    assert set(body["properties"]) == {*LaunchRequest.model_fields, "profile"}
    assert body["additionalProperties"] is False
    assert "required" not in body


def test_an_answer_has_all_its_fields_and_may_get_more(made: dict[str, Any]) -> None:
    runtime = made["components"]["schemas"]["Runtime"]
    assert set(runtime["required"]) == set(runtime["properties"])
    assert "additionalProperties" not in runtime


def test_expressions_are_those_of_json_schema(made: dict[str, Any]) -> None:
    assert "\\\\z" not in json.dumps(made)


class _Example(RequestHandler):
    @operation("Look", answer=list[int], query=[USER, Query("deep", "How deep", int)])
    def get(self, slug: str, part: str) -> None: ...

    @operation("Change", status=204, body=dict[str, str], errors=[Conflict], scopes=["servers"])
    def put(self, slug: str, part: str) -> None: ...

    def delete(self, slug: str, part: str) -> None: ...


_EXAMPLE: list[tuple[str, type[RequestHandler]]] = [
    (r"", _Example),
    (r"/things/([^/]+)/the\.part/([0-9]+)", _Example),
]


def test_paths_and_parameters_come_from_pattern_and_signature() -> None:
    last = next(iter(endpoints(_EXAMPLE[1:])))
    assert last.path == "/things/{slug}/the.part/{part}"
    assert last.name == "get_things_slug_the_part_part"
    assert filled(last, {"part": "7"}) == "/things/slug/the.part/7"


def test_what_is_said_beside_a_method_is_in_the_document() -> None:
    (path,) = document(_EXAMPLE[1:], "/here")["paths"].values()
    assert set(path) == {"get", "put"}
    assert [p["name"] for p in path["get"]["parameters"]] == ["slug", "part", "user", "deep"]
    assert path["get"]["parameters"][3]["schema"] == {"type": "integer"}
    answer = path["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert answer == {"type": "array", "items": {"type": "integer"}}
    assert "content" not in path["put"]["responses"]["204"]
    assert "`conflict`" in path["put"]["responses"]["409"]["description"]
    assert path["put"]["security"][0] == {"token": ["servers"]}
    assert path["put"]["requestBody"]["required"] is True


def test_the_service_serves_it_to_anybody(service: ServiceHub, made: dict[str, Any]) -> None:
    with service.client("nobody's") as nobody:
        answer = nobody.get("/openapi.json")
    assert answer.status_code == 200
    assert answer.json() == json.loads(json.dumps(made))


def test_a_check_of_answers_finds_what_the_document_does_not_say(ann: Person) -> None:
    """The check that all tests of the service make is not blind."""
    right = ann.api.get("/tiles")
    for wrong in (
        b'[{"slug": "x"}]',
        b'{"error": {}}',
        right.content.replace(b'"slug"', b'"slog"'),
    ):
        answer = type(right)(200, headers=right.headers, content=wrong, request=right.request)
        with pytest.raises(AssertionError, match="GET /tiles answered 200"):
            checked(answer)


def _references(value: Any) -> Iterable[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for item in value.values():
            yield from _references(item)
    elif isinstance(value, list):
        for item in value:
            yield from _references(item)
