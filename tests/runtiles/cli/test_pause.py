"""Pause, resume, fork and what belongs to them, as a process; the service says what the test says."""

import gzip
import json
import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.runtiles.cli.conftest import Cli
from tests.runtiles.cli.scripted import (
    KERNEL,
    LAB,
    LOSS,
    OTHER,
    READY,
    SNAPSHOT,
    Bytes,
    Refusal,
    Scripted,
    scripted_service,
)
from tests.runtiles.cli.test_at_a_terminal import terminal

PAUSE = "POST /runtimes/lab/pause"
TRANSFER = "POST /runtimes/lab/transfer"
WELL = {"bytes": 2048, "seconds": 0.1, "free": 2**40, "kernels": [READY]}
LOSING = {**WELL, "kernels": [{**READY, "losses": [LOSS]}]}
JOB = {"name": "1", "job": "python", "status": "running"}
BUSY = {**WELL, "kernels": [{**KERNEL, "status": "busy", "busy_seconds": 180}]}
STUCK = {**WELL, "kernels": [{**KERNEL, "status": "stuck", "busy_seconds": 180}]}
WOULD_LOSE = Refusal(409, "would_lose", "Something would be lost.", {"kernels": LOSING["kernels"]})
PAUSING = {**LAB, "state": "pausing"}
WAITING = {"phase": "waiting", "progress": {"message": "train.ipynb, busy for 3 min"}}
SAVING = {"phase": "saving", "progress": {"done": 1024, "total": 2048}}


@pytest.fixture
def site() -> Iterator[Scripted]:
    with scripted_service() as service:
        yield service


@pytest.fixture
def anns(site: Scripted, tmp_path: Path) -> Cli:
    return Cli(tmp_path, {"RUNTILES_URL": site.url, "RUNTILES_TOKEN": "t0ken"})


def paused(site: Scripted) -> None:
    """The next pause ends well, as the feed tells."""
    site.says(**WAITING)
    site.says(**SAVING)
    site.says(phase="verifying")
    site.events.put(("runtime", site.runtime(state="paused", snapshot=SNAPSHOT["id"])))


def test_a_pause_says_what_is_saved_and_is_followed_to_its_end(anns: Cli, site: Scripted) -> None:
    site.answers[PAUSE] = (WELL, PAUSING)
    site.runtime(**PAUSING)
    with anns.running("pause", "la") as process:
        for part in (WAITING, SAVING, {"phase": "verifying"}):
            site.says(**part)
        assert process.stderr is not None
        said = []
        for line in process.stderr:
            said.append(line)
            if "verifying" in line:
                break
        paused(site)
        printed, rest = process.communicate(timeout=60)
    text = "".join(said) + rest
    assert process.returncode == 0, text
    assert printed == "s1-abcdef\n"
    assert "lab: 1 kernel, 2 KiB.\n  train.ipynb: 12 variables, 2 KiB\n" in text
    assert "lab: waiting for train.ipynb, busy for 3 min\nlab: saving 1 KiB of 2 KiB\n" in text
    assert "lab is paused: 12 variables, 2 KiB; 1 could not be saved." in rest
    dry, real = site.bodies(PAUSE)
    assert dry == {"dry_run": True, "interrupt": False}
    assert real == {"interrupt": False, "accept_loss": False}


def test_nothing_is_lost_without_a_word(anns: Cli, site: Scripted) -> None:
    site.answers[PAUSE] = LOSING
    done = anns("pause", "lab", code=1)
    assert "would be lost: gen (generator): a generator runs on" in done.stderr
    assert "1 thing would be lost; nothing was changed." in done.stderr
    assert "--yes" in done.stderr
    assert [body["dry_run"] for body in site.bodies(PAUSE)] == [True]


def test_a_program_in_a_terminal_is_not_ended_without_a_word(anns: Cli, site: Scripted) -> None:
    site.answers[PAUSE] = {**WELL, "terminals": [JOB]}
    done = anns("pause", "lab", code=1)
    assert "terminal 1: python runs; would be ended" in done.stderr
    assert "1 thing would be lost; nothing was changed." in done.stderr
    # It may have begun between the look and the pause.
    refused = Refusal(409, "would_lose", "It would.", {"kernels": [], "terminals": [JOB]})
    site.answers[PAUSE] = (WELL, refused)
    assert "terminal 1: python runs; would be ended" in anns("pause", "lab", code=1).stderr
    assert [body.get("accept_loss") for body in site.bodies(PAUSE)] == [None, None, False]


