"""No credential is ever readable: each is planted once, and then looked for everywhere.

The very same search also looks for the runtime's own name, which has to be nearly everywhere: a search
that finds nothing because it looks at nothing would be noticed.
"""

import base64
import secrets
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import docker
import httpx
import pytest

from tests.fixtures.git_servers import GitServer, serving
from tests.fixtures.hub import NAVIGATE, wait_until
from tests.fixtures.registry import Registry
from tests.integration.conftest import tile
from tests.integration.evidence import (
    Evidence,
    look_at_api,
    look_at_container,
    look_at_files,
    look_at_hub_api,
    look_at_pages,
    needles,
    watched_processes,
)
from tests.integration.site import Person, Site, running_site

pytestmark = [pytest.mark.engine, pytest.mark.registry]

_USER = "canary-user"
#: Whatever Hub and service can say, they say.
_TALKATIVE = """
c.JupyterHub.log_level = "DEBUG"
c.JupyterHub.services[-1]["environment"]["RUNTILES_LOG_LEVEL"] = "DEBUG"
"""
_ENVIRONMENT = ("MINE", "OURS", "TYPED_TOKEN")


def word(name: str) -> str:
    return f"{name}x{secrets.token_hex(8)}"


@dataclass
class Planted:
    """The secrets, by what they are. `control` is no secret: the name of both runtimes begins so."""

    registry: str
    mine: str = field(default_factory=lambda: word("mine"))
    ours: str = field(default_factory=lambda: word("ours"))
    typed: str = field(default_factory=lambda: word("typed"))
    git: str = field(default_factory=lambda: word("git"))
    form_typed: str = field(default_factory=lambda: word("formtyped"))
    form_git: str = field(default_factory=lambda: word("formgit"))
    refused: str = field(default_factory=lambda: word("refused"))
    previewed: str = field(default_factory=lambda: word("previewed"))
    control: str = field(default_factory=lambda: f"c{secrets.token_hex(6)}")

    @property
    def secrets(self) -> dict[str, str]:
        return {k: v for k, v in vars(self).items() if k != "control"}


@dataclass
class Search:
    """Everything that was looked at, and what the runtimes themselves had."""

    planted: Planted
    evidence: Evidence
    by_rest: list[str] = field(default_factory=list)
    by_form: list[str] = field(default_factory=list)
    form_files: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def canary_site(
    docker_client: docker.APIClient,
    own_image: str,
    ca_bundle: Path | None,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Site]:
    tiles = {"tiles": [tile("plain"), tile("files", secrets_as="file")]}
    folder = tmp_path_factory.mktemp("canary")
    with running_site(
        folder, docker_client, tiles, extra_ca=ca_bundle, config=_TALKATIVE
    ) as running:
        yield running


@pytest.fixture(scope="module")
def search(
    canary_site: Site,
    private_registry: Registry,
    own_image: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Search]:
    """Both launches, from before the first to after the last, under watch."""
    assert private_registry.auth is not None
    planted = Planted(registry=private_registry.auth.password)
    evidence = Evidence([*planted.secrets.values(), planted.control])
    found = Search(planted, evidence)
    # The control word is in the image's name as well, which the image's inspection shows.
    private_registry.push(own_image, f"team/{planted.control}:1")
    image = f"{private_registry.host}/team/{planted.control}:1"
    person = canary_site.person(_USER)
    with ExitStack() as stack:
        folder = tmp_path_factory.mktemp("git")
        repositories = [
            stack.enter_context(private_git(canary_site.gateway, folder / name, password))
            for name, password in (("rest", planted.git), ("form", planted.form_git))
        ]
        stack.enter_context(watched_processes(evidence, canary_site.hub.folder))
        browser = stack.enter_context(canary_site.hub.browser(person.name))
        login = {"username": private_registry.auth.username, "password": planted.registry}
        store_secrets(person, planted)
        try_in_vain(person, planted, browser)
        launch_by_rest(person, planted, image, login, repositories[0])
        found.by_rest = [variable(person, rest_name(planted), name) for name in _ENVIRONMENT]
        launch_by_form(person, planted, image, login["username"], repositories[1], browser)
        names = ("FORM_TOKEN", "FORM_TOKEN_FILE")
        found.by_form = [variable(person, form_name(planted), name) for name in names]
        found.form_files = files_of(canary_site, person, planted)
        look_everywhere(canary_site, person, planted, evidence, browser)
        for name in (rest_name(planted), form_name(planted)):
            person.stop(name)
        look_everywhere(canary_site, person, planted, evidence, browser)
    # Now the databases write everything into their files.
    canary_site.hub.stop()
    look_at_files(evidence, "state", canary_site.hub.folder)
    yield found
    canary_site.engine.remove_image(image, force=True, noprune=True)


