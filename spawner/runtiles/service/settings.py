"""The service's configuration, passed as environment variables by `hub_config`."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from runtiles.contract.errors import InvalidRequest
from runtiles.policy import SitePolicy

ENGINES = ("docker", "process", "none")


@dataclass(frozen=True)
class Settings:
    """`hub_id` names this Hub's containers; `engine_options` go to the engine's constructor.

    `context_dir` holds uploaded folders; `""` is a folder `contexts` beside the key file.
    `webhook_url` and `warn_command` are told of what happens to idle runtimes.
    The last five say where Hub and service are, and with what token the service asks; the Hub sets
    them for every managed service.
    """

    store_url: str = field(repr=False)
    key_file: str
    catalogue_paths: tuple[Path, ...] = ()
    builtin_tiles: bool = True
    policy: SitePolicy = field(default_factory=SitePolicy)
    engine: str = "none"
    engine_options: Mapping[str, object] = field(default_factory=dict)
    hub_id: str = ""
    context_dir: str = ""
    webhook_url: str = field(default="", repr=False)
    webhook_secret_file: str = ""
    warn_command: tuple[str, ...] = ()
    listen_url: str = ""
    prefix: str = "/services/runtiles/"
    hub_api_url: str = ""
    hub_token: str = field(default="", repr=False)
    hub_prefix: str = "/hub/"

    def to_env(self) -> dict[str, str]:
        """What `from_env` reads, without what the Hub sets itself."""
        return {
            "RUNTILES_STORE_URL": self.store_url,
            "RUNTILES_KEY_FILE": self.key_file,
            "RUNTILES_CATALOGUE": os.pathsep.join(str(path) for path in self.catalogue_paths),
            "RUNTILES_BUILTIN_TILES": "1" if self.builtin_tiles else "0",
            "RUNTILES_POLICY": self.policy.model_dump_json(exclude_defaults=True),
            "RUNTILES_ENGINE": self.engine,
            "RUNTILES_ENGINE_OPTIONS": json.dumps(dict(self.engine_options)),
            "RUNTILES_HUB_ID": self.hub_id,
            "RUNTILES_CONTEXT_DIR": self.context_dir,
            "RUNTILES_WEBHOOK_URL": self.webhook_url,
            "RUNTILES_WEBHOOK_SECRET_FILE": self.webhook_secret_file,
            "RUNTILES_WARN_COMMAND": json.dumps(list(self.warn_command)),
        }

    @property
    def contexts(self) -> Path:
        return Path(self.context_dir or Path(self.key_file).parent / "contexts")

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> "Settings":
        """Raises InvalidRequest with one entry per variable that is missing or wrong."""
        problems: dict[str, str] = {}
        for name in ("RUNTILES_STORE_URL", "RUNTILES_KEY_FILE", *_FROM_HUB):
            if not environ.get(name):
                problems[name] = "is not set" + (_HINT if name in _FROM_HUB else "")
        engine = environ.get("RUNTILES_ENGINE", "none")
        if engine not in ENGINES:
            problems["RUNTILES_ENGINE"] = f"is not one of {', '.join(ENGINES)}"
        policy = _policy(environ.get("RUNTILES_POLICY") or "{}", problems)
        options = _options(environ.get("RUNTILES_ENGINE_OPTIONS") or "{}", problems)
        command = _command(environ.get("RUNTILES_WARN_COMMAND") or "[]", problems)
        if problems:
            raise InvalidRequest(problems)
        base = environ.get("JUPYTERHUB_BASE_URL") or "/"
        return cls(
            store_url=environ["RUNTILES_STORE_URL"],
            key_file=environ["RUNTILES_KEY_FILE"],
            catalogue_paths=_paths(environ.get("RUNTILES_CATALOGUE", "")),
            builtin_tiles=environ.get("RUNTILES_BUILTIN_TILES", "1") != "0",
            policy=policy,
            engine=engine,
            engine_options=options,
            hub_id=environ.get("RUNTILES_HUB_ID", ""),
            context_dir=environ.get("RUNTILES_CONTEXT_DIR", ""),
            webhook_url=environ.get("RUNTILES_WEBHOOK_URL", ""),
            webhook_secret_file=environ.get("RUNTILES_WEBHOOK_SECRET_FILE", ""),
            warn_command=command,
            listen_url=environ["JUPYTERHUB_SERVICE_URL"],
            prefix=environ["JUPYTERHUB_SERVICE_PREFIX"],
            hub_api_url=environ["JUPYTERHUB_API_URL"],
            hub_token=environ["JUPYTERHUB_API_TOKEN"],
            hub_prefix=f"{base.rstrip('/')}/hub/",
        )


_FROM_HUB = (
    "JUPYTERHUB_SERVICE_URL",
    "JUPYTERHUB_SERVICE_PREFIX",
    "JUPYTERHUB_API_URL",
    "JUPYTERHUB_API_TOKEN",
)
_HINT = " (the Hub sets it for a managed service that has a url)"


def _paths(text: str) -> tuple[Path, ...]:
    return tuple(Path(part) for part in text.split(os.pathsep) if part)


def _policy(text: str, problems: dict[str, str]) -> SitePolicy:
    try:
        return SitePolicy.model_validate_json(text)
    except ValidationError as error:
        listed = "; ".join(
            f"{'.'.join(str(part) for part in e['loc'])}: {e['msg']}" for e in error.errors()
        )
        problems["RUNTILES_POLICY"] = f"is not a policy: {listed}"
        return SitePolicy()


def _command(text: str, problems: dict[str, str]) -> tuple[str, ...]:
    try:
        command = json.loads(text)
    except ValueError:
        command = None
    if isinstance(command, list) and all(isinstance(part, str) for part in command):
        return tuple(command)
    problems["RUNTILES_WARN_COMMAND"] = "is not a JSON list of texts"
    return ()


def _options(text: str, problems: dict[str, str]) -> dict[str, object]:
    try:
        options = json.loads(text)
    except ValueError:
        options = None
    if isinstance(options, dict):
        return options
    problems["RUNTILES_ENGINE_OPTIONS"] = "is not a JSON object"
    return {}
