"""Times before lines, and the end of a log that nobody would want to read as a whole."""

import subprocess
import sys
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from runtiles.engines import stamp
from runtiles.engines.process_log import LogReader, read_end
from runtiles.values.loglines import LogLine


@given(st.lists(st.binary(max_size=40)), st.integers(1, 50))
def test_what_was_stamped_is_read_back_with_rising_times(blocks: list[bytes], cut: int) -> None:
    stamper = stamp.Stamper()
    data = b"".join([stamper.feed(block) for block in blocks] + [stamper.end()])
    reader, found = LogReader(), list[LogLine]()
    for start in range(0, len(data), cut):
        found += reader.feed(data[start : start + cut])
    said = b"".join(blocks)
    expected = said.split(b"\n") if not said.endswith(b"\n") else said.split(b"\n")[:-1]
    expected = expected if said else []
    assert [line.text for line in found] == [
        line.decode(errors="replace").rstrip("\r") for line in expected
    ]
    times = [line.at for line in found]
    assert times == sorted(set(times))


def test_the_program_reads_on_when_the_disk_is_full() -> None:
    with Path("/dev/full").open("wb") as full:
        ran = subprocess.run(
            [sys.executable, "-I", "-S", stamp.__file__],
            input=b"x\n" * 100_000,
            stdout=full,
            stderr=subprocess.PIPE,
        )
    assert (ran.returncode, ran.stderr) == (0, b"")


def test_only_the_end_of_a_huge_log_is_read(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with log.open("wb") as file:
        for number in range(100_000):
            file.write(b"%d.000000 %s line %d\n" % (number, b"x" * 90, number))
    lines = read_end(log, None, None)
    assert 30_000 < len(lines) < 50_000
    assert lines[-1].text.endswith("line 99999")
    assert lines[0].text.startswith("x" * 90)
    assert [line.at for line in read_end(log, 2, None)] == [99_998.0, 99_999.0]
    assert [line.at for line in read_end(log, None, 99_999.0)] == [99_999.0]
    assert read_end(tmp_path / "none", None, None) == []


def test_a_line_without_a_time_is_as_old_as_the_one_before_it() -> None:
    assert list(LogReader().feed(b"5.000000 a\nb\n")) == [LogLine(5.0, "a"), LogLine(5.0, "b")]
