"""A variable whose own code never ends: the kernel comes back, and the runtime goes on."""

from tests.fixtures.hub import wait_until
from tests.runtiles_server.conftest import NewLaunch
from tests.runtiles_server.kernels.paused import (
    begun,
    notebook,
    pause,
    run,
    snapshots,
    wait,
)

#: Its `__reduce__` never ends.
HANGS = """
import time
class Hangs:
    def __reduce__(self):
        while True:
            time.sleep(0.05)
number = 41
hangs = Hangs()
"""
#: Nothing of it runs on.
THREADS = """
import threading
print(sum(each.name == "runtiles-deep" for each in threading.enumerate()))
"""


def test_a_look_into_what_never_ends_is_given_up(launch: NewLaunch) -> None:
    launched = begun(launch)
    _, kernel = notebook(launched, "one.ipynb")
    run(launched, kernel, HANGS)
    (entry,) = pause(launched, dry_run=True, limit=2)["kernels"]
    assert entry["status"] == "not_carried"
    assert "did not come to an end" in entry["reason"]
    assert run(launched, kernel, THREADS) == "0\n"
    assert run(launched, kernel, "print(number)") == "41\n"


def test_a_save_that_never_ends_is_given_up(launch: NewLaunch) -> None:
    launched = begun(launch)
    _, kernel = notebook(launched, "one.ipynb")
    run(launched, kernel, HANGS)
    pause(launched, wait=False, limit=2)
    error = wait(launched, lambda found: found["state"] == "failed")["error"]
    assert "did not come to an end" in error["message"]
    assert error["details"]["kernel"] == kernel
    wait_until(lambda: snapshots(launched) == [], 60, "what was written to go")
    assert run(launched, kernel, "print(number)") == "41\n"
