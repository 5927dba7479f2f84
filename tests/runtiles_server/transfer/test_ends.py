"""However a transfer ends, nothing of it is left, and what went wrong is said."""

import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.fixtures.hub import wait_until
from tests.runtiles_server.launched import CONTROL_KEY, Launched
from tests.runtiles_server.transfer.site import (
    call,
    cutting,
    give,
    kernel,
    left,
    origin,
    runtimes,
    take,
    within,
)

DATA = "import os; data = bytearray(os.urandom(4_000_000)); small = 1"


@contextmanager
def small_disk(server: Launched) -> Iterator[None]:
    place = server.storage / ".runtiles"
    place.mkdir(exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no mount can be made here")
    try:
        yield
    finally:
        subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk_is_said_and_the_next_one_works(tmp_path: Path) -> None:
    with runtimes(tmp_path, storage="each its own") as (one, two):
        source, other, target = kernel(one), kernel(one), kernel(two)
        source.run(DATA)
        with small_disk(one):
            for refused in (within(source, other, 409), give(source, 409)):
                assert refused["error"]["code"] == "no_space"
            assert left(one) == []
            within(source, other, names=["small"])
        given = give(source)
        with small_disk(two):
            refused = take(given, target, origin(one), 409)
            assert refused["error"]["code"] == "no_space"
            assert left(two) == []
        assert take(given, target, origin(one))["way"] == "http"
        call(one, "DELETE", f"transfers/{given['id']}")
        assert source.run("print(len(data), small)") == "4000000 1"


def test_a_source_that_is_killed_is_said_and_nothing_is_half_loaded(tmp_path: Path) -> None:
    with runtimes(tmp_path, storage="each its own") as (one, two):
        source, target = kernel(one), kernel(two)
        source.run(DATA)
        given = give(source)
        with (
            cutting(one.port, after=1_000_000, cuts=10**6) as (url, sent),
            ThreadPoolExecutor() as pool,
        ):
            answer = pool.submit(take, given, target, url, 409)
            wait_until(lambda: any(each > 1_000_000 for each in sent), 60, "the first break")
            one.kill()
            assert answer.result()["error"]["code"] == "source_broke"
        assert left(two) == []
        assert target.run("print('data' in globals(), 'small' in globals())") == "False False"


def test_a_caller_that_hangs_up_leaves_nothing(tmp_path: Path) -> None:
    with runtimes(tmp_path, storage="each its own") as (one, two):
        source, target = kernel(one), kernel(two)
        source.run("import os; data = bytearray(os.urandom(60_000_000))")
        given = give(source)
        # So many breaks that it takes far longer than the caller waits.
        with cutting(one.port, after=200_000, cuts=10**6) as (url, sent):
            body = {
                "kernel": target.id,
                "source": {"urls": [url], "ticket": given["ticket"]},
            }
            with pytest.raises(httpx.ReadTimeout):
                httpx.post(
                    f"{origin(two)}runtiles/api/transfers/{given['id']}/load",
                    headers={"Authorization": f"Runtiles {CONTROL_KEY}"},
                    json=body,
                    timeout=3,
                )
            wait_until(lambda: len(sent) > 1, 60, "a break")
            wait_until(lambda: not left(two), 60, "nothing left")
            assert sum(sent) < 60_000_000
        assert target.run("print('data' in globals())") == "False"
        call(one, "DELETE", f"transfers/{given['id']}")
        assert left(one) == []