def private_git(host: str, root: Path, password: str) -> AbstractContextManager[GitServer]:
    server = GitServer(root, credentials=("ann", password))
    server.create("private").commit({"README.md": b"private\n"})
    return serving(server, host)


def rest_name(planted: Planted) -> str:
    return f"{planted.control}-rest"


def form_name(planted: Planted) -> str:
    return f"{planted.control}-form"


def store_secrets(person: Person, planted: Planted) -> None:
    """One of the person's own, one of a team of theirs."""
    hub, admin = person.site.hub, person.site.person("admin")
    headers = {"Authorization": f"token {admin.token}"}
    members = {"users": [person.name]}
    for path in ("/groups/crew", "/groups/crew/users"):
        httpx.post(hub.api_url + path, headers=headers, json=members).raise_for_status()
    with person.api as api, admin.api as admins:
        api.put("/secrets/mine", json={"value": planted.mine}).raise_for_status()
        body = {"value": planted.ours}
        admins.put("/secrets/ours", params={"team": "crew"}, json=body).raise_for_status()
        body = {"value": planted.registry}
        admins.put("/secrets/pull", params={"team": "crew"}, json=body).raise_for_status()


def try_in_vain(person: Person, planted: Planted, browser: httpx.Client) -> None:
    """What is refused is not repeated either; and a preview stores nothing."""
    place = f"/users/{person.name}/servers/refused"
    bad = {"tile": "plain", "workspace": {"password": planted.refused}, "odd": planted.refused}
    assert person.site.hub.ask("POST", place, {"user_options": bad}).status_code == 400
    page = post_form(browser, f"/hub/spawn/{person.name}/refused", {
        "tile": "plain",
        "machine": "no-such-machine",
        "registry_username": "ann",
        "registry_password": planted.refused,
        "environment": f"API_TOKEN={planted.refused}",
    })  # fmt: skip
    assert "no-such-machine" in page.text
    assert planted.refused not in page.text
    with person.api as api:
        options = {"tile": "plain", "environment": {"API_TOKEN": planted.previewed}}
        answer = api.post("/runtimes/preview", json=options)
        assert answer.status_code == 200
        assert planted.previewed not in answer.text
        answer = api.post("/runtimes", json={**options, "machine": "no-such-machine"})
        assert answer.status_code == 400
        assert planted.previewed not in answer.text


def launch_by_rest(
    person: Person, planted: Planted, image: str, login: dict[str, str], git: GitServer
) -> None:
    environment = {"MINE": "secret:mine", "OURS": "secret:ours", "TYPED_TOKEN": planted.typed}
    person.ready(
        "plain",
        rest_name(planted),
        image=image,
        registry=login,
        workspace={"url": git.address("private"), "username": "ann", "password": planted.git},
        environment=environment,
        startup_hook=f"echo hook of {planted.control}; sh -c 'sleep 0.3; true' {planted.control}",
    )
    assert "README.md" in person.files(name=rest_name(planted))


def launch_by_form(
    person: Person,
    planted: Planted,
    image: str,
    login: str,
    git: GitServer,
    browser: httpx.Client,
) -> None:
    """As somebody who types what they have into the spawn page; with secrets as files, and with a
    team's password for the registry."""
    name = form_name(planted)
    page = post_form(browser, f"/hub/spawn/{person.name}/{name}", {
        "tile": "files",
        "image": image,
        "registry_username": login,
        "registry_password": "secret:pull",
        "workspace_url": git.address("private"),
        "workspace_username": "ann",
        "workspace_password": planted.form_git,
        "environment": f"FORM_TOKEN={planted.form_typed}\nOURS=secret:ours",
    })  # fmt: skip
    assert page.status_code == 200, page.text
    person.wait_for("running", name, 120)
    assert "README.md" in person.files(name=name)


def post_form(browser: httpx.Client, path: str, fields: Mapping[str, str]) -> httpx.Response:
    browser.get(path, headers=NAVIGATE)
    xsrf = next(c.value for c in browser.cookies.jar if (c.name, c.path) == ("_xsrf", "/hub/"))
    return browser.post(path, data={**fields, "_xsrf": xsrf or ""}, headers=NAVIGATE)


def variable(person: Person, name: str, variable: str) -> str:
    """What a kernel of the runtime has there; `-` for nothing."""
    code = f"import os; print(os.environ.get({variable!r}, '-'))"
    return person.python(code, name).strip()


