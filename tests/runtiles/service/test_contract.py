"""The API against its own document: whatever is asked, the answer is one that the document foresees.

Requests are made up from the document, right ones and wrong ones, the same in every run. Streams without
an end are left out; test_progress.py, test_logs.py and the feed's tests read those.
"""

import io
import json
import re
import tarfile
import zlib
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from tests.runtiles.service.answers import closed_document
from tests.runtiles.service.conftest import Person, ServiceHub, person, running_service

_CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    unsupported_method,
]
#: These are answers, too: what is not there yet, a launch that failed, a site that is being drained.
_NO_DEFECTS = ["501", "502", "503"]
#: These go on until what they tell of ends.
_STREAMS = r"^(/events|/runtimes/\{name\}/progress)$"
#: In place of every other made-up name, so that requests reach something.
_THERE = {"name": "default", "slug": "quick", "action": "start"}
_USER = "contract-user"
#: Nothing that is made up depends on what was answered before.
_NO_ANSWERS = {"responses": False}


def _schema(*, boundaries: bool) -> BaseSchema:
    """`boundaries`: also, of every parameter and field, each way to be just right and just wrong."""
    config = {
        "seed": 1,
        "generation": {"deterministic": True},
        "checks": {"not_a_server_error": {"expected-statuses": ["2xx", "4xx", *_NO_DEFECTS]}},
        "phases": {
            "examples": {"enabled": False},
            "stateful": {"enabled": False},
            "coverage": {
                "enabled": boundaries,
                "unexpected-methods": ["put", "trace"],
                "extra-data-sources": _NO_ANSWERS,
            },
            "fuzzing": {"error-feedback": {"enabled": False}, "extra-data-sources": _NO_ANSWERS},
        },
    }
    document = json.loads(json.dumps(closed_document()))
    made: BaseSchema = schemathesis.openapi.from_dict(
        document, config=SchemathesisConfig.from_dict(config)
    )
    made.hook(map_path_parameters)
    made.hook(map_query)
    return made


def map_path_parameters(_context: Any, path_parameters: dict[str, Any]) -> dict[str, Any]:
    def real(name: str, value: Any) -> Any:
        return _THERE[name] if name in _THERE and _even(value) else value

    return {name: real(name, value) for name, value in (path_parameters or {}).items()}


def map_query(_context: Any, query: dict[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in (query or {}).items() if key != "follow"}
    return {**kept, "user": _USER} if "user" in kept and _even(kept["user"]) else kept


def _even(value: Any) -> bool:
    """Of what is made up, one half: the same half in every run."""
    return zlib.crc32(repr(value).encode()) % 2 == 0


@schemathesis.serializer("application/gzip")
def archive(_context: Any, value: Any) -> bytes:
    """Bytes as they were made up, or a real archive."""
    made_up = value if isinstance(value, bytes) else repr(value).encode()
    return _packed(made_up) if _even(made_up) else made_up


def _packed(content: bytes) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as folder:
        member = tarfile.TarInfo("file.txt")
        member.size = len(content)
        folder.addfile(member, io.BytesIO(content))
    return packed.getvalue()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceHub]:
    """A Hub of its own: an admin who asks for everything changes tiles and drains the site."""
    with running_service(tmp_path_factory.mktemp("contract")) as running:
        yield running


@pytest.fixture(scope="module")
def user(site: ServiceHub) -> Iterator[Person]:
    with person(site, _USER) as found:
        yield found


@pytest.fixture(scope="module")
def site_admin(site: ServiceHub) -> Iterator[Person]:
    with person(site, "admin") as found:
        yield found


thorough = _schema(boundaries=True).exclude(path_regex=_STREAMS)
quick = _schema(boundaries=False).exclude(path_regex=_STREAMS)
bounded = settings(
    max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), database=None
)


@bounded
@thorough.exclude(tag="admin").parametrize()
def test_every_answer_to_a_user_is_foreseen(case: schemathesis.Case[Any], user: Person) -> None:
    _ask(case, user)


@bounded
@quick.exclude(tag="admin").parametrize()
def test_every_answer_about_a_user_is_foreseen(
    case: schemathesis.Case[Any], site_admin: Person
) -> None:
    """An admin asks: of the user's things, and of their own."""
    _ask(case, site_admin)


@bounded
@thorough.include(tag="admin").parametrize()
def test_every_answer_to_an_admin_is_foreseen(
    case: schemathesis.Case[Any], site_admin: Person
) -> None:
    _ask(case, site_admin)


def test_nothing_but_streams_is_left_out() -> None:
    left_out = {path for path in closed_document()["paths"] if re.match(_STREAMS, path)}
    assert left_out == {"/events", "/runtimes/{name}/progress"}


def _ask(case: schemathesis.Case[Any], who: Person) -> None:
    headers = {"Authorization": f"token {who.token}"}
    case.call_and_validate(base_url=str(who.api.base_url), headers=headers, checks=_CHECKS)
