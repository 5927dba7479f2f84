"""The workspace in the container: public and private repositories, and what happens when git fails."""

import pytest

from tests.fixtures.git_servers import GitServer, NewGitServer
from tests.integration.site import Person, Site

pytestmark = pytest.mark.engine


@pytest.fixture
def course(site: Site, new_git_server: NewGitServer) -> GitServer:
    """A public repository that containers reach."""
    server = new_git_server(site.gateway)
    repository = server.create("course")
    first = repository.commit({"README.md": b"first\n", "lessons/one.ipynb": b"{}\n"})
    repository.tag("v1", first)
    repository.commit({"README.md": b"second\n"})
    return server


def test_the_files_of_the_repository_are_there(person: Person, course: GitServer) -> None:
    person.ready("plain", workspace={"url": course.address("course")})
    assert {"README.md", "lessons"} <= set(person.files())
    phases = {event["phase"] for event in person.events()}
    assert "workspace" in phases


def test_a_tag_is_checked_out(person: Person, course: GitServer) -> None:
    person.ready("plain", workspace={"url": course.address("course"), "ref": "v1"})
    assert person.server("api/contents/README.md").json()["content"] == "first\n"


def test_work_is_never_cloned_over(person: Person, course: GitServer, site: Site) -> None:
    workspace = {"url": course.address("course")}
    person.ready("plain", workspace=workspace)
    body = {"type": "file", "format": "text", "content": "my own words"}
    assert person.put("api/contents/README.md", body).status_code == 200
    person.stop()
    course.requests.clear()
    site.hub.api("POST", f"/users/{person.name}/servers/lab", {"user_options": {}})
    person.wait_for("running")
    assert person.server("api/contents/README.md").json()["content"] == "my own words"
    assert course.requests == []


def test_a_private_repository_opens_with_a_password_that_is_seen_nowhere(
    person: Person, site: Site, new_git_server: NewGitServer
) -> None:
    server = new_git_server(site.gateway, credentials=("ann", "canary-4d5e6f"))
    server.create("private").commit({"secret-plan.md": b"x\n"})
    person.ready(
        "plain",
        workspace={
            "url": server.address("private"),
            "username": "ann",
            "password": "canary-4d5e6f",
        },
    )
    assert "secret-plan.md" in person.files()
    with person.api as api:
        answers = [api.get("/runtimes/lab").text, api.get("/runtimes/lab/logs").text]
    answers.append(str(person.events()))
    answers.append(site.hub.api("GET", f"/users/{person.name}").text)
    (container,) = site.containers(person.name)
    answers.append(str(site.engine.inspect_container(container["Id"])))
    answers.append(site.run_in(container["Id"], "cat /proc/[0-9]*/cmdline | tr '\\0' ' '"))
    answers.append(site.run_in(container["Id"], "cat /storage/workspaces/lab/.git/config"))
    answers.append(site.hub.log)
    assert not [answer for answer in answers if "canary-4d5e6f" in answer]
    for file in site.hub.folder.rglob("*"):
        if file.is_file():
            assert b"canary-4d5e6f" not in file.read_bytes(), file


@pytest.mark.parametrize(
    ("workspace", "words"),
    [
        ({"ref": "no-such-branch"}, "no-such-branch"),
        ({"url": "/nothing-here.git"}, "not"),
    ],
)
def test_a_workspace_that_fails_leaves_a_server_and_a_notice(
    person: Person, course: GitServer, workspace: dict[str, str], words: str
) -> None:
    url = course.url + workspace["url"] if "url" in workspace else course.address("course")
    person.ready("plain", workspace={**workspace, "url": url})
    notices = [e["message"] for e in person.events() if e["kind"] == "notice"]
    assert any(words in notice for notice in notices), notices
    assert any("NOTICE" in name.upper() for name in person.files()), person.files()


def test_a_wrong_password_is_told_as_one(
    person: Person, site: Site, new_git_server: NewGitServer
) -> None:
    server = new_git_server(site.gateway, credentials=("ann", "right"))
    server.create("private").commit({"a": b"x\n"})
    person.ready(
        "plain",
        workspace={"url": server.address("private"), "username": "ann", "password": "wrong-4711"},
    )
    notices = str([e for e in person.events() if e["kind"] == "notice"])
    assert "password" in notices.lower()
    assert "wrong-4711" not in notices


def test_a_launch_cancelled_in_the_middle_of_a_clone(
    person: Person, site: Site, new_git_server: NewGitServer
) -> None:
    server = new_git_server(site.gateway)
    server.create("big").commits(20, 40_000)
    server.flowing.clear()
    person.launch("plain", workspace={"url": server.address("big")})
    assert server.stopped.wait(60)
    with person.api as api:
        assert api.post("/runtimes/lab/stop").status_code < 300
    person.nothing_left()
    server.flowing.set()
    # Half a clone is no work: the next start gets the files.
    with person.api as api:
        assert api.post("/runtimes/lab/start").status_code < 300
    person.wait_for("running")
    assert len(person.files()) > 0
