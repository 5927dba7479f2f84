"""What a jupyterhub_config.py needs, as plain dicts and lists; `configure` puts them all in place.

from runtiles import hub_config
hub_config.configure(c, store_url="sqlite:////srv/runtiles/runtiles.sqlite",
                     key_file="/srv/runtiles/key")
"""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from runtiles.contract.protocol import SERVICE_NAME, SERVICE_SCOPE
from runtiles.policy import SitePolicy
from runtiles.service.settings import Settings

#: Where the service listens unless told otherwise. The Hub chooses no port for a service.
DEFAULT_URL = "http://127.0.0.1:8181"

#: At most what the service may do with the token of somebody who logged in through a browser; the
#: Hub gives each token the part of it that its owner has. A user gets their own servers, an admin
#: everybody's; `groups` is what an admin or a team's manager writes the team's secrets with.
BROWSER_SCOPES = ("servers", "list:users", "read:users:groups", "groups")

#: What the service may do with its own token. It can start nothing and open nothing.
OWN_SCOPES = ("list:users", "read:servers", "delete:servers")

#: And where the policy has `cull_users`.
CULLING_SCOPES = ("read:users", "delete:users")

#: What a runtime's own token may do at least: report its activity, be asked for by its owner, reach
#: the service. It can neither start nor stop anything.
NARROW_SERVER_SCOPES = ("users:activity!user", "access:servers!server", SERVICE_SCOPE)

#: The same, and what makes the command line work in a runtime without a login: its user's servers, to
#: list, start, stop and open. Never their tokens, nor anybody else's servers.
SERVER_SCOPES = (*NARROW_SERVER_SCOPES, "servers!user", "access:servers!user")


def service(
    *,
    store_url: str,
    key_file: str | Path,
    url: str = DEFAULT_URL,
    catalogue_paths: Sequence[str | Path] = (),
    builtin_tiles: bool = True,
    policy: Mapping[str, Any] | SitePolicy | None = None,
    engine: str = "docker",
    engine_options: Mapping[str, object] | None = None,
    hub_id: str = "",
    context_dir: str | Path = "",
    webhook_url: str = "",
    webhook_secret_file: str | Path = "",
    warn_command: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The entry for `c.JupyterHub.services`: a service that the Hub starts and keeps running.

    Runtimes fetch what they need to start from `url`: where they are containers it must be an address
    that containers reach, and the same after a restart. `context_dir` is where uploaded folders are
    kept: beside the key file if left out. `webhook_url` is told as JSON of idle runtimes that are about
    to end, signed with what is in `webhook_secret_file`; `warn_command` gets the same on its standard
    input, to send mail for example. `environment` goes to the process as it is.
    """
    settings = Settings(
        store_url=store_url,
        key_file=str(key_file),
        catalogue_paths=tuple(Path(path) for path in catalogue_paths),
        builtin_tiles=builtin_tiles,
        policy=policy if isinstance(policy, SitePolicy) else SitePolicy(**(policy or {})),
        engine=engine,
        engine_options=dict(engine_options or {}),
        hub_id=hub_id,
        context_dir=str(context_dir),
        webhook_url=webhook_url,
        webhook_secret_file=str(webhook_secret_file),
        warn_command=tuple(warn_command),
    )
    return {
        "name": SERVICE_NAME,
        "url": url,
        "command": [sys.executable, "-m", "runtiles.service.keeper"],
        "environment": {**settings.to_env(), **(environment or {})},
        # It is part of the Hub: nobody is asked whether they trust it.
        "oauth_no_confirm": True,
        "oauth_client_allowed_scopes": list(BROWSER_SCOPES),
        "display": False,
    }


def user_scopes() -> set[str]:
    """For `c.JupyterHub.extra_user_scopes`: every user may use the service."""
    return {SERVICE_SCOPE}


def server_token_scopes(*, runtimes_act: bool = True) -> list[str]:
    """For `c.Spawner.server_token_scopes`. See `configure` for `runtimes_act`."""
    return list(SERVER_SCOPES if runtimes_act else NARROW_SERVER_SCOPES)


def roles(*, cull_users: bool = False) -> list[dict[str, Any]]:
    """For `c.JupyterHub.load_roles`: what the service may do with its own token.

    See and stop servers, for what ends after whoever asked for it has gone: a pause that has saved
    everything, and what is idle. Whatever else it does with servers it does with the caller's token.
    """
    scopes = [*OWN_SCOPES, *(CULLING_SCOPES if cull_users else ())]
    return [{"name": SERVICE_NAME, "scopes": scopes, "services": [SERVICE_NAME]}]


def landing_page(handler: Any) -> str:
    """For `c.JupyterHub.default_url`: where people get after the sign-in, the runtimes page."""
    return f"{handler.base_url}services/{SERVICE_NAME}/"


def configure(c: Any, *, runtimes_act: bool = True, **options: Any) -> None:
    """Adds the service, and lets users and runtimes reach it; takes the options of `service`.

    `runtimes_act`: a runtime's own token manages its user's runtimes, so that `runtiles` works in its
    terminals and notebooks; False where programs in a runtime shall not have that power.
    What the configuration says already about services, roles, scopes and the page after the sign-in
    stays.
    """
    hub = c.JupyterHub
    hub.services = [*_given(hub, "services", list), service(**options)]
    policy = options.get("policy") or {}
    culls = policy.cull_users if isinstance(policy, SitePolicy) else policy.get("cull_users", False)
    hub.load_roles = [*_given(hub, "load_roles", list), *roles(cull_users=bool(culls))]
    hub.extra_user_scopes = {*_given(hub, "extra_user_scopes", set), *user_scopes()}
    hub.allow_named_servers = True
    hub.default_url = hub.get("default_url") or landing_page
    c.Spawner.server_token_scopes = [
        *_given(c.Spawner, "server_token_scopes", list),
        *server_token_scopes(runtimes_act=runtimes_act),
    ]


def _given(section: Any, name: str, kind: type) -> Any:
    """What is configured already; a Config invents a lazy value for what is not."""
    value = section.get(name)
    return value if isinstance(value, kind) else kind()
