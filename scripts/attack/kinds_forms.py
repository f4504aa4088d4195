"""Kinds that lie in what a form says: fields, text, bodies, parameters, sizes."""

import json

from scripts.attack.bout import Bout, Visitor
from scripts.attack.strings import (
    ALL,
    BROKEN_BYTES,
    FIELDS,
    LDAP,
    LINES,
    MARKUP,
    NULS,
    PATHS,
    POSTS,
    SHELL,
    SQL,
    TEMPLATES,
    UNICODE,
    hostile,
    noise,
)
from scripts.attack.target import PLAYER
from scripts.attack.wire import FORM, Fields, encode, request

ROUND = 12
"""Hostile requests for each visitor who was led to a step."""

_TYPES = (
    "application/json", "text/plain", "multipart/form-data; boundary=x", "multipart/form-data", "application/xml", "",
    "x", "/", f"{FORM}; charset=utf-16", f"{FORM}; charset=\x01", "application/octet-stream", f"{FORM.upper()}",
    "text/html;;;=", "a/b" * 200,
)  # fmt: skip


def somewhere(bout: Bout) -> Visitor:
    """Return a visitor at one of the steps."""
    place = bout.dice.random()
    if place < 0.3:
        visitor = bout.visitor()
        visitor.get("/dang-nhap")
        return visitor
    return bout.victim() if place < 0.7 else bout.player()


def form_of(bout: Bout, visitor: Visitor) -> str:
    """Return an address to post to that sends nothing for this visitor: a player's press would be honest."""
    step = visitor.address.startswith(PLAYER)
    sends = ("/quen-mat-khau/so-dien-thoai", "/quen-mat-khau/dat-lai/gui-lai")
    if bout.dice.random() < 0.04:
        return "/dang-nhap"  # each costs the server a hash of 20 ms
    return bout.dice.choice([path for path in POSTS if not (step and path in sends)])


def _values(bout: Bout, visitor: Visitor, text: str) -> Fields:
    """Return some fields, one of them hostile; a code of six digits is never the right one."""
    dice = bout.dice
    named: dict[str, str] = {
        "email": "nan-nhan-0001", "phone": "x", "code": "12345x", "password": "Xanh-la-9-muoi",
        "again": "Xanh-la-9-muoi",
    }  # fmt: skip
    if dice.random() < 0.2:
        named["code"] = visitor.wrong_code()
    target = dice.choice(FIELDS[:8])
    named[target] = text
    if target == "password" and dice.random() < 0.7:
        named["again"] = text
    return list(named.items())


def _post_strings(bout: Bout, strings: tuple[str, ...]) -> None:
    visitor, dice = somewhere(bout), bout.dice
    for _ in range(ROUND):
        text = dice.choice(strings) if dice.random() < 0.8 else dice.choice(strings) + dice.choice(ALL)
        if dice.random() < 0.8:
            visitor.post(form_of(bout, visitor), _values(bout, visitor, text))
        else:
            visitor.get(f"{dice.choice(PATHS)}?{dice.choice(FIELDS)}={text}")


def fields(bout: Bout) -> None:
    """Noise and known horrors in every field of every form, with a right form token."""
    visitor = somewhere(bout)
    for _ in range(ROUND):
        visitor.post(form_of(bout, visitor), _values(bout, visitor, hostile(bout.dice)))


def injections(bout: Bout) -> None:
    """SQL, LDAP, templates, markup, line feeds and shells."""
    _post_strings(bout, SQL + LDAP + TEMPLATES + MARKUP + LINES + SHELL)


def unicode(bout: Bout) -> None:
    """Look-alikes, halves of surrogate pairs, directions, marks without end, bytes that are no UTF-8."""
    _post_strings(bout, UNICODE)
    visitor, dice = somewhere(bout), bout.dice
    for _ in range(4):
        bad = dice.choice(BROKEN_BYTES)
        visitor.post(form_of(bout, visitor), [(dice.choice(FIELDS), bad)])
        visitor.send(request("GET", dice.choice(PATHS).encode() + b"?lang=" + bad, visitor.headers()))


