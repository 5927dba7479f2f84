from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, text

from runtiles.store import Logs, Store
from runtiles.store.database import Database
from runtiles.store.logs import CUT
from runtiles.values.loglines import LOG_PHASES, LogLine


def test_lines_come_back_with_their_times_by_phase(store: Store) -> None:
    lines = [
        LogLine(1795222923.5, "Pulling python:3.12", "pull"),
        LogLine(1795222924.000001, "Cloning", "workspace"),
        LogLine(1795222925.0, "", "server"),
        LogLine(1795222926.25, "  12.000000 a line that begins like a time", "server"),
    ]
    store.logs.save("ann", "", "l1", lines)
    assert list(store.logs.of_launch("l1")) == ["pull", "workspace", "server"]
    assert [line for kept in store.logs.of_launch("l1").values() for line in kept] == lines
    assert store.logs.of_launch("l2") == {}


def test_a_phase_is_replaced_as_a_whole_and_the_others_stay(store: Store) -> None:
    store.logs.save("ann", "", "l1", [LogLine(1.0, "build", "build"), LogLine(2.0, "draft")])
    store.logs.save("ann", "", "l1", [LogLine(3.0, "boot")])
    kept = store.logs.of_launch("l1")
    assert kept == {"build": [LogLine(1.0, "build", "build")], "server": [LogLine(3.0, "boot")]}


def test_a_spared_phase_is_written_once(store: Store) -> None:
    for number in (1.0, 2.0):
        lines = [LogLine(number, "one", "workspace"), LogLine(number, "two")]
        store.logs.save("ann", "", "l1", lines, spare=("workspace",))
    kept = store.logs.of_launch("l1")
    assert (kept["workspace"][0].at, kept["server"][0].at) == (1.0, 2.0)


def test_each_phase_keeps_its_end_within_the_cap(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/x.sqlite")
    logs = Logs(database, limit=1000)
    many = [LogLine(float(n), f"line {n}", phase) for phase in LOG_PHASES for n in range(500)]
    logs.save("ann", "", "l1", many)
    kept = logs.of_launch("l1")
    assert tuple(kept) == LOG_PHASES
    for lines in kept.values():
        assert lines[0].text == CUT
        assert lines[-1].text == "line 499"
        assert [line.at for line in lines] == sorted(line.at for line in lines)
        assert sum(len(line.text) for line in lines) <= 1000
    database.close()


def test_one_line_beyond_the_cap_leaves_the_mark(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/x.sqlite")
    logs = Logs(database, limit=100)
    logs.save("ann", "", "l1", [LogLine(1.0, "x" * 200)])
    assert logs.of_launch("l1") == {"server": [LogLine(1.0, CUT)]}
    database.close()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(st.lists(st.text(st.characters(codec=None, exclude_characters="\n"))))
def test_a_container_may_print_anything(store: Store, texts: list[str]) -> None:
    """Also NUL and halves of characters, which databases refuse."""
    lines = [LogLine(float(number), line) for number, line in enumerate(texts)]
    store.logs.save("ann", "", "any", lines or [LogLine(0.0, "")])
    (kept,) = store.logs.of_launch("any").values()
    assert [line.at for line in kept] == [line.at for line in lines or [LogLine(0.0, "")]]
    for before, after in zip(lines, kept, strict=False):
        assert after.text == before.text.replace("\0", "\ufffd").encode(errors="replace").decode()


def test_a_log_of_an_older_version_has_the_time_when_it_was_saved(store_url: str) -> None:
    store = Store(store_url)
    store.logs.save("ann", "", "l1", [LogLine(1.0, "x")])
    engine = create_engine(store_url)
    with engine.begin() as connection:
        old = {"text": "one\ntwo\n", "at": 7.0}
        connection.execute(text("UPDATE runtiles_logs SET text = :text, at = :at"), old)
    engine.dispose()
    assert store.logs.of_launch("l1") == {"server": [LogLine(7.0, "one"), LogLine(7.0, "two")]}
    store.close()
