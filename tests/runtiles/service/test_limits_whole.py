"""Time limits of groups with a real Hub, the real service and real servers (processes)."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from runtiles.store import KeyFile, LaunchRecord, Store
from tests.integration.site import Person, Site
from tests.runtiles.service.process_site import process_site
from tests.runtiles.service.test_pauses_whole import ask

HOUR = 3600
POLICY = {
    "max_time_limit": "8h",
    "default_time_limit": "2h",
    "max_idle_timeout": "1h",
    "default_idle": {"timeout": "3h"},
    "groups": {
        "students": {"max_time_limit": "4h", "default_time_limit": "1h", "max_extension": "1h"},
        "staff": {"max_time_limit": "24h", "max_idle_timeout": "4h"},
    },
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with process_site(tmp_path_factory.mktemp("limits"), policy=POLICY) as found:
        for group in ("students", "staff", "crew"):
            hub(found, "POST", f"/groups/{group}")
        yield found


@pytest.fixture
def student(site: Site) -> Person:
    found = site.person()
    join(found, "students")
    join(found, "crew")
    return found


def hub(site: Site, method: str, path: str, body: Any = None) -> None:
    """As an admin of the Hub."""
    headers = {"Authorization": f"token {site.hub.user('admin')}"}
    url = site.hub.api_url + path
    answer = httpx.request(method, url, headers=headers, json=body, timeout=60)
    assert answer.status_code < 300, answer.text


def join(person: Person, group: str) -> None:
    hub(person.site, "POST", f"/groups/{group}/users", {"users": [person.name]})


def leave(person: Person, group: str) -> None:
    hub(person.site, "DELETE", f"/groups/{group}/users", {"users": [person.name]})


def reserved(person: Person) -> float:
    """Seconds from its start to its end, as people are told."""
    runtime = person.runtime()
    started, ends = (
        datetime.fromisoformat(runtime[name].replace("Z", "+00:00")).timestamp()
        for name in ("started_at", "expires_at")
    )
    return round(ends - started, -1)


def recorded(person: Person) -> LaunchRecord:
    folder = Path(person.site.hub.folder)
    store = Store(f"sqlite:///{folder}/runtiles.sqlite", KeyFile(folder / "key"))
    try:
        found = store.launches.latest(person.name, "lab")
    finally:
        store.close()
    assert found is not None
    return found


def start(person: Person, **options: Any) -> None:
    ask(person, "POST", "/runtimes/lab/start", json=options)
    person.wait_for("running", timeout=120)


def test_what_is_too_long_for_a_group_is_refused_by_service_and_hub(student: Person) -> None:
    options = {"tile": "plain", "name": "lab", "time_limit": "5h"}
    text = "is at most 4h, set by the group 'students'"
    for path in ("/runtimes", "/runtimes/preview"):
        refused = ask(student, "POST", path, 400, json=options)
        assert refused["error"]["details"]["fields"] == {"time_limit": text}
    # Past the service, as the Hub's own API lets everybody.
    answer = httpx.post(
        f"{student.site.hub.api_url}/users/{student.name}/servers/lab",
        headers={"Authorization": f"token {student.token}"},
        json={"user_options": {"tile": "plain", "time_limit": "5h"}},
        timeout=60,
    )
    assert answer.status_code == 400
    assert text in answer.json()["message"]
    join(student, "staff")
    planned = ask(student, "POST", "/runtimes/preview", json=options)
    assert planned["time_limit"] == 5 * HOUR


def test_the_limits_of_the_start_hold_until_the_end(student: Person) -> None:
    student.ready()
    assert reserved(student) == HOUR
    assert recorded(student).teams == ("students",)
    told = ask(student, "GET", "/runtimes/lab/idle")
    assert told["policy"]["timeout"] == HOUR, "the site's 3 h, below its cap"
    # 4 h and 1 h beyond, of which it has one.
    assert told["extend"] == {"max_seconds": 4 * HOUR}

    leave(student, "students")
    join(student, "staff")
    refused = ask(student, "POST", "/runtimes/lab/extend", 429, json={"seconds": "6h"})["error"]
    assert "by 4h at most" in refused["message"]
    assert "set by the group 'students'" in refused["message"]
    assert refused["details"]["max_seconds"] == 4 * HOUR
    # As much as was said to be possible is possible, and counts at once.
    body = {"seconds": refused["details"]["max_seconds"]}
    ask(student, "POST", "/runtimes/lab/extend", json=body)
    assert reserved(student) == 5 * HOUR
    assert ask(student, "GET", "/runtimes/lab/idle")["extend"] is None
    refused = ask(student, "POST", "/runtimes/lab/extend", 429, json={"seconds": 1})["error"]
    assert refused["message"].startswith("It can be extended no further")
    student.stop()

    # Another start, other groups.
    start(student, time_limit="20h", idle={"timeout": "4h"})
    assert reserved(student) == 20 * HOUR
    assert recorded(student).teams == ("staff",)
    assert ask(student, "GET", "/runtimes/lab/idle")["policy"]["timeout"] == 4 * HOUR
    student.stop()

    # What was right then is shortened, not refused; what is typed anew is refused.
    leave(student, "staff")
    ask(student, "POST", "/runtimes/lab/start", 400, json={"time_limit": "9h"})
    start(student)
    assert reserved(student) == 8 * HOUR
    assert ask(student, "GET", "/runtimes/lab/idle")["policy"]["timeout"] == HOUR
