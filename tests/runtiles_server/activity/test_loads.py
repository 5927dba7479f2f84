"""What the driver and the control groups say, and what of it is the runtime's own."""

from pathlib import Path

import pytest

from runtiles_server.activity.loads import GpuMeter, is_contained


def driver(place: Path, *answers: str) -> str:
    """A tool that answers so, one after the other, and notes what it was asked."""
    for number, answer in enumerate(answers, 1):
        (place / f"answer-{number}").write_text(answer)
    tool = place / "nvidia-smi"
    tool.write_text(
        f"""#!/bin/sh
echo "$@" >> {place}/asked
cat {place}/answer-$(wc -l < {place}/asked)
"""
    )
    tool.chmod(0o755)
    return str(tool)


def test_only_the_runtimes_own_gpus_are_asked_for(tmp_path: Path) -> None:
    meter = GpuMeter(["GPU-a", "GPU-b"], driver(tmp_path, "3\n90\n", "95\n4\n"))
    assert meter.there
    meter.percent()
    assert meter.percent() == 90
    (first, _) = (tmp_path / "asked").read_text().splitlines()
    assert first.startswith("-i GPU-a,GPU-b --query-gpu=utilization.gpu")


def test_without_a_gpu_of_its_own_nothing_is_asked(tmp_path: Path) -> None:
    meter = GpuMeter([], driver(tmp_path, "90\n"))
    assert not meter.there
    assert meter.percent() is None
    assert not (tmp_path / "asked").exists()


def test_one_spike_is_no_work_and_two_readings_in_a_row_are(tmp_path: Path) -> None:
    meter = GpuMeter(["GPU-a"], driver(tmp_path, "80\n", "0\n", "70\n", "60\n", "0\n"))
    assert [meter.percent() for _ in range(5)] == [0, 0, 0, 60, 0]


def test_a_driver_that_fails_or_does_not_know_says_nothing(tmp_path: Path) -> None:
    """A part of a GPU (MIG) has no figure of its own."""
    meter = GpuMeter(["MIG-a"], driver(tmp_path, "90\n", "[N/A]\n", "80\n"))
    assert [meter.percent() for _ in range(3)] == [0, None, 80]
    assert meter.percent() is None
    assert GpuMeter(["GPU-a"], "/nowhere/nvidia-smi").percent() is None


ID = "4f" * 32


@pytest.mark.parametrize(
    ("groups", "contained"),
    [
        (f"4:cpu,cpuacct:/docker/{ID}\n3:memory:/docker/{ID}\n", True),
        (f"4:cpuacct:/system.slice/docker-{ID}.scope\n", True),
        (f"4:cpu,cpuacct:/kubepods/burstable/pod1-2/{ID}\n", True),
        (f"4:cpu,cpuacct:/machine.slice/libpod-{ID}.scope\n", True),
        ("4:cpu,cpuacct:/\n3:memory:/\n", False),
        ("4:cpu,cpuacct:/user.slice/user-1000.slice\n", False),
        ("4:cpu,cpuacct:/system.slice/docker.service\n", False),
        (f"4:cpu,cpuacct:/\n3:memory:/docker/{ID}\n", False),
        ("0::/\n", False),
        ("nonsense", False),
    ],
    ids=lambda value: str(value)[:40].strip().replace(ID, "ID"),
)
def test_of_version_1_only_a_containers_own_group_counts(
    tmp_path: Path, groups: str, contained: bool
) -> None:
    (tmp_path / "cgroup").write_text(groups)
    assert is_contained(tmp_path / "cgroup") is contained
    assert not is_contained(tmp_path / "none")
