"""LaunchRequest + tile + machine + policy -> LaunchPlan: what shall exist. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from runtiles.catalogue import IdlePolicy, Machine, Tile
from runtiles.contract.spec import LaunchSpec, WorkspaceSpec
from runtiles.images import ImageRef
from runtiles.options import LaunchRequest, MountRequest
from runtiles.options.idle_terms import idle_terms
from runtiles.options.limits import time_limit
from runtiles.policy import SitePolicy
from runtiles.values.git import parse_git_url
from runtiles.values.secret_refs import is_reference

PullPolicy = Literal["missing", "always", "never"]


@dataclass(frozen=True)
class RegistryLogin:
    """Who asks the registry for the image. `password` is a reference; both empty: nobody."""

    username: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True)
class LaunchPlan:
    """Sizes in bytes (shm 0: the engine's default), times in seconds (None: no limit).

    Passwords and values of `environment` may be `secret:NAME`; nothing here is a secret itself.
    `image_hint` says what to do when the image is missing and can't be pulled.
    """

    tile: str
    title: str
    machine: str
    image: ImageRef
    pull_policy: PullPolicy
    image_hint: str
    container_user: str
    cpus: float
    memory: int
    shm: int
    gpus: int
    gpu_models: tuple[str, ...]
    pool: str
    price_per_hour: float
    command: tuple[str, ...]
    environment: Mapping[str, str]
    secrets_as: Literal["environment", "file"]
    workspace: WorkspaceSpec
    registry: RegistryLogin
    startup_hook: str
    example: str
    snapshot: str
    time_limit: int | None
    idle: IdlePolicy | None
    mounts: tuple[MountRequest, ...]
    description: str = ""

    def spec(self) -> LaunchSpec:
        """What the launcher is told, secrets still as references."""
        as_files = {
            name: value
            for name, value in self.environment.items()
            if self.secrets_as == "file" and is_reference(value)
        }
        return LaunchSpec(
            workspace=self.workspace,
            environment={k: v for k, v in self.environment.items() if k not in as_files},
            secret_files=as_files,
            command=self.command,
            startup_hook=self.startup_hook,
            example=self.example,
            snapshot=self.snapshot,
            time_limit=self.time_limit,
        )

    def to_dict(self) -> dict[str, Any]:
        """For a preview: JSON, without any secret, also if a plan should hold one by mistake."""
        return {
            "tile": self.tile,
            "title": self.title,
            "description": self.description,
            "machine": self.machine,
            "image": str(self.image),
            "pull_policy": self.pull_policy,
            "container_user": self.container_user,
            "resources": {
                "cpus": self.cpus,
                "memory": self.memory,
                "shm": self.shm,
                "gpus": self.gpus,
                "gpu_models": list(self.gpu_models),
                "pool": self.pool,
                "price_per_hour": self.price_per_hour,
            },
            "command": list(self.command),
            "environment": dict(self.environment),
            "secrets_as": self.secrets_as,
            "workspace": {
                "url": self.workspace.url,
                "ref": self.workspace.ref,
                "username": self.workspace.username,
                "password": _masked(self.workspace.password),
                "required": self.workspace.required,
            },
            "registry": {
                "username": self.registry.username,
                "password": _masked(self.registry.password),
            },
            "startup_hook": self.startup_hook,
            "example": self.example,
            "resume": self.snapshot,
            "time_limit": self.time_limit,
            "idle": self.idle.model_dump() if self.idle else None,
            "mounts": [mount.model_dump() for mount in self.mounts],
        }


def plan(
    request: LaunchRequest,
    tile: Tile,
    machine: Machine,
    policy: SitePolicy,
    teams: Collection[str] | None = (),
) -> LaunchPlan:
    """The request's own values, else the tile's; resources always from the machine.

    Takes a request that passed the gate, its tile resolved, and the groups that it passed with. Same
    input, same plan.
    """
    image = ImageRef.parse(request.image) if request.image else tile.image_ref
    own_image = image == tile.image_ref
    return LaunchPlan(
        tile=tile.slug,
        title=tile.title,
        description=request.description,
        machine=machine.slug,
        image=image,
        pull_policy=_pull_policy(tile, own_image=own_image),
        image_hint=_LOCAL_HINT if tile.local and own_image else "",
        container_user=request.container_user or tile.container_user,
        cpus=machine.cpus,
        memory=machine.memory,
        shm=machine.shm,
        gpus=machine.gpus,
        gpu_models=machine.gpu_models,
        pool=machine.pool,
        price_per_hour=machine.price_per_hour,
        command=request.command or tile.command,
        environment=MappingProxyType({**tile.environment, **request.environment}),
        secrets_as=tile.secrets_as,
        workspace=_workspace(request, tile, policy),
        registry=RegistryLogin(request.registry.username, request.registry.password),
        startup_hook=request.startup_hook or tile.startup_hook,
        example=request.example or tile.example,
        snapshot=request.resume,
        time_limit=time_limit(request.time_limit, tile, machine, policy, teams),
        idle=idle_terms(request.idle.model_dump(), tile, machine.pool, policy, teams),
        mounts=request.mounts,
    )


_LOCAL_HINT = "It is built on this site: run `make image`, or ask the admin to."


def _pull_policy(tile: Tile, *, own_image: bool) -> PullPolicy:
    if not own_image:
        return "missing"
    return "never" if tile.local else tile.pull_policy


def _workspace(request: LaunchRequest, tile: Tile, policy: SitePolicy) -> WorkspaceSpec:
    asked, own = request.workspace, tile.workspace
    protocols: tuple[str, ...] = tuple(policy.workspace_schemes)
    if asked.url:
        # Another repository: the tile's ref and its being required speak of the tile's own.
        return WorkspaceSpec(asked.url, asked.ref, asked.username, asked.password, False, protocols)
    if own is None:
        return WorkspaceSpec(protocols=protocols)
    ref = asked.ref or own.ref
    # What an admin put into a tile is not up to the policy, which is for what users type.
    scheme = parse_git_url(own.url).scheme
    if scheme not in protocols:
        protocols = (*protocols, scheme)
    return WorkspaceSpec(own.url, ref, asked.username, asked.password, own.required, protocols)


def _masked(password: str) -> str:
    if not password or is_reference(password):
        return password
    return "********"
