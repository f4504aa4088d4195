"""nginx and gunicorn agree where a request ends: one request never becomes two (ASVS 4.2.1).

Each attack is one request that hides a second one, for a page that nobody else asks here. What nginx handed on and what
the site's log says must be the same requests, and whoever comes next over the same lines gets the own answer.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from scripts.attack.target import Target
from scripts.attack.wire import FORM, Answer
from tests.peers import http2
from tests.peers.kannel import until
from tests.peers.nginx import NAME, Nginx

HOST = NAME.encode()
PATHS = {"sign_in.show": "/dang-nhap", "sign_in.sign_in": "/dang-nhap", "operations.health": "/health"}
HIDDEN = b"GET /dang-ky HTTP/1.1\r\nHost: " + HOST + b"\r\n\r\n"
CLOSING = b"GET /health HTTP/1.1\r\nHost: " + HOST + b"\r\nConnection: close\r\n\r\n"
"""What the next visitor asks over the same line."""

Expected = tuple[list[int], ...]
REFUSED: Expected = ([400], [501])
"""nginx refuses by itself, and hangs up."""

ONCE: Expected = ([400, 200],)
"""The site is asked once (the form has no token), and then the next visitor of the line is answered."""

READ: Expected = ([200, 200],)


def post(*lines: bytes, body: bytes = b"", start: bytes = b"POST /dang-nhap HTTP/1.1") -> bytes:
    fixed = (start, b"Host: " + HOST, b"Content-Type: " + FORM.encode())
    return b"\r\n".join((*fixed, *lines)) + b"\r\n\r\n" + body


def length(size: int, before: bytes = b"Content-Length: ") -> bytes:
    return before + str(size).encode()


def length_in_2(size: int) -> tuple[bytes, bytes]:
    return b"content-length", str(size).encode()


CHUNKED = b"Transfer-Encoding: chunked"
ENDED = b"0\r\n\r\n" + HIDDEN
"""For who reads chunks the body ends, and another request follows; for who reads lengths it is all one body."""

AS_A_CHUNK = b"%x\r\n" % len(HIDDEN) + HIDDEN + b"\r\n0\r\n\r\n"
"""For who reads chunks one body; for who reads a small length another request follows."""

OBFUSCATED = {
    "xchunked": b"Transfer-Encoding: xchunked",
    "a space before the colon": b"Transfer-Encoding : chunked",
    "a tab before the colon": b"Transfer-Encoding\t: chunked",
    "a tab before the value": b"Transfer-Encoding:\tchunked",
    "a vertical tab": b"Transfer-Encoding:\x0bchunked",
    "quotes": b'Transfer-Encoding: "chunked"',
    "identity behind": b"Transfer-Encoding: chunked, identity",
    "identity before": b"Transfer-Encoding: identity, chunked",
    "twice": CHUNKED + b"\r\n" + CHUNKED,
    "twice, once unknown": CHUNKED + b"\r\nTransfer-Encoding: x",
    "a folded line": b"Transfer-Encoding:\r\n chunked",
    "a line that begins with a space": b" " + CHUNKED,
    "behind a bare line feed": b"X: y\n" + CHUNKED,
    "behind a bare carriage return": b"X: y\r" + CHUNKED,
    "capitals": b"TRANSFER-ENCODING: CHUNKED",
    "an underscore": b"Transfer_Encoding: chunked",
    "a zero byte": b"Transfer-Encoding: chunked\x00",
    "a letter that is none": b"Transfer-Encoding\xff: chunked",
}
NO_CODING = {"an underscore", "a letter that is none"}
"""A header of another name, which nginx drops."""

TWO_LENGTHS = length(len(HIDDEN)) + b"\r\n" + length(0)

ATTACKS: dict[str, tuple[bytes, Expected]] = {
    "CL.TE": (post(length(len(ENDED)), CHUNKED, body=ENDED), REFUSED),
    "TE.CL": (post(length(4), CHUNKED, body=AS_A_CHUNK), REFUSED),
    **{
        f"TE.TE: {name}": (post(length(len(ENDED)), line, body=ENDED), ONCE if name in NO_CODING else REFUSED)
        for name, line in OBFUSCATED.items()
    },
    "two lengths": (post(TWO_LENGTHS, body=HIDDEN), REFUSED),
    "two lengths in one line": (post(b"Content-Length: 0, %d" % len(HIDDEN), body=HIDDEN), REFUSED),
    "a length with a sign": (post(length(len(HIDDEN), b"Content-Length: +"), body=HIDDEN), REFUSED),
    "a space before the colon of the length": (post(length(len(HIDDEN), b"Content-Length : "), body=HIDDEN), REFUSED),
    "an honest length": (post(length(len(HIDDEN)), body=HIDDEN), ONCE),
    "an honest chunk": (post(CHUNKED, body=AS_A_CHUNK), ONCE),
    "a chunk with an extension": (post(CHUNKED, body=AS_A_CHUNK.replace(b"\r\n", b";a=b\r\n", 1)), ONCE),
    "a chunk with an extension of two lines": (post(CHUNKED, body=b"2;\nxx\r\n" + AS_A_CHUNK), ONCE + REFUSED),
    "chunks with bare line feeds": (post(CHUNKED, body=b"%x\n" % len(HIDDEN) + HIDDEN + b"\n0\n\n"), ONCE + REFUSED),
    "a trailer": (post(CHUNKED, body=AS_A_CHUNK[:-2] + b"Content-Length: 5\r\n\r\n"), ONCE),
    "a chunk without end": (post(CHUNKED, body=b"ffffffffffffffff0\r\n" + HIDDEN), REFUSED),
    "a get with a body": (post(length(len(HIDDEN)), body=HIDDEN, start=b"GET /dang-nhap HTTP/1.1"), READ),
    "a get with chunks": (post(CHUNKED, body=AS_A_CHUNK, start=b"GET /dang-nhap HTTP/1.1"), READ),
    "chunks in HTTP/1.0": (post(CHUNKED, body=AS_A_CHUNK, start=b"POST /dang-nhap HTTP/1.0"), REFUSED),
    "lines with bare line feeds": (post(length(len(HIDDEN)), body=b"").replace(b"\r\n", b"\n") + HIDDEN, ONCE),
    "an expectation": (post(length(len(HIDDEN)), b"Expect: 100-continue", body=HIDDEN), ONCE),
    "an upgrade": (
        post(length(len(HIDDEN)), b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c", body=HIDDEN),
        ONCE,
    ),
    "a connection that names the length": (
        post(length(len(HIDDEN)), b"Connection: Content-Length", body=HIDDEN),
        ONCE,
    ),
}


@contextmanager
def agreement(site: Target, proxy: Nginx) -> Iterator[list[tuple[str, str]]]:
    """Let the next visitors come after the block; the list then has what nginx handed on, and the site heard, in it."""
    found: list[tuple[str, str]] = []
    handed, heard = len(proxy.forwarded()), len(heard_by(site))
    yield found
    visitors = [("GET", "/dang-nhap")] * 3
    for _ in visitors:  # the lines to the site are kept, and taken again
        [answer] = proxy.ask(CLOSING.replace(b"/health", b"/dang-nhap"))
        assert (answer.status, title(answer)) == (200, "Đăng nhập")
    until("nginx wrote down the visitors", lambda: proxy.forwarded()[handed:][-3:] == visitors)
    found += proxy.forwarded()[handed:]
    assert heard_by(site)[heard:] == found
    assert ("GET", "/dang-ky") not in found
    del found[-3:]


@pytest.mark.parametrize("name", ATTACKS)
def test_one_request_never_becomes_two(name: str, site: Target, proxy: Nginx) -> None:
    attack, expected = ATTACKS[name]
    with agreement(site, proxy):
        assert [answer.status for answer in proxy.ask(attack, CLOSING)] in expected


NAMES = ((b":method", b"POST"), (b":scheme", b"https"), (b":authority", HOST), (b":path", b"/dang-nhap"))
IN_HTTP_2: dict[str, tuple[list[tuple[bytes, bytes]], bytes]] = {
    "H2.CL: none": ([(b"content-length", b"0")], HIDDEN),
    "H2.CL: less": ([(b"content-length", b"4")], b"a=b&" + HIDDEN),
    "H2.CL: more": ([(b"content-length", b"4000")], HIDDEN),
    "H2.CL: two": ([(b"content-length", b"0"), (b"content-length", str(len(HIDDEN)).encode())], HIDDEN),
    "H2.TE": ([(b"transfer-encoding", b"chunked")], ENDED),
    "H2.TE with a length": ([(b"transfer-encoding", b"chunked"), length_in_2(len(ENDED))], ENDED),
    "a coding behind a line break in a value": ([(b"x", b"y\r\nTransfer-Encoding: chunked")], ENDED),
    "a coding behind a line break in a name": ([(b"x: y\r\ntransfer-encoding", b"chunked")], ENDED),
    "a coding with a colon in its name": ([(b"transfer-encoding:", b"chunked")], ENDED),
    "a request in a value": ([(b"x", b"y\r\n\r\n" + HIDDEN)], b""),
    "a request in the path": ([(b":path", b"/dang-nhap HTTP/1.1\r\nHost: x\r\n\r\n" + HIDDEN)], b""),
    "a request in the method": ([(b":method", HIDDEN + b"POST")], b""),
    "two names of the host": ([(b"host", b"evil.example")], b""),
    "no trick": ([length_in_2(len(HIDDEN))], HIDDEN),
}
HANDED_ON = {"no trick", "H2.TE"}
"""A coding is no header of HTTP/2: nginx drops it, and tells the site the length of what came."""


@pytest.mark.parametrize("name", IN_HTTP_2)
def test_one_request_in_http_2_never_becomes_two(name: str, site: Target, proxy: Nginx) -> None:
    more, body = IN_HTTP_2[name]
    usual = [one for one in NAMES if one[0] not in dict(more)]
    headers = sorted([*usual, (b"content-type", FORM.encode()), *more], key=lambda one: one[0][:1] != b":")
    with agreement(site, proxy) as handed_on, proxy.line(protocol="h2") as line:
        line.send(http2.one_request(headers, body))
        assert line.bytes(http2.has_ended)
    assert handed_on == ([("POST", "/dang-nhap")] if name in HANDED_ON else [])


def heard_by(site: Target) -> list[tuple[str, str]]:
    """Return method and path of each request that the site answered, by its own log."""
    lines = (json.loads(line) for line in site.logs().splitlines() if '"event": "request"' in line)
    return [(line["method"], PATHS.get(line["endpoint"], str(line["endpoint"]))) for line in lines]


def title(answer: Answer) -> str:
    return answer.body.decode().partition("<h1")[2].partition(">")[2].partition("<")[0].strip()
