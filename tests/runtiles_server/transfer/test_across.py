"""Between kernels of two runtimes: over a common storage, and from server to server."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.runtiles_server.launched import Launched
from tests.runtiles_server.transfer.site import (
    Kernel,
    across,
    call,
    cutting,
    give,
    kernel,
    left,
    origin,
    runtimes,
    statuses,
    take,
)

CODE = """
import numpy as np
array = np.arange(4_000_000)
view = array[::2]
factor = 3
def scaled(x): return x * factor
"""
CHECK = "print(array.sum(), np.shares_memory(array, view), scaled(2))"
RIGHT = "7999998000000 True 6"


@pytest.fixture(scope="module")
def apart(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Launched]]:
    with runtimes(tmp_path_factory.mktemp("apart"), storage="each its own") as both:
        yield both


@pytest.fixture
def pair(apart: list[Launched]) -> tuple[Kernel, Kernel]:
    source, target = (kernel(each) for each in apart)
    source.run(CODE)
    target.run("import numpy as np")
    return source, target


@pytest.mark.parametrize(("storage", "way"), [("common", "storage"), ("none", "http")])
def test_variables_come_whole(tmp_path: Path, storage: str, way: str) -> None:
    with runtimes(tmp_path, storage=storage) as servers:
        source, target = (kernel(each) for each in servers)
        source.run(CODE)
        target.run("import numpy as np")
        result = across(source, target, names=["array", "view", "scaled"])
        assert result["way"] == way
        assert set(statuses(result).values()) == {"copied"}
        assert "factor" in statuses(result)
        assert target.run(CHECK) == RIGHT
        assert source.run(CHECK) == RIGHT
        assert left(servers[0]) == left(servers[1]) == []


def test_a_dry_run_tells_and_changes_nothing(pair: tuple[Kernel, Kernel]) -> None:
    source, target = pair
    target.run("factor = 1")
    plan = give(source, names=["scaled"], dry_run=True)["plan"]
    body = {"kernel": target.id, "plan": plan, "overwrite": True}
    result = call(target.server, "POST", "transfers/preview", body)
    assert statuses(result) == {"scaled": "copied", "factor": "copied"}
    assert "replaces" in result["variables"][1]["reason"]
    assert target.run("print(factor, 'scaled' in globals())") == "1 False"
    assert left(source.server) == []


def test_a_broken_connection_goes_on_where_it_broke(pair: tuple[Kernel, Kernel]) -> None:
    source, target = pair
    given = give(source, names=["array", "view", "scaled"])
    with cutting(source.server.port, after=10_000_000, cuts=2) as (url, sent):
        result = take(given, target, url)
    assert result["resumed"] == 2
    assert target.run(CHECK) == RIGHT
    # Not from the beginning again, but for what was on its way.
    assert sum(sent) < 45_000_000
    call(source.server, "DELETE", f"transfers/{given['id']}")
    assert left(source.server) == left(target.server) == []


@pytest.mark.parametrize("start", ["buffers-", "objects-", "manifest"])
def test_an_altered_byte_is_refused(pair: tuple[Kernel, Kernel], start: str) -> None:
    source, target = pair
    given = give(source, names=["array", "scaled"])
    folder = source.server.storage / ".runtiles" / "transfers" / given["id"]
    path = next(each for each in folder.iterdir() if each.name.startswith(start))
    data = bytearray(path.read_bytes())
    at = data.index(b'"python"') + 12 if start == "manifest" else len(data) // 2
    data[at] ^= 1
    path.write_bytes(data)
    answer = take(given, target, origin(source.server), 409)
    assert answer["error"]["code"] == "snapshot_refused"
    assert target.run("print('array' in globals(), 'scaled' in globals())") == "False False"
    assert left(target.server) == []
    call(source.server, "DELETE", f"transfers/{given['id']}")


LISTEN = """
import warnings
told = []
warnings.showwarning = lambda message, *rest, **more: told.append(str(message))
"""
TOLD = """
import threading
for each in threading.enumerate():
    if each.name == "runtiles-verify": each.join()
print(told)
"""


def test_a_damaged_array_on_the_common_storage_is_told_after_it_is_gone(tmp_path: Path) -> None:
    with runtimes(tmp_path) as servers:
        source, target = (kernel(each) for each in servers)
        source.run(CODE)
        target.run(LISTEN)
        across(source, target, names=["array"])
        assert target.run(TOLD) == "[]"
        given = give(source, names=["array", "scaled"])
        folder = servers[0].storage / ".runtiles" / "transfers" / given["id"]
        for start, status in (("buffers-", 200), ("objects-", 409)):
            path = next(folder.glob(f"{start}*"))
            data = bytearray(path.read_bytes())
            data[len(data) // 2] ^= 1
            path.write_bytes(data)
            answer = take(given, target, origin(servers[0]), status, overwrite=True)
        assert answer["error"]["code"] == "snapshot_refused"
        call(servers[0], "DELETE", f"transfers/{given['id']}")
        assert "arrays are damaged" in target.run(TOLD)
        assert left(servers[0]) == []


def test_a_ticket_opens_its_own_transfer_until_it_is_over(pair: tuple[Kernel, Kernel]) -> None:
    source, target = pair
    one, other = give(source, names=["factor"]), give(source, names=["array"])
    mixed = {**one, "ticket": other["ticket"]}
    answer = take(mixed, target, origin(source.server), 403)
    assert answer["error"]["code"] == "not_allowed"
    url = f"{origin(source.server)}runtiles/api/transfers/{one['id']}/files"
    headers = {"Authorization": f"RuntilesTransfer {one['ticket']}"}
    assert httpx.get(f"{url}/manifest.json", headers=headers).status_code == 200
    assert httpx.get(f"{url}/..%2fsecret", headers=headers).status_code == 404
    assert httpx.get(f"{url}/manifest.json").status_code == 403
    other_url = url.replace(one["id"], other["id"])
    assert httpx.get(f"{other_url}/manifest.json", headers=headers).status_code == 403
    for each in (one, other):
        call(source.server, "DELETE", f"transfers/{each['id']}")
    assert httpx.get(f"{url}/manifest.json", headers=headers).status_code == 403
    assert left(source.server) == []


def test_a_source_that_is_not_there_is_named(pair: tuple[Kernel, Kernel]) -> None:
    source, target = pair
    given = give(source, names=["factor"])
    nowhere = "http://127.0.0.1:1/"
    answer = take(given, target, nowhere, 409)
    assert answer["error"]["code"] == "source_unreachable"
    source_urls = {"urls": [nowhere, origin(source.server)], "ticket": given["ticket"]}
    body = {"kernel": target.id, "source": source_urls}
    assert call(target.server, "POST", f"transfers/{given['id']}/load", body)["way"] == "http"
    call(source.server, "DELETE", f"transfers/{given['id']}")


def test_two_at_once_do_not_meet(pair: tuple[Kernel, Kernel]) -> None:
    source, target = pair
    others = kernel(source.server), kernel(target.server)
    others[0].run("array = 'theirs'")
    with ThreadPoolExecutor(2) as pool:
        mine = pool.submit(across, source, target, names=["array"])
        theirs = pool.submit(across, *others, names=["array"])
        assert statuses(mine.result()) == statuses(theirs.result()) == {"array": "copied"}
    assert target.run("print(array.sum())") == "7999998000000"
    assert others[1].run("print(array)") == "theirs"
