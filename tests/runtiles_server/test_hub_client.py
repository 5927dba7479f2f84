import stat
from pathlib import Path

import pytest

from runtiles_server.hub_client import SpecUnavailable, fetch_spec, read_token
from tests.runtiles_server.pretend_hub import TOKEN, PretendHub


def refused(hub: PretendHub, token: str = TOKEN, patience: float = 5) -> str:
    with pytest.raises(SpecUnavailable) as caught:
        fetch_spec(hub.launch_url, token, {}, patience)
    assert TOKEN not in str(caught.value.problem)
    return caught.value.problem.code


def test_the_spec_comes_for_the_token(hub: PretendHub) -> None:
    hub.spec = {"protocol": 1, "environment": {"A": "1"}, "command": ["true"], "newer": 1}
    spec = fetch_spec(hub.launch_url, TOKEN, {}, 5)
    assert spec.environment == {"A": "1"}
    assert spec.command == ("true",)
    assert hub.requests == ["GET /services/runtiles/api/launch-spec/default?launch=7"]


def test_a_restarting_service_is_waited_for(hub: PretendHub) -> None:
    hub.failures = [502, 503, 500]
    fetch_spec(hub.launch_url, TOKEN, {}, 10)
    assert len(hub.requests) == 4


def test_a_proxy_of_the_image_plays_no_part(
    hub: PretendHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    fetch_spec(hub.launch_url, TOKEN, {}, 1)


@pytest.mark.parametrize("status", [400, 403, 404, 302])
def test_a_refusal_is_not_tried_again(hub: PretendHub, status: int) -> None:
    hub.failures = [status]
    assert refused(hub) == "spec_refused"
    assert len(hub.requests) == 1


def test_a_wrong_token(hub: PretendHub) -> None:
    assert refused(hub, token="another") == "spec_refused"


def test_patience_ends(hub: PretendHub) -> None:
    hub.failures = [503] * 100
    assert refused(hub, patience=0.5) == "service_unreachable"


def test_nobody_there() -> None:
    assert refused(PretendHub(url="http://127.0.0.1:1"), patience=0.3) == "service_unreachable"


@pytest.mark.parametrize(
    "spec", [{"protocol": 99}, {"environment": [1]}, {"command": 7}, {"workspace": "x"}]
)
def test_an_answer_that_cannot_be_read(hub: PretendHub, spec: dict[str, object]) -> None:
    hub.spec = spec
    assert refused(hub) == "spec_unreadable"


def test_the_token_is_read_once(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("abc\n")
    assert read_token(file, {"JUPYTERHUB_API_TOKEN": "old"}) == "abc"
    assert not file.exists()
    assert read_token(file, {"JUPYTERHUB_API_TOKEN": "old"}) == "old"
    assert read_token(None, {"JPY_API_TOKEN": "older"}) == "older"
    assert read_token(None, {}) == ""


def test_a_token_in_a_folder_of_somebody_else_is_emptied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "token"
    file.write_text("abc")
    file.chmod(stat.S_IRUSR | stat.S_IWUSR)

    def forbidden(_path: Path, missing_ok: bool = False) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "unlink", forbidden)
    assert read_token(file, {}) == "abc"
    assert file.read_text() == ""
