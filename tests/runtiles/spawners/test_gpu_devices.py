"""Which GPUs the engine is really asked for: a stand-in for NVIDIA's hook writes down what it is told.

dockerd registers the `nvidia` driver when it finds an `nvidia-container-runtime-hook` on its PATH, and
calls it with the bundle of each container that asks for a GPU.
"""

import json
import subprocess
from pathlib import Path

import pytest

from runtiles.spawners.container import ContainerSettings, merged
from tests.fixtures.engine import PrivateEngine
from tests.fixtures.images import build

pytestmark = pytest.mark.engine

_HOOK = """#!/bin/sh
{ cat; echo; } >> %s
"""


def test_the_engine_is_asked_for_these_gpus_by_uuid(
    private_engine: PrivateEngine, tmp_path: Path
) -> None:
    told = tmp_path / "told"
    hook = tmp_path / "bin" / "nvidia-container-runtime-hook"
    hook.parent.mkdir()
    hook.write_text(_HOOK % told)
    hook.chmod(0o755)
    private_engine.stop()
    private_engine.start(path=str(hook.parent))
    client = private_engine.client()
    try:
        program = tmp_path / "true"
        source = "int main(void) { return 0; }"
        compiler = ["gcc", "-static", "-x", "c", "-", "-o", str(program)]
        subprocess.run(compiler, input=source.encode(), check=True)
        image = build(
            client,
            "runtiles-test/true:1",
            'FROM scratch\nCOPY true /true\nCMD ["/true"]\n',
            {"true": program.read_bytes()},
        )
        settings = ContainerSettings(
            image_id=image,
            entrypoint=("/true",),
            user="0",
            labels={},
            environment={},
            gpus=("GPU-aaaa", "GPU-bbbb"),
        )
        host_config = client.create_host_config(network_mode="none")
        made = client.create_container(
            **merged({"image": image, "host_config": host_config}, settings)
        )
        client.start(made["Id"])
        assert client.wait(made["Id"])["StatusCode"] == 0
        asked = client.inspect_container(made["Id"])["HostConfig"]["DeviceRequests"][0]
    finally:
        client.close()
    assert asked["DeviceIDs"] == ["GPU-aaaa", "GPU-bbbb"]
    bundle = Path(json.loads(told.read_text().splitlines()[0])["bundle"])
    assert bundle.name == made["Id"]
