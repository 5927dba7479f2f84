"""Reading the driver's own list."""

import sys

from runtiles.gpus import Gpu, GpuUse, read_gpus, read_use
from runtiles.gpus.inventory import parse, parse_use

OUTPUT = """\
GPU-8f3c, NVIDIA A100-SXM4-80GB, 81920
GPU-11aa, "Odd, Model", [N/A]
Failed to initialize something
MIG-5d2e, NVIDIA A100 MIG 1g.10gb, 9728
"""


def test_lines_that_are_gpus_are_read_and_others_passed_over() -> None:
    assert parse(OUTPUT) == [
        Gpu("GPU-8f3c", "NVIDIA A100-SXM4-80GB", 81920 * 2**20),
        Gpu("GPU-11aa", "Odd, Model", 0),
        Gpu("MIG-5d2e", "NVIDIA A100 MIG 1g.10gb", 9728 * 2**20),
    ]


def test_the_tool_is_run() -> None:
    assert read_gpus([sys.executable, "-c", "print('GPU-1, T4, 15360')"]) == [
        Gpu("GPU-1", "T4", 15360 * 2**20)
    ]


def test_no_tool_or_a_broken_one_means_no_gpus() -> None:
    assert read_gpus(["no-such-tool-here"]) == []
    assert read_gpus([sys.executable, "-c", "raise SystemExit(9)"]) == []
    assert read_use(["no-such-tool-here"]) == {}


def test_use_is_memory_and_percent_where_the_driver_tells() -> None:
    text = "GPU-1, 1024, 97\nGPU-2, [N/A], [N/A]\nsome warning\nMIG-3, 0, [N/A]\n"
    assert parse_use(text) == [
        GpuUse("GPU-1", 1024 * 2**20, 97),
        GpuUse("GPU-2"),
        GpuUse("MIG-3", 0),
    ]
    assert read_use([sys.executable, "-c", "print('GPU-1, 3, 4')"]) == {
        "GPU-1": GpuUse("GPU-1", 3 * 2**20, 4)
    }
