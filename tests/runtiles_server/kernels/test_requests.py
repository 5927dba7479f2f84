"""What a kernel is at, told from its own words: raw messages, as the socket has them."""

import json

import pytest

from runtiles_server.kernels.requests import Requests

CELL = {"msg_id": "cell", "msg_type": "execute_request"}
OTHER = {"msg_id": "other", "msg_type": "execute_request"}
WIDGET = {"msg_id": "widget", "msg_type": "comm_msg", "subshell_id": "s"}
CONSOLE = {"msg_id": "console", "msg_type": "execute_request", "subshell_id": "s"}
UNTRACKED = {"msg_id": "info", "msg_type": "kernel_info_request"}


def word(state: str, parent: dict[str, str], kind: str = "status") -> list[bytes]:
    parts: tuple[dict[str, str], ...] = ({"msg_type": kind}, parent, {}, {"execution_state": state})
    head = [b"topic", b"<IDS|MSG>", b"signature"]
    return [*head, *(json.dumps(part).encode() for part in parts)]


def requests() -> Requests:
    return Requests(lambda kind: kind != "kernel_info_request")


def test_a_kernel_is_at_it_until_the_last_one_is_done() -> None:
    kernel = requests()
    assert kernel.is_news(word("busy", CELL))
    assert kernel.is_news(word("busy", WIDGET))
    assert not kernel.is_news(word("idle", WIDGET))
    assert not kernel.is_news(word("idle", {"msg_id": "never begun", "msg_type": "comm_msg"}))
    assert kernel.is_news(word("idle", CELL))


@pytest.mark.parametrize(
    "kind",
    [
        "usage_request",
        "create_subshell_request",
        "delete_subshell_request",
        "list_subshell_request",
    ],
)
def test_a_poll_on_the_control_channel_is_never_news(kind: str) -> None:
    kernel = requests()
    for state in ("busy", "idle"):
        assert not kernel.is_news(word(state, {"msg_id": "poll", "msg_type": kind}))
    assert kernel.is_news(word("busy", CELL))
    assert not kernel.is_news(word("idle", {"msg_id": "poll", "msg_type": kind}))
    # Somebody's session that happens to be called so.
    assert kernel.is_news(word("idle", {**CELL, "session": kind}))


def test_a_cell_of_a_subshell_counts_by_itself() -> None:
    kernel = requests()
    kernel.is_news(word("busy", CELL))
    kernel.is_news(word("busy", CONSOLE))
    assert not kernel.is_news(word("idle", CELL))
    assert kernel.is_news(word("idle", CONSOLE))


def test_a_lost_word_is_mended_by_the_next_request() -> None:
    kernel = requests()
    kernel.is_news(word("busy", CELL))
    kernel.is_news(word("busy", OTHER))
    assert kernel.is_news(word("idle", OTHER))


def test_who_completes_while_a_cell_runs_does_not_end_it() -> None:
    kernel = requests()
    kernel.is_news(word("busy", CELL))
    kernel.is_news(word("busy", {"msg_id": "c", "msg_type": "complete_request"}))
    assert not kernel.is_news(word("idle", {"msg_id": "c", "msg_type": "complete_request"}))
    assert kernel.is_news(word("idle", CELL))


def test_another_process_is_at_nothing() -> None:
    kernel = requests()
    kernel.is_news(word("busy", CELL))
    assert kernel.is_news(word("starting", {}))
    kernel.is_news(word("busy", OTHER))
    assert kernel.is_news(word("idle", OTHER))


@pytest.mark.parametrize(
    "message",
    [
        [],
        [b"no delimiter"],
        [b"<IDS|MSG>", b"short"],
        [b"<IDS|MSG>", b"", b'"status"', b"{", b"{}", b"{}"],
        [b"<IDS|MSG>", b"", b'"status"', b"[]", b"{}", b"[]"],
        [b"<IDS|MSG>", b"", b"{}", b'usage_request"', b"{}", b"{}"],
        [
            b"<IDS|MSG>",
            b"",
            b'{"msg_type": "status"}',
            b"[]",
            b"{}",
            b'{"execution_state": "idle"}',
        ],
        word("busy", {}),
        word("idle", {}),
        word("idle", UNTRACKED),
        word("idle", CELL, kind="stream"),
    ],
    ids=lambda message: str(len(message)),
)
def test_whatever_else_there_is_goes_on_to_the_record(message: list[bytes]) -> None:
    assert requests().is_news(message)
