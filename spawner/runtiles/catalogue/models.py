"""What a tile and a machine are. Unknown keys are refused: a typing slip must not pass in silence."""

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from runtiles.images import ImageRef
from runtiles.values import environment as env
from runtiles.values.commands import parse_command, parse_container_user
from runtiles.values.git import check_git_ref, parse_git_url
from runtiles.values.paths import check_example
from runtiles.values.quantities import NEVER, ByteSize, Duration, DurationOrNever, parse_size
from runtiles.values.text import one_line, paragraph

IdleType = Literal["kernels_or_terminals", "kernel_connections", "activity", "work"]
IdleAction = Literal["pause", "stop", "freeze"]

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LINK = re.compile(r"https?://[^\s\"'<>]{1,1000}")


def _slug(value: object) -> str:
    text = one_line(value, limit=60)
    # As it is, without its blanks cut off: ` python` would take the place of `python` unseen.
    if text != value or not _SLUG.fullmatch(text):
        raise ValueError("must be lower-case letters, digits and single '-' between them")
    return text


def _title(value: object) -> str:
    text = one_line(value, limit=120)
    if not text:
        raise ValueError("must not be empty")
    return text


def check_image(value: object) -> str:
    """Kept as it was written; `ImageRef.parse` gives the normal form."""
    text = one_line(value, limit=600)
    ImageRef.parse(text)
    return text


def _link(value: str) -> str:
    # It becomes an href: nothing but a web address may pass.
    if value and not _LINK.fullmatch(value):
        raise ValueError("must be an http:// or https:// address")
    return value


def _shm(value: object) -> int:
    return 0 if value == 0 and not isinstance(value, bool) else parse_size(value)


Slug = Annotated[str, BeforeValidator(_slug)]
Title = Annotated[str, BeforeValidator(_title)]
Prose = Annotated[str, BeforeValidator(lambda v: paragraph(v, limit=2000).strip())]
EnvironmentName = Annotated[str, AfterValidator(env.check_tile_name)]
EnvironmentValue = Annotated[str, BeforeValidator(env.check_value)]
Script = Annotated[str, BeforeValidator(lambda v: paragraph(v, limit=65_536))]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TileWorkspace(_Strict):
    """The git repository a tile starts with. `required`: without it the launch fails."""

    url: Annotated[str, AfterValidator(lambda v: parse_git_url(v).url)]
    ref: Annotated[str, AfterValidator(lambda v: check_git_ref(v) if v else "")] = ""
    required: bool = False


class IdlePolicy(_Strict):
    """After `timeout` seconds without what `type` counts as activity, `action` happens.

    kernels_or_terminals: idle without any kernel or terminal; kernel_connections: idle when no kernel
    has a connection; activity: idle when no kernel is busy and nothing was done; work: idle when
    nothing computes (kernels, terminals, GPU), whoever looks on.
    """

    timeout: Duration
    type: IdleType = "kernels_or_terminals"
    action: IdleAction = "pause"


class IdleRule(_Strict):
    """What an admin says of idleness, any part of a policy: of the parts left out the next one is asked
    (tile, pool, site). A `timeout` of `never`: nothing is done, whatever those after it say."""

    timeout: DurationOrNever | None = None
    type: IdleType | None = None
    action: IdleAction | None = None

    @property
    def never(self) -> bool:
        return self.timeout == NEVER

    @model_validator(mode="after")
    def _something(self) -> "IdleRule":
        if not (self.timeout or self.type or self.action):
            raise ValueError("must say something: timeout, type or action")
        return self


class Tile(_Strict):
    """A named recipe: image, workspace and command, plus defaults. It never fixes a machine.

    `hidden` tiles are not listed but can be launched by slug. `deprecated` ones are not listed
    either; with a `redirect` a launch gets that tile instead. Those that are not `enabled` cannot be
    launched at all; runtimes that run go on. `local` images are built on the site
    and never asked for at a registry. `gpu` only steers which machine is chosen when none is named.
    `time_limit` is the longest a runtime may be asked for, `default_time` what it gets unasked.
    `secrets_as`: a variable whose value is a secret is set to it, or `NAME_FILE` to a file with it.
    """

    slug: Slug
    title: Title
    image: Annotated[str, BeforeValidator(check_image)]
    description: Prose = ""
    icon: Annotated[str, Field(pattern=r"^[a-z0-9-]{0,30}\z")] = ""
    category: Literal["recommended", "all"] = "all"
    registry_url: Annotated[str, AfterValidator(_link)] = ""
    workspace: TileWorkspace | None = None
    command: Annotated[tuple[str, ...], BeforeValidator(parse_command)] = ()
    container_user: Annotated[str, BeforeValidator(parse_container_user)] = "root"
    environment: dict[EnvironmentName, EnvironmentValue] = Field(default_factory=dict)
    idle: IdleRule | None = None
    time_limit: Duration | None = None
    default_time: Duration | None = None
    example: Annotated[str, BeforeValidator(check_example)] = ""
    startup_hook: Script = ""
    secrets_as: Literal["environment", "file"] = "environment"
    enabled: bool = True
    hidden: bool = False
    deprecated: bool = False
    redirect: Slug | None = None
    gpu: bool = False
    local: bool = False
    pull_policy: Literal["missing", "always"] = "missing"

    @property
    def image_ref(self) -> ImageRef:
        return ImageRef.parse(self.image)

    @property
    def listed(self) -> bool:
        return self.enabled and not (self.hidden or self.deprecated)

    @model_validator(mode="after")
    def _consistent(self) -> "Tile":
        if self.redirect and not self.deprecated:
            raise ValueError("a tile with a 'redirect' must say 'deprecated: true'")
        if self.local and self.pull_policy == "always":
            raise ValueError("a local image can't be pulled: leave 'pull_policy' out")
        if self.time_limit and self.default_time and self.default_time > self.time_limit:
            raise ValueError("'default_time' is longer than 'time_limit' allows")
        return self


class Machine(_Strict):
    """A resource class. `gpu_models` are the models that will do, any model when empty.

    `memory` and `shm` in bytes (shm 0: the engine's default), `max_time` (the longest a runtime may be
    asked for) and `default_time` (what it gets unasked) in seconds, `price_per_hour` in the site's own
    currency. `hidden` and `enabled` mean what they mean for a tile.
    """

    slug: Slug
    title: Title
    description: Prose = ""
    cpus: Annotated[float, Field(gt=0, le=4096, allow_inf_nan=False)]
    memory: ByteSize
    shm: Annotated[int, BeforeValidator(_shm)] = 0
    gpus: Annotated[int, Field(ge=0, le=64)] = 0
    gpu_models: tuple[Title, ...] = ()
    pool: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,60}\z")] = "default"
    price_per_hour: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0
    max_time: Duration | None = None
    default_time: Duration | None = None
    default: bool = False
    enabled: bool = True
    hidden: bool = False

    @property
    def listed(self) -> bool:
        return self.enabled and not self.hidden

    @model_validator(mode="before")
    @classmethod
    def _one_model(cls, data: Any) -> Any:
        """`gpu_models: A100` is a list of one."""
        if isinstance(data, dict) and isinstance(data.get("gpu_models"), str):
            return {**data, "gpu_models": [data["gpu_models"]]}
        return data

    @model_validator(mode="after")
    def _consistent(self) -> "Machine":
        if self.gpu_models and not self.gpus:
            raise ValueError("'gpu_models' without 'gpus' means nothing")
        if self.max_time and self.default_time and self.default_time > self.max_time:
            raise ValueError("'default_time' is longer than 'max_time' allows")
        return self
