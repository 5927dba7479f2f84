"""Copying 1 GiB of arrays between two containers of one host, beside what that is made of.

    .venv/bin/python -m benchmarks.transfer [--gib 1] [--rounds 3]

One site with the user's volume: a transfer, and in turn with it one save by the state engine to the same
volume plus one load from there by mapping. One site without storage: a transfer from server to server,
and in turn with it `curl` of the same bytes between the same two containers, from the disk of one to the
disk of the other: a plain upload (PUT) to a server that writes what it gets, and a plain download. Medians
of the rounds; the last line is one JSON object; times in seconds, `ratio` is ours by the peer's for times
and for rates alike.
"""

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import docker
import numpy as np
from tests.integration.conftest import tile
from tests.integration.site import Person, Site, running_site
from tests.integration.transfers import Kernel, transferred

from scripts import image

#: What the benchmark needs beyond our own image, taken from this host: the same Python, numpy and curl.
_RECIPE = """
FROM runtiles/python:latest
COPY numpy /opt/runtiles/lib/python3.11/site-packages/numpy
COPY numpy.libs /opt/runtiles/lib/python3.11/site-packages/numpy.libs
COPY curl /opt/curl
"""
_IMAGE = "runtiles/bench-transfer:latest"
_CURL = "LD_LIBRARY_PATH=/opt/curl /opt/curl/curl -sSf -w '%{time_total}'"
_NUMPY = """
import numpy as np, time
rng = np.random.default_rng()
arrays = [rng.integers(0, 1 << 62, {mib} << 17) for _ in range({count})]
"""
_SAVE = """
from runtiles_server import state
begin = time.perf_counter()
state.save("/storage/bench", names=["arrays"], key=b"k" * 32)
print(time.perf_counter() - begin)
"""
_LOAD = """
import time
from runtiles_server import state
space = {}
begin = time.perf_counter()
state.load("/storage/bench", space, key=b"k" * 32, verify_buffers="never")
print(time.perf_counter() - begin)
"""
#: Before the next round: what was mapped is still being read back.
_FORGET = """
import threading
for each in threading.enumerate():
    if each.name == "runtiles-verify": each.join()
del arrays
"""
_SERVER = """
import http.server, socket
class Handler(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_PUT(self):
        left = int(self.headers["Content-Length"])
        if self.headers.get("Expect"):
            self.send_response_only(100); self.end_headers()
        with open("/tmp/bench/up", "wb") as file:
            while left:
                data = self.rfile.read(min(left, 1 << 20)); left -= len(data); file.write(data)
        self.send_response(201); self.send_header("Content-Length", "0"); self.end_headers()
    def log_message(self, *a): pass
http.server.ThreadingHTTPServer(("0.0.0.0", 8999), Handler).serve_forever()
"""


def prepare() -> None:
    """The image, with numpy and curl of this host."""
    image.build(image.missing_or_stale(["python"]))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        packages = Path(np.__file__).parents[1]
        for each in ("numpy", "numpy.libs"):
            shutil.copytree(packages / each, folder / each)
        (folder / "curl").mkdir()
        curl = shutil.which("curl") or "curl"
        told = subprocess.run(["ldd", curl], check=True, capture_output=True, text=True).stdout
        for path in [curl, *re.findall(r"=> (/\S+)", told)]:
            # Not the loader's own family: it must be the container's.
            if not re.search(r"/(libc|libpthread|libdl|libm|libresolv|ld-)[.\-]", path):
                shutil.copy(path, folder / "curl")
        (folder / "Dockerfile").write_text(_RECIPE)
        subprocess.run(["docker", "build", "-q", "-t", _IMAGE, name], check=True, stdout=sys.stderr)


def pair(person: Person, gib: float) -> tuple[Kernel, Kernel]:
    for name in ("one", "two"):
        person.ready("plain", name, machine="cpu-large")
    source, target = Kernel.start(person, "one"), Kernel.start(person, "two")
    mib = 64
    print(source.run(_NUMPY.format(mib=mib, count=round(gib * 1024 / mib))), file=sys.stderr)
    return source, target