def test_with_yes_it_is_lost(anns: Cli, site: Scripted) -> None:
    site.answers[PAUSE] = (LOSING, PAUSING)
    paused(site)
    anns("pause", "lab", "--yes", "--interrupt")
    assert site.bodies(PAUSE)[1] == {"interrupt": True, "accept_loss": True}


def test_a_person_is_asked(anns: Cli, site: Scripted) -> None:
    site.answers[PAUSE] = LOSING
    with terminal(anns, "pause", "lab") as screen:
        screen.until("Pause, and lose that?")
        screen.type("n\n")
        assert screen.end() == 0
    assert len(site.bodies(PAUSE)) == 1
    site.answers[PAUSE] = (LOSING, PAUSING)
    paused(site)
    with terminal(anns, "pause", "lab") as screen:
        screen.until("Pause, and lose that?")
        screen.type("y\n")
        screen.until("lab is paused")
        assert screen.end() == 0
    assert site.bodies(PAUSE)[-1] == {"interrupt": False, "accept_loss": True}


def test_what_only_shows_later_is_asked_about_then(anns: Cli, site: Scripted) -> None:
    site.answers[PAUSE] = (BUSY, WOULD_LOSE)
    done = anns("pause", "lab", code=1)
    assert "busy for 3m; waited for" in done.stderr
    assert "--interrupt interrupts it" in done.stderr
    assert "would be lost: gen" in done.stderr
    assert "nothing was changed" in done.stderr
    site.answers[PAUSE] = (BUSY, WOULD_LOSE, PAUSING)
    paused(site)
    with terminal(anns, "pause", "lab") as screen:
        screen.until("Pause, and lose that?")
        screen.type("y\n")
        screen.until("lab is paused")
        assert screen.end() == 0
    assert site.bodies(PAUSE)[-1] == {"interrupt": False, "accept_loss": True}


def test_a_dry_run_changes_nothing(anns: Cli, site: Scripted) -> None:
    site.answers[PAUSE] = LOSING
    assert "would be lost: gen" in anns("pause", "lab", "--dry-run").stdout
    assert json.loads(anns("pause", "lab", "--dry-run", "--json").stdout) == LOSING
    assert all(body["dry_run"] for body in site.bodies(PAUSE))
    assert "--dry-run" in anns("pause", "lab", "--json", code=2).stderr
    site.answers["POST /runtimes/two/pause"] = WELL
    both = json.loads(anns("pause", "lab", "two", "--dry-run", "--json").stdout)
    assert both == {"lab": LOSING, "two": WELL}


def test_without_waiting(anns: Cli, site: Scripted) -> None:
    site.answers[PAUSE] = (STUCK, PAUSING)
    done = anns("pause", "lab", "--no-wait")
    assert "train.ipynb does not answer" in done.stderr
    assert "runtiles freeze lab" in done.stderr
    assert "runtiles show lab" in done.stderr
    assert done.stdout == ""


def test_a_pause_that_fails_says_why(anns: Cli, site: Scripted) -> None:
    site.answers[PAUSE] = (WELL, PAUSING)
    error = {"code": "x", "message": "The disk is full.", "details": {"hint": "Delete some."}}
    site.runtime(state="running", last_error=error)
    done = anns("pause", "lab", code=1)
    assert "lab is not paused. The disk is full." in done.stderr
    assert "Hint: Delete some." in done.stderr
    site.answers[PAUSE] = (WELL, Refusal(429, "quota", "Your snapshots are too large."))
    assert "too large" in anns("pause", "lab", code=1).stderr


def test_a_loss_that_shows_while_it_is_saved_is_named(anns: Cli, site: Scripted) -> None:
    site.answers[PAUSE] = (BUSY, PAUSING)
    details = {"kernels": [{**KERNEL, "status": "saved", "losses": [LOSS]}], "hint": "x"}
    error = {"code": "would_lose", "message": "One thing would be lost.", "details": details}
    site.runtime(state="running", last_error=error)
    done = anns("pause", "lab", code=1)
    assert "  train.ipynb:\n    would be lost: gen (generator)" in done.stderr
    assert "Hint: `runtiles pause lab --yes`" in done.stderr


