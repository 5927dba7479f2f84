"""A small catalogue for the tests of the pages."""

from pathlib import Path

import pytest

from runtiles.catalogue import Catalogue, builtin_paths, load_catalogue

TILES = """
tiles:
  - {slug: extra, title: Extra, image: 'registry.example/extra:1', category: all}
  - {slug: plain, title: Plain, image: python, category: recommended, icon: python,
     description: A plain Python.}
  - slug: full
    title: Full
    image: nvcr.io/nvidia/pytorch:21.09-py3
    category: recommended
    registry_url: https://hub.docker.com/r/pytorch/pytorch
    workspace: {url: 'https://github.com/fastai/fastbook.git', ref: main}
    command: jupyter lab --ServerApp.token=''
    container_user: jovyan
    environment: {MODE: fast, SEED: '7'}
    time_limit: 4h
    example: intro.ipynb
    startup_hook: pip list
    gpu: true
  - {slug: retired, title: Retired, image: old, deprecated: true, redirect: plain}
  - {slug: fading, title: Fading, image: old, deprecated: true}
  - {slug: course, title: Course, image: course, hidden: true}
machines:
  - {slug: small, title: Small, cpus: 1, memory: 2g, default: true}
  - {slug: half, title: Half, cpus: 0.5, memory: 1536m, price_per_hour: 0.004}
  - {slug: gpu, title: GPU, cpus: 8, memory: 32g, gpus: 2, gpu_models: [A100, H100],
     price_per_hour: 1.2, max_time: 12h}
"""


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    path = tmp_path / "tiles.yaml"
    path.write_text(TILES)
    return load_catalogue([path])


@pytest.fixture
def builtin_catalogue() -> Catalogue:
    return load_catalogue(builtin_paths())
