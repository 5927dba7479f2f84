"""The options of a `jupyter ...` command that keep their meaning under a hub, and those that cannot. Pure.

Kept: what the server knows and the hub leaves open, spelled for Jupyter Server (`--NotebookApp.x` and
`--LabApp.x` become `--ServerApp.x`). Left out: address, port, base URL, authentication, origin, XSRF and
TLS, which only the hub can decide; each is named to the person, its value never (it may be a password).
"""

import re
from dataclasses import dataclass
from typing import Callable, List, Mapping, Optional, Sequence, Tuple

from runtiles.contract.protocol import RUNTIME_PORT

#: Applications of older or other front ends whose server options are Jupyter Server's now.
_SERVER_APPS = frozenset(
    {
        "JupyterNotebookApp", "LabApp", "LabServerApp", "NotebookApp", "ServerApp",
        "SingleUserNotebookApp", "SingleUserLabApp", "ClassicNotebookApp", "JupyterApp",
    }
)  # fmt: skip

#: What the hub decides, by trait of the server.
_HUBS = frozenset(
    {
        "allow_credentials", "allow_origin", "allow_origin_pat", "allow_password_change",
        "allow_remote_access", "allow_unauthenticated_access", "authorizer_class", "base_project_url",
        "base_url", "certfile", "client_ca", "cookie_options", "cookie_secret", "cookie_secret_file",
        "custom_display_url", "disable_check_xsrf", "get_secure_cookie_kwargs", "hashed_password",
        "identity_provider_class", "ip", "keyfile", "local_hostnames", "login_handler_class",
        "login_url", "logout_handler_class", "open_browser", "password", "password_required", "port",
        "port_retries", "quit_button", "sock", "sock_mode", "ssl_options", "token", "tornado_settings",
        "trust_xheaders", "webapp_settings", "jpserver_extensions", "nbserver_extensions",
    }
)  # fmt: skip
#: Whole classes of it: they authenticate or authorize.
_HUBS_CLASSES = re.compile(r"\w*(?:IdentityProvider|Authorizer|HubAuth|HubOAuth)|JupyterHub\w*")

_ALIASES: Mapping[str, str] = {
    "ip": "ServerApp.ip",
    "port": "ServerApp.port",
    "port-retries": "ServerApp.port_retries",
    "sock": "ServerApp.sock",
    "sock-mode": "ServerApp.sock_mode",
    "keyfile": "ServerApp.keyfile",
    "certfile": "ServerApp.certfile",
    "client-ca": "ServerApp.client_ca",
    "base-url": "ServerApp.base_url",
    "browser": "ServerApp.browser",
    "notebook-dir": "ServerApp.root_dir",
    "preferred-dir": "ServerApp.preferred_dir",
    "transport": "KernelManager.transport",
    "gateway-url": "GatewayClient.url",
    "config": "JupyterApp.config_file",
    "log-level": "Application.log_level",
    "app-dir": "LabApp.app_dir",
    # The single-user server's own, of JupyterHub before 1.0.
    "user": "JupyterHubSingleUser.user",
    "group": "JupyterHubSingleUser.group",
    "cookie-name": "JupyterHubSingleUser.cookie_name",
    "hub-host": "JupyterHubSingleUser.hub_host",
    "hub-prefix": "JupyterHubSingleUser.hub_prefix",
    "hub-api-url": "JupyterHubSingleUser.hub_api_url",
}
_SHORT = {"-f": "config", "-y": "y"}
#: Options without a value, and what they stand for.
_SWITCHES: Mapping[str, Tuple[str, str]] = {
    "allow-root": ("ServerApp.allow_root", "True"),
    "no-browser": ("ServerApp.open_browser", "False"),
    "debug": ("Application.log_level", "DEBUG"),
    "autoreload": ("ServerApp.autoreload", "True"),
    "y": ("ServerApp.answer_yes", "True"),
    "core-mode": ("LabApp.core_mode", "True"),
    "no-mathjax": ("ServerApp.enable_mathjax", "False"),
}
#: Asked for by about every command of this field, and so under the hub anyway.
_ALREADY_SO: Mapping[str, Tuple[str, ...]] = {
    "allow_remote_access": ("true", "1"),
    "allow_root": ("true", "1"),
    "disable_check_xsrf": ("false", "0"),
    "ip": ("", "*", "0.0.0.0", "::"),  # noqa: S104 # what the hub binds in a container
    "open_browser": ("false", "0"),
    "port": (str(RUNTIME_PORT),),
    "port_retries": ("0",),
    "quit_button": ("false", "0"),
    "trust_xheaders": ("true", "1"),
}