def test_what_the_feed_says_is_no_failure_while_the_service_knows_better(
    anns: Cli, site: Scripted
) -> None:
    site.answers[PAUSE] = (WELL, PAUSING)
    site.answers["GET /runtimes/lab"] = LAB
    with anns.running("pause", "lab") as process:
        # A feed that others listen to already begins with what it knew a moment ago.
        site.answers["GET /runtimes/lab"] = PAUSING
        site.says(**SAVING)
        assert process.stderr is not None
        assert any("saving" in line for line in process.stderr)
        paused(site)
        assert process.communicate(timeout=60)[0] == "s1-abcdef\n"


def test_a_pause_is_called_off(anns: Cli, site: Scripted) -> None:
    site.runtime(**PAUSING)
    site.answers["DELETE /runtimes/lab/pause"] = LAB
    done = anns("pause", "--cancel", "la")
    assert done.stdout == ""
    assert "The pause of lab is called off. It goes on running." in done.stderr
    assert site.bodies(PAUSE) == []
    late = Refusal(409, "conflict", "The snapshot is whole, and the runtime is being stopped.")
    site.answers["DELETE /runtimes/lab/pause"] = late
    assert "is being stopped" in anns("pause", "--cancel", "lab", code=1).stderr
    anns("pause", "--cancel", "--yes", "lab", code=2)


def test_ctrl_c_leaves_the_pause_alone_and_says_how_to_look(anns: Cli, site: Scripted) -> None:
    site.answers[PAUSE] = (WELL, PAUSING)
    site.runtime(**PAUSING)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with terminal(anns, "pause", "lab") as screen:
            site.says(**SAVING)
            screen.until("lab: saving 1 KiB of 2 KiB")
            screen.process.send_signal(signal.SIGINT)
            screen.until("The pause of lab goes on. Look how far it is: `runtiles show lab`.")
            screen.until("Call it off: `runtiles pause --cancel lab`.")
            assert screen.end() == 130
            assert "Traceback" not in screen.text
    finally:
        signal.signal(signal.SIGINT, before)


def launched(site: Scripted, name: str) -> None:
    event = json.dumps({"phase": "ready", "kind": "ready", "time": 1.0})
    stream = Bytes(f"id: 1\ndata: {event}\n\n".encode())
    site.answers[f"GET /runtimes/{name}/progress"] = stream
    site.answers[f"GET /runtimes/{name}"] = {**LAB, "name": name}


def says_itself(site: Scripted, name: str, resumed: Any) -> None:
    """What the runtime's own server answers."""
    access = {"id": "7", "url": f"{site.url}/user/a/{name}/", "token": "0pens"}
    site.answers[f"POST /runtimes/{name}/access"] = access
    site.answers[f"DELETE /runtimes/{name}/access/7"] = None
    site.answers[f"GET /user/a/{name}/runtiles/api/runtime"] = {"resumed": resumed}


def test_a_resume_says_what_came_back(anns: Cli, site: Scripted) -> None:
    site.answers["POST /runtimes/lab/resume"] = {**LAB, "state": "resuming"}
    launched(site, "lab")
    kernel = {**KERNEL, "status": "restored", "restored": 12, "losses": [LOSS]}
    says_itself(site, "lab", {"snapshot": "s1-abcdef", "kernels": [kernel]})
    done = anns("resume", "lab", "--snapshot", "s1")
    assert "lab is back:\n  train.ipynb: 12 variables restored\n    lost: gen" in done.stderr
    assert done.stdout.endswith("/user/a/lab/\n")
    assert site.bodies("POST /runtimes/lab/resume") == [{"snapshot": "s1-abcdef"}]
    assert site.bodies("DELETE /runtimes/lab/access/7")
    says_itself(site, "lab", None)
    assert "is back" not in anns("resume", "lab").stderr
    del site.answers["POST /runtimes/lab/access"]
    assert "What came back with lab is not known" in anns("resume", "lab").stderr


def test_a_fork_of_a_runtime_or_a_snapshot(anns: Cli, site: Scripted) -> None:
    site.answers["POST /runtimes"] = {**LAB, "name": "lab-2"}
    launched(site, "lab-2")
    assert "begins with the snapshot s1-abcdef of lab" in anns("fork", "lab").stderr
    assert anns("fork", "s1", "--name", "mine", "-d").stdout == "lab-2\n"
    assert site.bodies("POST /runtimes") == [
        {"resume": "s1-abcdef", "name": "lab-2"},
        {"resume": "s1-abcdef", "name": "mine"},
    ]
    assert "There is no snapshot of two." in anns("fork", "two", code=1).stderr
    assert "no runtime 'x'" in anns("fork", "x", code=1).stderr


