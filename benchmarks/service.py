"""What the service costs with a thousand runtimes: the list, the open pages, the admin panel.

    .venv/bin/python -m benchmarks.service [--runtimes 1000] [--pages 500] [--rows 2000]

A real Hub and service on the loopback, over a seeded database (benchmarks/seeded.py). The peer is the
Hub's own list of the same servers (`GET /hub/api/users`, 200 users a page, as its admin page asks),
asked in turn with ours. The last line is one JSON object; times in seconds.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from .listeners import Listeners
from .seeded import Seeded, seeded_hub

_QUIET_S = 60.0
_SETTLE_S = 5.0


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    result: dict[str, Any] = {"runtimes": options.runtimes, "rows": options.rows}
    with tempfile.TemporaryDirectory(prefix="rt-bench-") as folder:
        with seeded_hub(_made(folder, "list"), options.runtimes) as site:
            result["list"] = _lists(site, options.runtimes, options.samples)
            result["events"] = _pages(site, options.pages)
        with seeded_hub(_made(folder, "panel"), options.rows) as site:
            result["panel"] = _panel(site, options.samples)
    result["ratio_list_p95"] = result["list"]["ours"]["p95"] / result["list"]["hub"]["p95"]
    print(json.dumps(result))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, prog="benchmarks.service")
    parser.add_argument("--runtimes", type=int, default=1000)
    parser.add_argument("--rows", type=int, default=2000)
    parser.add_argument("--pages", type=int, default=500)
    parser.add_argument("--samples", type=int, default=60)
    return parser


def _made(folder: str, name: str) -> Path:
    path = Path(folder, name)
    path.mkdir()
    return path


def _lists(site: Seeded, runtimes: int, samples: int) -> dict[str, Any]:
    """Ours and the Hub's in turn, a second apart: both with whatever they keep, cold ones told apart."""
    with _client(site) as client:

        def ours() -> None:
            found = client.get(f"{site.api}/runtimes?all=1").raise_for_status().json()
            assert len(found) == runtimes, len(found)

        def hubs() -> None:
            found = 0
            while found < runtimes:
                url = f"{site.hub.api_url}/users?include_stopped_servers=1&limit=200&offset={found}"
                found += len(client.get(url).raise_for_status().json())

        first_hub, first_ours = _timed(hubs), _timed(ours)
        requests = _hub_requests(site)
        times: dict[str, list[float]] = {"ours": [], "hub": []}
        for _ in range(samples):
            times["ours"].append(_timed(ours))
            times["hub"].append(_timed(hubs))
        asked = _hub_requests(site) - requests - samples * -(-runtimes // 200)
        one = site.tokens["user0000"]
        own = [_timed(lambda: _get(client, f"{site.api}/runtimes", one)) for _ in range(samples)]
    return {
        "ours": {"first": first_ours, **_figures(times["ours"])},
        "hub": {"first": first_hub, **_figures(times["hub"])},
        "one_users": _figures(own),
        "hub_requests_per_list": asked / samples,
        "hub_requests_allowed": runtimes / 200,
    }


def _pages(site: Seeded, pages: int) -> dict[str, Any]:
    """CPU of the service while `pages` people look at their runtimes and nothing happens."""
    pid = site.service_pid()
    before = _cpu(pid)
    time.sleep(_SETTLE_S)
    alone = (_cpu(pid) - before) / _SETTLE_S
    with Listeners(f"{site.api}/events", list(site.tokens.values())[:pages]) as listeners:
        opened = listeners.opened_within
        time.sleep(_SETTLE_S)
        before = _cpu(pid)
        time.sleep(_QUIET_S)
        share = (_cpu(pid) - before) / _QUIET_S
        assert listeners.open == pages, f"{listeners.open} of {pages} pages are still open"
        heard = listeners.time_to_hear(lambda: site.store.titles.put("user0000", "", "Renamed"))
    return {
        "pages": pages,
        "opened_within": opened,
        "core_share_without": alone,
        "core_share": share,
        "heard_after": heard,
    }


def _panel(site: Seeded, samples: int) -> dict[str, Any]:
    queries = {
        "first_page": "limit=50",
        "last_page": "limit=50&offset=1950",
        "sorted": "limit=50&sort=-started_at",
        "filtered": "limit=50&state=running&search=user01",
    }
    with _client(site) as client:

        def ask(query: str) -> int:
            answer = client.get(f"{site.api}/admin/runtimes?{query}").raise_for_status()
            assert answer.json()["items"], query
            return len(answer.content)

        first = _timed(lambda: ask("limit=50"))
        found = {
            name: _figures([_timed(partial(ask, query)) for _ in range(samples)])
            for name, query in queries.items()
        }
        return {"first": first, "bytes": ask("limit=50"), **found}


def _client(site: Seeded) -> httpx.Client:
    return httpx.Client(headers={"Authorization": f"token {site.admin}"}, timeout=60)


def _get(client: httpx.Client, url: str, token: str) -> None:
    client.get(url, headers={"Authorization": f"token {token}"}).raise_for_status()


def _timed(call: Callable[[], Any]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def _figures(times: Sequence[float]) -> dict[str, float]:
    return {
        "median": round(statistics.median(times), 4),
        "p95": round(statistics.quantiles(times, n=20, method="inclusive")[18], 4),
    }


def _hub_requests(site: Seeded) -> int:
    return site.hub.log.count(" GET /hub/api/users")


def _cpu(pid: int) -> float:
    """Seconds of processor time that the process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    sys.exit(main())
