"""The tiles and machines that come with Runtiles."""

import pytest

from runtiles.catalogue import Catalogue, builtin_paths, load_catalogue
from runtiles.images import ImageRef

HUB = "https://hub.docker.com/r"
GIT = "https://github.com"

#: The document's ten runtimes: title, category, container, registry, workspace, description.
DOCUMENT = [
    (
        "PyTorch 1.10",
        "recommended",
        "nvcr.io/nvidia/pytorch:21.09-py3",
        f"{HUB}/pytorch/pytorch",
        f"{GIT}/gradient-ai/PyTorch",
        "Latest PyTorch release (1.8) with GPU support.",
    ),
    (
        "TensorFlow 2.6.0",
        "recommended",
        "nvcr.io/nvidia/tensorflow:21.09-tf2-py3",
        f"{HUB}/tensorflow/tensorflow/",
        f"{GIT}/gradient-ai/TensorFlow",
        "TensorFlow 2 with GPU support.",
    ),
    (
        "Paperspace + Fast.ai",
        "recommended",
        "paperspace/fastai:2.0-CUDA9.2-fastbook-v0.1.0",
        f"{GIT}/Paperspace/fastai-docker",
        f"{GIT}/fastai/fastbook.git",
        "Fast.ai Paperspace's Fast.ai template is built for getting up and running with the"
        " enormously popular Fast.ai online MOOC.",
    ),
    (
        "NVIDIA RAPIDS",
        "recommended",
        "nvcr.io/nvidia/rapidsai/rapidsai:0.18-cuda11.0-base-centos7",
        "https://ngc.nvidia.com/catalog/containers/nvidia:rapidsai:rapidsai",
        f"{GIT}/gradient-ai/RAPIDS.git",
        "NVIDIA's library to execute end-to-end data science and analytics pipelines on GPU.",
    ),
    (
        "ClipIt-PixelDraw",
        "recommended",
        "paperspace/clip-pixeldraw:jupyter",
        f"{HUB}/paperspace/clip-pixeldraw",
        f"{GIT}/gradient-ai/ClipIt-PixelDraw",
        "A creative library for generating pixel art from simple text prompts.",
    ),
    (
        "Hugging Face Transformers",
        "recommended",
        "paperspace/transformers-gpu:0.4.0",
        f"{HUB}/paperspace/transformers-gpu",
        f"{GIT}/huggingface/transformers.git",
        "A state-of-the-art NLP library from Hugging Face",
    ),
    (
        "Analytics Vidhya CV",
        "all",
        "jalfaizy/cv_docker:latest",
        f"{GIT}/ufoym/deepo",
        None,
        "Analytics Vidhya container",
    ),
    (
        "TensorFlow (1.14 GPU)",
        "all",
        "paperspace/dl-containers:tensorflow1140-py36-cu100-cdnn7-jupyter",
        f"{HUB}/tensorflow/tensorflow/",
        None,
        "Official docker images for TensorFlow version 1",
    ),
    (
        "JupyterLab Data Science Stack",
        "all",
        "jupyter/datascience-notebook",
        f"{HUB}/jupyter/datascience-notebook/",
        None,
        "Jupyter Notebook Data Science Stack",
    ),
    (
        "JupyterLab Data R Stack",
        "all",
        "jupyter/r-notebook",
        f"{HUB}/jupyter/r-notebook/",
        f"{GIT}/gradient-ai/R.git",
        "Jupyter Notebook R Stack",
    ),
]


@pytest.fixture(scope="module")
def builtin() -> Catalogue:
    return load_catalogue(builtin_paths())


def test_the_ten_runtimes_of_the_document(builtin: Catalogue) -> None:
    found = [
        (
            tile.title,
            tile.category,
            tile.image,
            tile.registry_url,
            tile.workspace.url if tile.workspace else None,
            tile.description,
        )
        for tile in builtin.tiles.values()
        if not tile.local
    ]
    assert found == DOCUMENT


def test_the_local_tiles_are_never_pulled(builtin: Catalogue) -> None:
    local = {tile.slug: tile for tile in builtin.tiles.values() if tile.local}
    assert set(local) == {"python", "data-science"}
    assert local["python"].image_ref == ImageRef.parse("runtiles/python:latest")
    assert local["data-science"].image_ref == ImageRef.parse("runtiles/data-science:latest")


def test_all_tiles_run_as_root_like_the_document_says(builtin: Catalogue) -> None:
    assert {tile.container_user for tile in builtin.tiles.values()} == {"root"}


def test_the_defaults(builtin: Catalogue) -> None:
    assert builtin.default_tile().slug == "python"
    assert builtin.default_machine().slug == "cpu-small"
    assert builtin.default_machine(gpu=True).slug == "gpu-1"


def test_the_machines(builtin: Catalogue) -> None:
    assert [(m.slug, m.cpus, m.memory // 2**30, m.gpus) for m in builtin.machines.values()] == [
        ("cpu-small", 1, 2, 0),
        ("cpu-large", 4, 16, 0),
        ("gpu-1", 4, 16, 1),
        ("gpu-2", 8, 32, 2),
    ]
    assert not any(machine.gpu_models for machine in builtin.machines.values())


def test_every_tile_has_an_icon_and_is_listed(builtin: Catalogue) -> None:
    assert all(tile.icon for tile in builtin.tiles.values())
    assert len(builtin.visible_tiles()) == len(builtin.tiles) == 12