def test_kernels_and_what_is_done_to_them(anns: Cli, site: Scripted) -> None:
    assert "aaaaaaaa  train.ipynb" in anns("kernels", "lab").stdout
    assert json.loads(anns("kernels", "lab", "--json").stdout) == [KERNEL]
    site.answers["POST /runtimes/lab/interrupt"] = site.answers["POST /runtimes/lab/restart"] = LAB
    assert "train.ipynb was interrupted." in anns("interrupt", "lab").stderr
    assert "--yes" in anns("restart", "lab", code=2).stderr
    site.answers["GET /runtimes/lab/kernels"] = [KERNEL, OTHER]
    several = anns("interrupt", "lab", code=2).stderr
    assert "aaaaaaaa (train.ipynb), bbbbbbbb (plot.ipynb)" in several
    anns("restart", "lab", "--kernel", "plot", "--yes")
    assert site.bodies("POST /runtimes/lab/interrupt") == [{"kernel": KERNEL["id"]}]
    assert site.bodies("POST /runtimes/lab/restart") == [{"kernel": OTHER["id"]}]
    site.answers["GET /runtimes/two/kernels"] = []
    assert "two has no kernel." in anns("interrupt", "two", code=1).stderr


def test_variables(anns: Cli, site: Scripted) -> None:
    rows = [{"name": "x", "type": "int", "bytes": 28, "status": "saved", "reason": ""}]
    answer = {"kernel": KERNEL["id"], "variables": rows, "losses": [LOSS], "notes": []}
    site.answers[f"GET /runtimes/lab/kernels/{KERNEL['id']}/variables?timeout=10"] = answer
    done = anns("variables", "lab", "--kernel", "train.ipynb")
    assert done.stdout.splitlines()[1].split() == ["x", "int", "28", "B", "saved"]
    assert "A pause would lose gen: a generator runs on" in done.stderr
    assert json.loads(anns("variables", "lab", "--json").stdout) == answer


def transferred(*statuses: str) -> dict[str, Any]:
    rows = [{"name": f"v{n}", "as": f"v{n}", "status": one} for n, one in enumerate(statuses)]
    return {"variables": rows, "losses": [], "way": "storage", "bytes": 5, "seconds": 0.1}


def test_a_transfer_says_what_became_of_each(anns: Cli, site: Scripted) -> None:
    site.answers["GET /runtimes/two/kernels"] = [OTHER]
    site.answers[TRANSFER] = transferred("copied", "kept")
    done = anns("transfer", "lab", "two", "--names", "v0,v1", "--rename", "v0=w", "--dry-run")
    assert "v0" in done.stdout
    assert "1 variable would be copied, 1 were there already" in done.stderr
    assert "--overwrite" in done.stderr
    assert site.bodies(TRANSFER) == [
        {
            "from": {"kernel": KERNEL["id"]},
            "to": {"runtime": "two", "kernel": OTHER["id"]},
            "names": ["v0", "v1"],
            "rename": {"v0": "w"},
            "overwrite": False,
            "dry_run": True,
        }
    ]
    site.answers[TRANSFER] = transferred("copied", "failed")
    assert "1 failed" in anns("transfer", "lab", "two", code=1).stderr
    assert json.loads(anns("transfer", "lab", "two", "--json", code=1).stdout)["way"] == "storage"


def test_a_transfer_within_a_runtime(anns: Cli, site: Scripted) -> None:
    site.answers[TRANSFER] = transferred("copied")
    assert "no kernel" in anns("transfer", "lab", "lab", code=1).stderr
    site.answers["GET /runtimes/lab/kernels"] = [KERNEL, OTHER]
    assert "several kernels" in anns("transfer", "lab", "lab", code=2).stderr
    anns("transfer", "lab", "lab", "--to-kernel", "plot")
    anns("transfer", "lab", "lab", "--kernel", "plot")
    ends = [(one["from"]["kernel"], one["to"]["kernel"]) for one in site.bodies(TRANSFER)]
    assert ends == [(KERNEL["id"], OTHER["id"]), (OTHER["id"], KERNEL["id"])]
    same = ("--kernel", "plot", "--to-kernel", "plot")
    assert "plot" in anns("transfer", "lab", "lab", *same, code=1).stderr