_TRAIT = re.compile(r"(?P<owner>[A-Za-z]\w*)\.(?P<trait>[A-Za-z_][\w.]*)")


@dataclass(frozen=True)
class FlagPlan:
    """`arguments` are for the server. The others are options as typed, without their values:
    `already` holds those that are so anyway, `dropped` those that have no effect.
    `paths` are the files or folders that the command names.
    """

    arguments: Tuple[str, ...] = ()
    already: Tuple[str, ...] = ()
    dropped: Tuple[str, ...] = ()
    paths: Tuple[str, ...] = ()

    def value(self, option: str) -> Optional[str]:
        """The last value given for `--option=`, or None."""
        start = f"--{option}="
        found = [a[len(start) :] for a in self.arguments if a.startswith(start)]
        return found[-1] if found else None


#: Does the server accept this value for this trait of its application? None: it has no such trait.
AcceptsTrait = Callable[[str, str], Optional[bool]]


def plan_flags(arguments: Sequence[str], accepts: AcceptsTrait) -> FlagPlan:
    """Sort the options of a command. Never fails: what cannot be understood is left out and named."""
    kept: List[str] = []
    already: List[str] = []
    dropped: List[str] = []
    paths: List[str] = []
    for typed, name, value in _split(arguments):
        if not typed:
            paths.append(value)
            continue
        verdict, argument = _judge(name, value, accepts)
        if verdict is _KEEP:
            kept.append(argument)
        else:
            (already if verdict is _ALREADY else dropped).append(typed)
    return FlagPlan(tuple(kept), tuple(already), tuple(dropped), tuple(paths))


_KEEP, _ALREADY, _DROP = "keep", "already", "drop"


def _judge(name: str, value: str, accepts: AcceptsTrait) -> Tuple[str, str]:
    match = _TRAIT.fullmatch(name)
    if match is None:
        return _DROP, ""
    owner, trait = match["owner"], match["trait"]
    of_server = owner in _SERVER_APPS
    if of_server and value.lower() in _ALREADY_SO.get(trait, ()):
        return _ALREADY, ""
    if _HUBS_CLASSES.fullmatch(owner) or (of_server and trait.partition(".")[0] in _HUBS):
        return _DROP, ""
    if of_server:
        known = accepts(_renamed(trait), value)
        if known is False:
            return _DROP, ""
        if known:
            owner, trait = "ServerApp", _renamed(trait)
    return _KEEP, f"--{owner}.{trait}={value}"


def _renamed(trait: str) -> str:
    return "root_dir" if trait == "notebook_dir" else trait


def _split(arguments: Sequence[str]) -> List[Tuple[str, str, str]]:
    """(as typed without its value, full name, value); a path is ("", "", path)."""
    result: List[Tuple[str, str, str]] = []
    waiting = list(arguments)
    while waiting:
        argument = waiting.pop(0)
        if argument == "--":
            continue
        if not argument.startswith("-") or argument == "-":
            result.append(("", "", argument))
            continue
        typed, equals, value = argument.partition("=")
        name = _SHORT.get(typed, typed.lstrip("-"))
        if not equals and name in _SWITCHES:
            full, value = _SWITCHES[name]
            result.append((typed, full, value))
            continue
        full = _ALIASES.get(name, name)
        if not equals and _TRAIT.fullmatch(full) and waiting and not waiting[0].startswith("-"):
            value = waiting.pop(0)
        result.append((typed, full, _unquoted(value)))
    return result


def _unquoted(value: str) -> str:
    """Quotes that no shell took off, because there was none."""
    if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
        return value[1:-1]
    return value
