"""login, logout, whoami"""

from typing import Any, Dict, Optional
from urllib.parse import urlsplit

import typer

from runtiles.cli import credentials, session, settings
from runtiles.cli.columns import plain
from runtiles.cli.credentials import Site
from runtiles.cli.errors import BadUsage, NotLoggedIn
from runtiles.cli.output import note, pairs, show_json
from runtiles.cli.prompts import hidden
from runtiles.cli.terminal import clean
from runtiles.cli.urls import api_of, encrypted, hub_of, origin

_SCOPES = "access:services!service=runtiles, servers"


def login(
    url: str = typer.Argument(..., metavar="URL", help="Of your JupyterHub, as in the browser."),
    token_stdin: bool = typer.Option(
        False, "--token-stdin", help="Read the token from standard input."
    ),
    site: str = typer.Option("", "--site", help="What to call the site; its host if left out."),
) -> None:
    """Keep a token for a site, where only you can read it.

    The token is asked for, and never an argument: what is on a command line can be seen by others.
    """
    from runtiles.cli.client import Client  # noqa: PLC0415 - see session.connect

    api = api_of(url)
    with Client(Site(api, "")) as client:
        client.get("/")  # is it there at all?
    if not encrypted(api):
        note(f"Beware: {origin(api)} is not encrypted; others may read the token on its way.")
    note(f"Make a token at {hub_of(api)}/hub/token and paste it here.")
    token = hidden("Token", from_stdin=token_stdin).strip()
    if not token:
        raise BadUsage("No token was given.")
    with Client(Site(api, token)) as client:
        me: Dict[str, Any] = client.get("/whoami")
    name = site or urlsplit(api).netloc
    kept = credentials.load().with_site(Site(api, token, name, me["name"]))
    path = credentials.save(kept)
    note(f"You are {clean(me['name'])} at {hub_of(api)}. The token is in {path}.")
    if not _useful(me):
        note(f"It can do little: a token for Runtiles needs the scopes {_SCOPES}.")


def logout(
    site: Optional[str] = typer.Argument(None, help="Which one; the one in use if left out."),
) -> None:
    """Forget a site and its token. To end the token itself, delete it on the Hub's page."""
    known = credentials.load()
    name = session.stored(site).name if site else known.default
    if name not in known.sites:
        raise NotLoggedIn("You are not logged in to any site.")
    credentials.save(known.without(name))
    gone = known.sites[name]
    note(f"The token of {name} is forgotten; it ends at {hub_of(gone.url)}/hub/token.")


def whoami(as_json: bool = settings.JSON) -> None:
    """Say which site this is, and who you are there."""
    with session.connect() as client:
        me: Dict[str, Any] = client.get("/whoami")
        version = client.get("/")["version"]
        where = hub_of(client.site.url)
    if as_json:
        show_json({**me, "site": where, "version": version})
        return
    pairs(
        {
            "User": plain(me["name"]),
            "Site": where,
            "Admin": "yes" if me["admin"] else "",
            "Teams": plain(me["teams"]),
            "Version": version,
        }
    )


def _useful(me: Dict[str, Any]) -> bool:
    return any(scope.partition("!")[0] == "start:servers" for scope in me["scopes"])


def register(app: typer.Typer) -> None:
    app.command("login")(login)
    app.command("logout")(logout)
    app.command("whoami")(whoami)