def timed(act: Callable[[], Any]) -> float:
    begin = time.perf_counter()
    act()
    return time.perf_counter() - begin


def copied(source: Kernel, target: Kernel, way: str) -> None:
    result = transferred(source, target, names=["arrays"], overwrite=True)
    assert result["way"] == way, result
    assert [each["status"] for each in result["variables"]] == ["copied"], result


def over_storage(site: Site, gib: float, rounds: int) -> dict[str, list[float]]:
    source, target = pair(site.person(), gib)
    times: dict[str, list[float]] = {"transfer": [], "save": [], "map": []}
    clean = "import shutil; shutil.rmtree('/storage/bench', ignore_errors=True)"
    for _ in range(rounds):
        source.run(clean)
        times["save"].append(float(source.run(_SAVE)))
        times["map"].append(float(target.run(_LOAD)))
        times["transfer"].append(timed(lambda: copied(source, target, "storage")))
        target.run(_FORGET)
    return times


def over_http(site: Site, gib: float, rounds: int) -> dict[str, list[float]]:
    person = site.person()
    source, target = pair(person, gib)
    ids = {each["Names"][0].rpartition("-")[2]: each for each in site.containers(person.name)}
    one, two = (ids[name] for name in ("one", "two"))
    address = next(iter(one["NetworkSettings"]["Networks"].values()))["IPAddress"]
    source.run("""
import os; os.makedirs("/tmp/bench", exist_ok=True)
with open("/tmp/bench/all", "wb") as file:
    for each in arrays: file.write(each)
""")
    source.run(f"import subprocess, sys; server = subprocess.Popen([sys.executable, '-c', {_SERVER!r}],"
               " cwd='/tmp/bench')")  # fmt: skip
    url = f"http://{address}:8999"
    curl = f"{_CURL} --retry 20 --retry-connrefused -o /tmp/down"
    put = f"{_CURL} -o /dev/null"
    times: dict[str, list[float]] = {"transfer": [], "curl_download": [], "curl_upload": []}
    for _ in range(rounds):
        for name, command in (
            ("curl_download", f"{curl} {url}/all"),
            ("curl_upload", f"{put} -T /tmp/down {url}/up"),
        ):
            # The last word: before it may be told that the server did not listen yet.
            times[name].append(float(site.run_in(two["Id"], command).split()[-1]))
        times["transfer"].append(timed(lambda: copied(source, target, "http")))
        target.run(_FORGET)
    return times


def medians(times: dict[str, list[float]]) -> dict[str, float]:
    print(json.dumps(times), file=sys.stderr)
    return {name: round(statistics.median(each), 3) for name, each in times.items()}


def measure(gib: float, rounds: int) -> dict[str, Any]:
    prepare()
    tiles, engine = {"tiles": [tile("plain", image=_IMAGE)]}, docker.APIClient()
    load = os.getloadavg()[0]
    found = []
    for config, act in (
        ("", over_storage),
        ('\nc.DockerRuntimeSpawner.storage_volume = ""\n', over_http),
    ):
        with (
            tempfile.TemporaryDirectory() as folder,
            running_site(Path(folder), engine, tiles, config=config) as site,
        ):
            found.append(medians(act(site, gib, rounds)))
    storage, http = found
    both = storage["save"] + storage["map"]
    return {
        "benchmark": "transfer",
        "gib": gib,
        "load_before": round(load, 1),
        "storage": {**storage, "ratio": round(storage["transfer"] / both, 3)},
        "http": {
            **http,
            "rate_ratio_upload": round(http["curl_upload"] / http["transfer"], 3),
            "rate_ratio_download": round(http["curl_download"] / http["transfer"], 3),
        },
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--gib", type=float, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    print(json.dumps(measure(given.gib, given.rounds)))


if __name__ == "__main__":
    main()