def files_of(site: Site, person: Person, planted: Planted) -> list[str]:
    """Mode, file system and text of the file that the form's runtime was given."""
    name = form_name(planted)
    path = variable(person, name, "FORM_TOKEN_FILE")
    (container,) = (
        c for c in site.containers(person.name) if c["Labels"]["org.runtiles.server"] == name
    )
    look = partial(site.run_in, container["Id"])
    folder = path.rpartition("/")[0]
    return [
        look(f"stat -c %a {path}").strip(),
        look(f"stat -c %a {folder}").strip(),
        look(f"stat -f -c %T {path}").strip(),
        look(f"cat {path}"),
    ]


def look_everywhere(
    site: Site, person: Person, planted: Planted, evidence: Evidence, browser: httpx.Client
) -> None:
    look_at_files(evidence, "state", site.hub.folder)
    for container in site.containers(person.name):
        look_at_container(evidence, site.engine, container["Id"])
    for who in (person, site.person("admin")):
        role = "admin" if who.name == "admin" else "user"
        with who.api as api:
            names = (rest_name(planted), form_name(planted))
            look_at_api(evidence, role, api, names, person.name)
            evidence.look(f"{role}: all", api.get("/runtimes", params={"all": "1"}).content)
    look_at_hub_api(evidence, site.hub.ask, person.name)
    servers = [f"{person.name}/{name}" for name in (rest_name(planted), form_name(planted))]
    pages = ["/hub/home", "/hub/spawn", "/hub/token", "/services/runtiles/"]
    pages += [f"/hub/{page}/{server}" for server in servers for page in ("spawn", "spawn-pending")]
    pages += [f"/hub/user/{server}/" for server in servers]
    look_at_pages(evidence, browser, pages)
    with site.hub.browser("admin") as admins:
        look_at_pages(evidence, admins, ["/hub/admin", "/services/runtiles/admin"])


def test_each_secret_reached_the_runtime_that_it_was_meant_for(search: Search) -> None:
    planted = search.planted
    assert search.by_rest == [planted.mine, planted.ours, planted.typed]
    # The two passwords have opened the registry and both repositories, or nothing would run.
    form_token, form_file = search.by_form
    assert form_token == "-"
    assert form_file.endswith("/FORM_TOKEN")
    assert search.form_files == ["600", "700", "tmpfs", planted.form_typed]


def test_no_secret_is_anywhere_else(search: Search) -> None:
    words = search.planted.secrets
    found = search.evidence.where(words.values())
    assert {name: found[value] for name, value in words.items() if value in found} == {}


def test_the_same_search_finds_what_is_there(search: Search) -> None:
    """Positive control: each place was really looked at, and a word in it is found."""
    found = search.evidence.seen[search.planted.control]
    expected = {
        "arguments",
        "state: hub.sqlite",
        "state: runtiles.sqlite",
        "admin: GET /runtimes",
        "state: hub.log",
        "inspect of the container",
        "inspect of the image",
        "log of the container",
        "files of the engine: config.v2.json",
        "REST of the Hub",
        "user: GET /runtimes",
        "admin: all",
        r"user: GET /runtimes/([^/]+)/progress",
        r"user: GET /runtimes/([^/]+)/logs",
        "page /hub/home",
    }
    assert expected <= found, expected - found
    assert "history of the image" in search.evidence.places
    assert "environment of the Hub" in search.evidence.places
    assert any(place.startswith("disk of the container") for place in search.evidence.places)
    assert any(place.startswith("storage") for place in search.evidence.places)


@pytest.mark.parametrize(
    "text",
    [
        "x {} y",
        '{{"password": "{}"}}',
        "Authorization: Basic {b64}",
        "{b64url}",
    ],
)
def test_a_planted_word_is_found_in_any_dress(text: str) -> None:
    secret = word("planted")
    for prefix in ("", "a", "ann:", "ann:x"):
        coded = base64.b64encode(f"{prefix}{secret}\n".encode()).decode()
        evidence = Evidence([secret])
        evidence.look("here", text.format(secret, b64=coded, b64url=coded))
        assert evidence.where([secret]) == {secret: {"here"}}
    assert len(set(needles(secret))) >= 4


def test_a_process_with_a_secret_among_its_arguments_is_noticed(tmp_path: Path) -> None:
    secret = word("argument")
    evidence = Evidence([secret])
    with watched_processes(evidence, tmp_path):
        process = subprocess.Popen(
            [sys.executable, "-c", "input()", secret], stdin=subprocess.PIPE, cwd=tmp_path
        )
        wait_until(lambda: bool(evidence.seen.get(secret)), 60, "the argument to be seen")
        process.communicate(b"\n")
    assert evidence.where([secret]) == {secret: {"arguments"}}
