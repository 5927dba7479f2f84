"""What a plan adds to DockerSpawner's own settings and `create_container` arguments (pure)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from runtiles.contract.protocol import ENV_GPUS
from runtiles.plan import LaunchPlan


@dataclass(frozen=True)
class ContainerSettings:
    """`shm` in bytes (0 = the engine's default), `gpus` as device UUIDs."""

    image_id: str
    entrypoint: tuple[str, ...]
    user: str
    labels: Mapping[str, str]
    environment: Mapping[str, str]
    shm: int = 0
    pids_limit: int = 0
    gpus: Sequence[str] = ()
    cap_drop: Sequence[str] = ()
    security_opt: Sequence[str] = field(default=("no-new-privileges",))


def merged(kwargs: Mapping[str, Any], settings: ContainerSettings) -> dict[str, Any]:
    """DockerSpawner's arguments with the plan's laid under or over them.

    Over: image, entrypoint, our environment and labels, because nothing works without them. Under, so
    that a site's own `extra_create_kwargs` and `extra_host_config` win: user, limits, security, devices.
    """
    result = dict(kwargs)
    result["image"] = settings.image_id
    result["entrypoint"] = list(settings.entrypoint)
    own = {ENV_GPUS: ",".join(settings.gpus)} if settings.gpus else {}
    result["environment"] = {**_environment(kwargs), **settings.environment, **own}
    result["labels"] = {**_labels(kwargs), **settings.labels}
    result.setdefault("user", settings.user)
    result["host_config"] = _host_config(kwargs.get("host_config", {}), settings)
    return result


def _host_config(given: Mapping[str, Any], settings: ContainerSettings) -> dict[str, Any]:
    host = dict(given)
    # The container is removed by us, after its last lines were read.
    host["AutoRemove"] = False
    host.setdefault("Init", True)
    options = list(host.get("SecurityOpt") or [])
    host["SecurityOpt"] = options + [o for o in settings.security_opt if o not in options]
    if settings.cap_drop and not host.get("CapDrop"):
        host["CapDrop"] = list(settings.cap_drop)
    if settings.shm and not host.get("ShmSize"):
        host["ShmSize"] = settings.shm
    if settings.pids_limit and not host.get("PidsLimit"):
        host["PidsLimit"] = settings.pids_limit
    if settings.gpus and not host.get("DeviceRequests"):
        host["DeviceRequests"] = [_gpu_request(settings.gpus)]
    return host


def _gpu_request(uuids: Sequence[str]) -> dict[str, Any]:
    # By UUID: an index means another device after a driver reload.
    return {"Driver": "nvidia", "DeviceIDs": list(uuids), "Capabilities": [["gpu"]]}


def _environment(kwargs: Mapping[str, Any]) -> dict[str, str]:
    given = kwargs.get("environment") or {}
    if isinstance(given, Mapping):
        return dict(given)
    return dict(entry.partition("=")[::2] for entry in given)


def _labels(kwargs: Mapping[str, Any]) -> dict[str, str]:
    given = kwargs.get("labels") or {}
    return dict(given) if isinstance(given, Mapping) else dict.fromkeys(given, "")


def stricter(configured: Any, planned: Any) -> Any:
    """The stricter of the site's own limit and the machine's; None (and 0) means no limit."""
    limits: Iterable[Any] = [limit for limit in (configured, planned) if limit]
    return min(limits, default=None)


def machine_text(planned: LaunchPlan) -> str:
    """What the container is given, in a line."""
    parts = [f"{planned.cpus:g} CPU{'s' if planned.cpus != 1 else ''}"]
    parts.append(f"{planned.memory / 2**30:.3g} GiB of memory")
    if planned.gpus:
        parts.append(f"{planned.gpus} GPU{'s' if planned.gpus != 1 else ''}")
    return ", ".join(parts)
