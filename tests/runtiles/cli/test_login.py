"""Which site with which token: login, logout, whoami, and trouble on the way."""

import json
import stat

import pytest

from runtiles.cli import credentials, session
from runtiles.cli.credentials import Credentials, Site
from runtiles.cli.errors import BadUsage, CliError, NotLoggedIn
from runtiles.cli.urls import api_of, encrypted
from tests.fixtures.hub import free_ports
from tests.runtiles.cli.conftest import Cli
from tests.runtiles.service.conftest import Person, ServiceHub


def test_login_keeps_the_token_where_only_its_owner_reads_it(cli: Cli, ann: Person) -> None:
    origin = ann.service.hub.origin
    done = cli("login", f"{origin}/hub/home", "--token-stdin", stdin=f"{ann.token}\n")
    file = cli.home / ".config" / "runtiles" / "credentials.json"
    assert f"You are {ann.name} at {origin}." in done.stderr
    assert ann.token not in done.stdout + done.stderr
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert json.loads(cli("list", "--json").stdout) == []
    shown = cli("whoami").stdout
    assert ann.name in shown
    assert origin in shown
    cli("logout")
    assert ann.token not in file.read_text()
    assert "not logged in" in cli("list", code=1).stderr


def test_several_sites_have_names(cli: Cli, ann: Person, service: ServiceHub) -> None:
    cli("login", service.hub.origin, "--site", "one", "--token-stdin", stdin=ann.token)
    cli(
        "login", service.hub.origin, "--site", "two", "--token-stdin", stdin=service.hub.user("bob")
    )
    assert json.loads(cli("whoami", "--json").stdout)["name"] == "bob"
    assert json.loads(cli("--site", "on", "whoami", "--json").stdout)["name"] == ann.name
    assert (
        json.loads(cli.exporting(RUNTILES_SITE="one")("whoami", "--json").stdout)["name"]
        == ann.name
    )
    assert "Did you mean 'one'?" in cli("--site", "oen", "whoami", code=1).stderr
    cli("logout", "two")
    assert json.loads(cli("whoami", "--json").stdout)["name"] == ann.name


def test_a_token_that_is_not_accepted_is_not_kept(cli: Cli, service: ServiceHub) -> None:
    done = cli("login", service.hub.origin, "--token-stdin", stdin="f" * 32, code=1)
    assert "does not accept the token" in done.stderr
    assert not (cli.home / ".config").exists()
    odd = cli("login", service.hub.origin, "--token-stdin", stdin="s3cret\nmore", code=1)
    assert "characters that no token has" in odd.stderr
    assert "s3cret" not in odd.stderr
    assert "No token" in cli("login", service.hub.origin, stdin="\n", code=2).stderr


def test_a_token_that_can_do_little_is_remarked_on(cli: Cli, ann: Person) -> None:
    scope = "access:services!service=runtiles"
    token = ann.service.hub.user(ann.name, [scope])
    done = cli("login", ann.service.hub.origin, "--token-stdin", stdin=token)
    assert "It can do little" in done.stderr


def test_an_ended_token_says_how_to_get_another(anns: Cli) -> None:
    done = anns.exporting(RUNTILES_TOKEN="0" * 32)("list", code=1)
    assert "does not accept the token" in done.stderr
    assert "runtiles login http://127.0.0.1" in done.stderr


def test_where_nobody_or_somebody_else_answers(cli: Cli, service: ServiceHub) -> None:
    (port,) = free_ports(1)
    nobody = cli("login", f"http://127.0.0.1:{port}", stdin="x", code=1)
    assert f"http://127.0.0.1:{port} cannot be reached" in nobody.stderr
    other = cli("login", f"{service.hub.origin}/nothing/here", stdin="x", code=1)
    assert "There is no Runtiles service" in other.stderr
    assert "not the address of a site" in cli("login", "ftp://x", stdin="x", code=2).stderr


def test_inside_a_runtime_nobody_logs_in(cli: Cli, ann: Person, service: ServiceHub) -> None:
    ann.launch(tile="quick", name="lab")
    ann.wait_for("lab", "running")
    inside = {
        "RUNTILES_LAUNCH_URL": f"{service.hub.origin}/services/runtiles/api/launch-spec/lab?launch=1",
        "JUPYTERHUB_API_TOKEN": ann.server_token("lab"),
        "JUPYTERHUB_USER": ann.name,
    }
    assert json.loads(cli.exporting(**inside)("whoami", "--json").stdout)["name"] == ann.name
    assert "quick" in cli.exporting(**inside)("tiles").stdout
    # Its launcher hands the token on in a file at first.
    file = cli.home / "token"
    file.write_text(inside.pop("JUPYTERHUB_API_TOKEN"))
    inside["HTTP_PROXY"] = "http://127.0.0.1:9"  # between a runtime and its site there is none
    assert ann.name in cli.exporting(RUNTILES_TOKEN_FILE=str(file), **inside)("whoami").stdout


@pytest.mark.parametrize(
    ("address", "api"),
    [
        ("hub.example.org", "https://hub.example.org/services/runtiles/api"),
        ("http://hub.example.org:8000/", "http://hub.example.org:8000/services/runtiles/api"),
        ("https://h.org/base/hub/home?x=1", "https://h.org/base/services/runtiles/api"),
        ("https://h.org/base/user/ann/lab/tree", "https://h.org/base/services/runtiles/api"),
        ("https://h.org/services/runtiles/admin", "https://h.org/services/runtiles/api"),
        ("https://h.org/services/runtiles/api", "https://h.org/services/runtiles/api"),
    ],
)
def test_any_page_of_a_site_leads_to_its_service(address: str, api: str) -> None:
    assert api_of(address) == api


@pytest.mark.parametrize(
    ("url", "safe"),
    [("https://h.org", True), ("http://127.0.0.1:8000", True), ("http://h.org", False)],
)
def test_where_a_token_may_go(url: str, safe: bool) -> None:
    assert encrypted(url) is safe


@pytest.mark.parametrize(
    "address", ["", "file:///etc", "http://", "http://[", "https://u:p@h.org", "http://h:x/"]
)
def test_what_is_no_address_of_a_site(address: str) -> None:
    with pytest.raises(BadUsage):
        api_of(address)


def test_a_token_goes_only_where_it_was_given_for(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path_factory.mktemp("config")
    monkeypatch.setenv("RUNTILES_CONFIG_DIR", str(folder))
    kept = Site("https://h.org/services/runtiles/api", "t1", "h.org", "ann")
    credentials.save(Credentials().with_site(kept))
    assert session.current({}) == kept
    assert session.current({"RUNTILES_URL": "https://h.org"}) == kept
    with pytest.raises(NotLoggedIn):
        session.current({"RUNTILES_URL": "https://other.org"})
    with pytest.raises(NotLoggedIn):
        session.current({"RUNTILES_TOKEN": "t2"})
    given = session.current({"RUNTILES_URL": "https://other.org", "RUNTILES_TOKEN": "t2"})
    assert (given.url, given.token) == ("https://other.org/services/runtiles/api", "t2")
    assert "t2" not in repr(given)


def test_a_file_that_others_could_read_is_closed_again(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("config")
    path = credentials.save(Credentials().with_site(Site("u", "t", "n")), folder)
    path.chmod(0o644)
    assert credentials.load(folder).sites["n"].token == "t"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.write_text('{"sites": []}')
    with pytest.raises(CliError, match="damaged"):
        credentials.load(folder)
    assert [path.name for path in folder.iterdir()] == ["credentials.json"]
