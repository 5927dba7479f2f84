"""Reading the driver's own list."""

import sys

from runtiles.gpus import Gpu, read_gpus
from runtiles.gpus.inventory import parse

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
