"""A small catalogue and a site for the tests of the gate and the plan."""

from typing import Any

from runtiles.catalogue import Catalogue, Machine, Tile
from runtiles.contract.errors import InvalidRequest
from runtiles.options import LaunchRequest, validate
from runtiles.policy import SitePolicy

DIGEST = "sha256:" + "0123456789abcdef" * 4


def make_tile(slug: str, **fields: Any) -> Tile:
    return Tile.model_validate({"slug": slug, "title": slug.title(), "image": "a/b:1", **fields})


def make_machine(slug: str, **fields: Any) -> Machine:
    base = {"slug": slug, "title": slug, "cpus": 2, "memory": "4g"}
    return Machine.model_validate({**base, **fields})


TILES = [
    make_tile("python", image="runtiles/python:latest", local=True),
    make_tile(
        "torch",
        image="nvcr.io/nvidia/pytorch:21.09-py3",
        gpu=True,
        workspace={"url": "https://github.com/gradient-ai/PyTorch", "ref": "v1", "required": True},
        command="jupyter lab",
        environment={"OMP_NUM_THREADS": "4", "MODE": "tile"},
        idle={"timeout": "1h", "type": "work", "action": "stop"},
        time_limit="8h",
        example="intro.ipynb",
        startup_hook="echo tile",
    ),
    make_tile("old-torch", deprecated=True, redirect="torch"),
    make_tile("lab", hidden=True),
]
MACHINES = [
    make_machine("small", default=True, shm="64m"),
    make_machine("gpu-1", gpus=1, gpu_models=["A100"], max_time="4h", price_per_hour=0.5),
    make_machine("gpu-2", gpus=2),
]
CATALOGUE = Catalogue(TILES, MACHINES)
STRICT = SitePolicy()
#: A site that allows whatever can be allowed.
OPEN = SitePolicy(
    allow_custom_images=True,
    workspace_schemes=("https", "http", "ssh", "git", "file"),
    allow_user_mounts=True,
    mount_sources=("shared-*",),
)


def ask(options: Any, policy: SitePolicy = STRICT, **kwargs: Any) -> LaunchRequest:
    return validate(options, catalogue=CATALOGUE, policy=policy, **kwargs)


def fields_of(options: Any, policy: SitePolicy = STRICT, **kwargs: Any) -> dict[str, str]:
    """What the gate refuses, by field; empty when it lets the options pass."""
    try:
        ask(options, policy, **kwargs)
    except InvalidRequest as error:
        return error.fields
    return {}
