"""LaunchRequest: what a person may ask for. Each field in its one canonical form.

Empty means "not asked for": the tile's own value, or the default, is taken. What the fields mean for
this site (does the tile exist, is the image allowed) is decided in site_rules.py.
"""

import re
from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    WithJsonSchema,
)

from runtiles.catalogue.models import EnvironmentValue, IdleAction, IdleType, check_image
from runtiles.names import check_runtime_name
from runtiles.values.commands import parse_command, parse_container_user
from runtiles.values.contexts import context_id, is_context
from runtiles.values.environment import check_name
from runtiles.values.git import check_git_ref, parse_git_url
from runtiles.values.paths import check_example, check_mount_target
from runtiles.values.quantities import Duration
from runtiles.values.secret_refs import check_reference, is_reference
from runtiles.values.text import one_line, paragraph

_SNAPSHOT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,127}")
_VOLUME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,254}")
MAX_ENVIRONMENT = 200
MAX_MOUNTS = 20


def _snapshot(value: object) -> str:
    text = one_line(value, limit=200)
    if not _SNAPSHOT.fullmatch(text):
        raise ValueError("must be the id of a snapshot: letters, digits, '-' and '_'")
    return text


def _volume(value: object) -> str:
    text = one_line(value, limit=300)
    if not _VOLUME.fullmatch(text):
        raise ValueError("must be the name of a volume: letters, digits, '_', '.' and '-'")
    return text


def _workspace(value: object) -> str:
    """A repository's address, or `context:ID`."""
    text = value.strip() if isinstance(value, str) else ""
    if is_context(text):
        context_id(text)
        return text
    return parse_git_url(value).url


def _variable(value: str) -> str:
    return check_reference(value) if is_reference(value) else value


Slug = Annotated[str, BeforeValidator(lambda v: one_line(v, limit=100))]
Username = Annotated[str, BeforeValidator(lambda v: one_line(v, limit=255))]
Password = Annotated[str, AfterValidator(check_reference), Field(repr=False)]
Variable = Annotated[EnvironmentValue, AfterValidator(_variable)]


#: What may be written.
_LINE_OR_LIST = WithJsonSchema(
    {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]},
    mode="validation",
)


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class WorkspaceRequest(_Strict):
    """Without `url` the rest speaks of the tile's own workspace."""

    url: Annotated[str, BeforeValidator(_workspace)] = ""
    ref: Annotated[str, BeforeValidator(check_git_ref)] = ""
    username: Username = ""
    password: Password = ""


class RegistryRequest(_Strict):
    """Credentials for the registry of the image. `password` is a reference, `secret:NAME`."""

    username: Username = ""
    password: Password = ""


class MountRequest(_Strict):
    source: Annotated[str, BeforeValidator(_volume)]
    target: Annotated[str, BeforeValidator(check_mount_target)]
    read_only: bool = False


class IdleRequest(_Strict):
    """What is None comes from the tile's idle policy."""

    timeout: Duration | None = None
    type: IdleType | None = None
    action: IdleAction | None = None


class LaunchRequest(_Strict):
    """A request that passed the gate has `tile` and `machine` set, and only what the site allows.

    Holds no secret: passwords are references.
    """

    tile: Slug = ""
    machine: Slug = ""
    name: Annotated[str, BeforeValidator(check_runtime_name)] = ""
    image: Annotated[str, BeforeValidator(check_image)] = ""
    command: Annotated[tuple[str, ...], BeforeValidator(parse_command), _LINE_OR_LIST] = ()
    container_user: Annotated[str, BeforeValidator(parse_container_user)] = ""
    workspace: WorkspaceRequest = WorkspaceRequest()
    registry: RegistryRequest = RegistryRequest()
    environment: Annotated[
        dict[Annotated[str, AfterValidator(check_name)], Variable],
        Field(max_length=MAX_ENVIRONMENT),
    ] = Field(default_factory=dict)
    mounts: Annotated[tuple[MountRequest, ...], Field(max_length=MAX_MOUNTS)] = ()
    idle: IdleRequest = IdleRequest()
    time_limit: Duration | None = None
    startup_hook: Annotated[str, BeforeValidator(lambda v: paragraph(v, limit=65_536))] = ""
    example: Annotated[str, BeforeValidator(check_example)] = ""
    description: Annotated[str, BeforeValidator(lambda v: paragraph(v, limit=2000).strip())] = ""
    resume: Annotated[str, BeforeValidator(_snapshot)] = ""
