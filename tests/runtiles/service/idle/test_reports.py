"""What is taken for a report, and what is not."""

import re

import pytest

from runtiles.service.idle.reports import NoReport, Report, report_of

PATH = re.compile(rb"POST /launch-spec/[^/?]+/activity\?launch=([\w-]+) HTTP/1\.1")
LINE = b"POST /launch-spec/lab/activity?launch=l1 HTTP/1.1"
REPORT = b"Host: x\r\nAuthorization: Runtiles k\r\nContent-Length: 2"


def sent(fields: bytes = REPORT, *, line: bytes = LINE, body: bytes = b"{}") -> bytes:
    return line + b"\r\n" + fields + b"\r\n\r\n" + body


def test_a_report_is_taken_when_all_of_it_is_there() -> None:
    whole = sent()
    for size in range(len(whole)):
        assert report_of(whole[:size], PATH) is None
    expected = Report("l1", "Runtiles k", b"{}", len(whole))
    assert report_of(whole, PATH) == expected
    assert report_of(whole + b"POST", PATH) == expected


@pytest.mark.parametrize(
    "fields",
    [
        b"content-length:2",
        b"Content-Length: 2 \r\nX-Forwarded-For: 10.0.0.1, 10.0.0.2",
        b"CONTENT-LENGTH:\t2\r\nConnection: Keep-Alive\r\nEmpty:",
    ],
)
def test_headers_of_proxies_are_read(fields: bytes) -> None:
    found = report_of(sent(fields), PATH)
    assert found is not None
    assert found.body == b"{}"


@pytest.mark.parametrize(
    "data",
    [
        sent(line=LINE.replace(b"POST", b"GET")),
        sent(line=LINE.replace(b"1.1", b"1.0")),
        sent(line=LINE.replace(b"activity", b"other")),
        sent(line=LINE + b"&more=1"),
        sent(b"Host: x"),
        sent(b"Content-Length: 0", body=b""),
        sent(b"Content-Length: +2"),
        sent(b"Content-Length: 02"),
        sent(b"Content-Length: 2, 2"),
        sent(b"Content-Length: " + b"1" * 5000),
        sent(b"Content-Length: 65537"),
        # What two readers would read in two ways.
        sent(REPORT + b"\r\nContent-Length: 3"),
        sent(REPORT + b"\r\ncontent-length: 2"),
        sent(REPORT + b"\r\nTransfer-Encoding: chunked"),
        sent(REPORT + b"\nTransfer-Encoding: chunked"),
        sent(REPORT + b"\r\nX: y\r\n folded"),
        sent(REPORT + b"\r\nContent-Length : 3"),
        sent(REPORT + b"\r\nX: a\0b"),
        sent(REPORT + b"\r\nno colon"),
        # What needs more than a read and a write.
        sent(REPORT + b"\r\nContent-Encoding: gzip"),
        sent(REPORT + b"\r\nConnection: close"),
        sent(REPORT + b"\r\nExpect: 100-continue"),
        sent(REPORT + b"\r\nUpgrade: h2c"),
        b"x" * 20_000,
    ],
    ids=lambda data: repr(data[-40:]),
)
def test_everything_else_is_not(data: bytes) -> None:
    with pytest.raises(NoReport):
        report_of(data, PATH)