def controls(bout: Bout) -> None:
    """NUL bytes and other control characters in fields, paths, queries, headers and cookies."""
    _post_strings(bout, NULS)
    visitor, dice = bout.visitor(), bout.dice
    for _ in range(4):
        nul = dice.choice(NULS)
        visitor.send(request("GET", dice.choice(PATHS).encode() + nul.encode(), visitor.headers()))
        visitor.get(dice.choice(PATHS), ("X-Test", nul), ("Cookie", f"recovery={nul}"))


def duplicates(bout: Bout) -> None:
    """A field twice, as an array, in the query and in the body, two cookies of one name, two tokens."""
    visitor, dice = somewhere(bout), bout.dice
    for _ in range(ROUND):
        name = dice.choice(FIELDS)
        twice: Fields = [
            (name + dice.choice(("", "[]", "[0]", "%00", ".x", " ")), text)
            for text in ("nan-nhan-0001", dice.choice(ALL), "nan-nhan-0002")[: dice.randint(2, 3)]
        ]
        path = form_of(bout, visitor)
        if dice.random() < 0.5:
            path += f"?{name}={dice.choice(('a', 'nan-nhan-0003'))}&{name}=b"
        more = (("Cookie", f"recovery={'x' * dice.randint(0, 40)}"),) if dice.random() < 0.3 else ()
        visitor.post(path, twice, *more)


def bodies(bout: Bout) -> None:
    """JSON, multipart, XML and noise where a form belongs, under right and wrong content types."""
    visitor, dice = somewhere(bout), bout.dice
    good = encode([("csrf_token", visitor.token), ("email", "nan-nhan-0001"), ("code", "12345x")])
    nested = "[" * 2000
    part = 'Content-Disposition: form-data; name="email"; filename="../../x"\r\n\r\nnan-nhan-0001'
    contents = (
        json.dumps({"email": ["a", "b"], "csrf_token": visitor.token}).encode(),
        nested.encode(),
        f"--x\r\n{part}\r\n--x--".encode(),
        f"--x\r\n{part}".encode(),
        b"--x\r\n" * 500,
        b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
        dice.randbytes(dice.randint(1, 600)),
        b"&" * 900,
        b"=" * 900,
        good + b"&" + noise(dice).encode("utf-8", "surrogatepass"),
        good.replace(b"=", b"\0="),
        b"",
    )
    for _ in range(ROUND):
        headers = visitor.headers(("Content-Type", dice.choice((FORM, FORM, *_TYPES))))
        path = form_of(bout, visitor)
        if dice.random() < 0.15:
            headers = (*headers, ("Content-Encoding", dice.choice(("gzip", "br", "x", "identity"))))
        visitor.send(request("POST", path, headers, dice.choice(contents)))


def oversized(bout: Bout) -> None:
    """Bodies, fields, addresses, headers and cookies far beyond what the site takes."""
    visitor, dice = somewhere(bout), bout.dice
    for _ in range(ROUND):
        size = dice.choice((2_000, 15_000, 17_000, 40_000, 200_000))
        path = form_of(bout, visitor)
        match dice.randrange(7):
            case 0:
                visitor.post(path, [(dice.choice(FIELDS), dice.choice(("a", "ă", "\u0301", "7")) * (size // 3))])
            case 1:
                visitor.post(path, [(f"f{n}", "x") for n in range(size // 12)])
            case 2:
                visitor.get(f"{dice.choice(PATHS)}?lang={'v' * size}")
            case 3:
                visitor.get(dice.choice(PATHS), ("X-Big", "h" * size))
            case 4:
                visitor.get(dice.choice(PATHS), *((f"X-{n}", "h") for n in range(size // 100)))
            case 5:
                visitor.get(dice.choice(PATHS), ("Cookie", f"recovery=.{'e' * size}"))
            case _:
                headers = visitor.headers(("Content-Type", FORM), ("Content-Length", str(size * 10**6)))
                visitor.send(request("POST", path, headers, b"email=" + b"x" * size))