def test_snapshots(anns: Cli, site: Scripted) -> None:
    site.answers["PATCH /snapshots/s1-abcdef"] = SNAPSHOT
    cells = anns("snapshots", "list").stdout.splitlines()[1].split()
    assert cells[:4] == ["s1-abcdef", "lab", "quick", "cpu-small"]
    assert cells[-6:] == ["2", "KiB", "12", "1", "in", "use"]
    assert "Lost       1" in anns("snapshots", "show", "s1").stdout
    assert json.loads(anns("snapshots", "show", "s1", "--json").stdout) == SNAPSHOT
    anns("snapshots", "rename", "s1", "best one")
    assert site.bodies("PATCH /snapshots/s1-abcdef") == [{"name": "best one"}]
    site.answers["DELETE /snapshots/s1-abcdef"] = Refusal(409, "in_use", "lab waits for it.")
    site.answers["DELETE /snapshots/s1-abcdef?force=1"] = None
    assert "--yes" in anns("snapshots", "delete", "s1", code=2).stderr
    assert "lab waits for it." in anns("snapshots", "delete", "s1", "-y", code=1).stderr
    assert "is deleted" in anns("snapshots", "delete", "s1", "-y", "--force").stderr
    site.answers["GET /snapshots"] = []
    assert "A pause makes one" in anns("snapshots", "list").stderr


def test_an_export_is_whole_or_not_there(anns: Cli, site: Scripted) -> None:
    packed = gzip.compress(os.urandom(3_000_000))
    export = "GET /snapshots/s1-abcdef/export"
    site.answers[export] = Bytes(packed)
    assert "Exported 2.9 MiB." in anns("snapshots", "export", "s1", "a.gz").stderr
    assert (anns.home / "a.gz").read_bytes() == packed
    assert "is there already" in anns("snapshots", "export", "s1", "a.gz", code=2).stderr
    for broken in (Bytes(packed[:-9]), Bytes(packed[:90000], cut=True), Bytes(b"<h1>odd</h1>")):
        site.answers[export] = broken
        anns("snapshots", "export", "s1", "b.gz", code=1)
        anns("snapshots", "export", "s1", "a.gz", "--replace", code=1)
    assert [one.name for one in anns.home.iterdir() if "gz" in one.name] == ["a.gz"]
    assert (anns.home / "a.gz").read_bytes() == packed


def test_an_import_is_not_trusted_before_somebody_says_so(anns: Cli, site: Scripted) -> None:
    (anns.home / "a.gz").write_bytes(b"content" * 100_000)
    foreign = {**SNAPSHOT, "origin": "import", "trusted": False, "in_use": False}
    site.answers["POST /snapshots/import"] = foreign
    site.answers["POST /snapshots/s1-abcdef/trust"] = foreign
    site.answers["GET /snapshots"] = [foreign]
    done = anns("snapshots", "import", "a.gz")
    assert done.stdout == "s1-abcdef\n"
    assert "runtiles snapshots trust s1-abcdef" in done.stderr
    assert site.bodies("POST /snapshots/import") == [b"content" * 100_000]
    assert "not trusted, imported" in anns("snapshots", "list").stdout
    assert "Nobody is here to ask" in anns("snapshots", "trust", "s1", code=2).stderr
    anns("snapshots", "trust", "s1", "--yes")
    assert len(site.bodies("POST /snapshots/s1-abcdef/trust")) == 1
    assert "cannot be read" in anns("snapshots", "import", "none", code=2).stderr


def test_a_paused_runtime_in_the_list(anns: Cli, site: Scripted) -> None:
    since = "2026-01-01T00:00:00Z"
    lab = site.runtime(state="paused", since=since, snapshot=SNAPSHOT["id"], url=None)
    site.answers["GET /runtimes"] = [lab]
    assert ", 2 KiB" in anns("list").stdout
    shown = anns("show", "lab").stdout
    assert re.search(r"^State +paused \d+d", shown, re.MULTILINE)
    assert "s1-abcdef (2 KiB)" in shown
    assert "runtiles resume lab" in anns("open", "lab", code=1).stderr
    site.answers["GET /snapshots"] = Refusal(403, "not_allowed", "No.")
    assert "paused" in anns("list").stdout


def test_completion_of_kernels_and_snapshots(anns: Cli, site: Scripted) -> None:
    asked = {"_RUNTILES_COMPLETE": "complete_bash"}
    words = "runtiles restart lab --kernel tr"
    offered = anns.exporting(COMP_WORDS=words, COMP_CWORD="4", **asked)().stdout
    assert "train.ipynb" in offered
    words = "runtiles snapshots show s"
    offered = anns.exporting(COMP_WORDS=words, COMP_CWORD="3", **asked)().stdout
    assert "s1-abcdef" in offered
