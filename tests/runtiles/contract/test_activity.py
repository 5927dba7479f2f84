"""What a runtime may say of itself, whatever it says."""

import json
import math

import pytest

from runtiles.catalogue.models import IdlePolicy
from runtiles.contract.activity import Activity
from runtiles.service.idle.policy import decide
from runtiles.service.runtimes.view import iso


@pytest.mark.parametrize(
    "number", [7e10, 1e308, int("9" * 400)], ids=["millennia", "huge", "400 digits"]
)
def test_an_age_beyond_every_calendar_can_still_be_told(number: float) -> None:
    said = json.loads(json.dumps({"up_for": number, "sequence": number}))
    verdict = decide(Activity.from_dict(said), 0.0, IdlePolicy(timeout="30m", type="work"))
    assert verdict.idle_for is not None
    assert math.isfinite(verdict.idle_for)
    assert iso(1_800_000_000.0 - verdict.idle_for).startswith("201")


@pytest.mark.parametrize(
    "report",
    [
        {"up_for": math.nan},
        {"up_for": math.inf},
        {"up_for": -1},
        {"up_for": True},
        {"up_for": "1"},
        {"kernels": {}},
        {"kernels": [1]},
        {"kernels": [{"path": "no id"}]},
        {"kernels": [{"id": "k"}] * 5000},
        {"cpu": 3},
    ],
    ids=lambda report: str(report)[:40],
)
def test_what_is_no_report_is_refused(report: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        Activity.from_dict(report)  # type: ignore[arg-type]


def test_what_no_page_and_no_log_can_show_is_left_out() -> None:
    said = {"id": "k", "path": "a\x1b[31m\nb\ud800\u202eä 日.ipynb"}
    whole = {"kernels": [said], "syncing": "\x00results"}
    report = Activity.from_dict(json.loads(json.dumps(whole)))
    assert report.kernels[0].path == "a[31mbä 日.ipynb"
    assert report.syncing == "results"
    report.kernels[0].path.encode()
