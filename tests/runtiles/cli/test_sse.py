"""Server-sent events as the service writes them."""

from runtiles.cli.sse import ServerEvent, parse


def test_events_comments_and_ids() -> None:
    lines = [
        "retry: 1000",
        "",
        ": still here",
        "",
        "id: 3",
        'data: {"a": 1}',
        "",
        "event: gone",
        "data: one",
        "data:two",
        "",
        "data: unfinished",
    ]
    assert list(parse(lines)) == [
        ServerEvent('{"a": 1}', "message", "3"),
        ServerEvent("one\ntwo", "gone", "3"),
    ]
