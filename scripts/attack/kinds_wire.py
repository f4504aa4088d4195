"""Kinds that lie in how a request is made: methods, paths, headers, ranges, lengths, and two requests in one."""

from scripts.attack.bout import Bout
from scripts.attack.kinds_forms import ROUND, form_of, somewhere
from scripts.attack.strings import ALL, METHODS, PATHS, TRAVERSALS, hostile
from scripts.attack.wire import FORM, encode, request

_FORGED = (
    "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Port", "X-Forwarded-Prefix", "Forwarded", "X-Real-IP",
    "X-Host", "X-Original-URL", "X-Rewrite-URL", "True-Client-IP", "X-Client-IP", "Via", "X-Script-Name", "Proxy",
    "Referer", "Origin", "User-Agent", "Accept", "Accept-Language", "Accept-Encoding", "Upgrade", "Expect",
    "HX-Target", "HX-Request", "HX-Boosted", "HX-Current-URL", "Sec-Fetch-Site", "Authorization", "TE", "Trailer",
    "Content-Language", "Date", "Max-Forwards",
)  # fmt: skip
_OVERRIDES = ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "_method")
_HOSTS = (
    "evil.example", "127.0.0.1", "localhost", "", "{host}:80", "{host}@evil.example", "evil.example#{host}",
    "{host}.evil.example", "[::1]", "{host}/x", "a..b", ".", "x" * 70 + ".vn", "[", "xn--\x80", "a:99999999999",
    "{host}, evil.example", "\u0131.example", "a b", "{host}\t", "..", "{host}%00",
)  # fmt: skip
_SIZES = ("0", "5", "-1", "+5", "5, 6", "0x5", "5 5", "", "1e2", "99999999999999999999", "\t5", "5\x0b")
_CODINGS = (
    b"Transfer-Encoding: chunked", b"Transfer-Encoding : chunked", b"Transfer-Encoding:\tchunked",
    b"Transfer-Encoding: xchunked", b"Transfer-Encoding: chunked, identity", b"Transfer-Encoding: identity, chunked",
    b" Transfer-Encoding: chunked", b"Transfer_Encoding: chunked", b"X: y\nTransfer-Encoding: chunked",
    b"Transfer-Encoding: chunked\r\nTransfer-Encoding: x", b"Transfer-Encoding:\x0bchunked",
    b"Transfer-Encoding: \"chunked\"", b"Transfer-Encoding:\r\n chunked", b"transfer-encoding: CHUNKED",
)  # fmt: skip
_CHUNKS = (
    b"5\r\nemail\r\n0\r\n\r\n", b"zz\r\nx\r\n", b"-1\r\nx\r\n", b"ffffffffffffffff\r\nx",
    b"5;ext=\"\r\n\"\r\nemail\r\n0\r\n\r\n", b"5\nemail\n0\n\n", b"0\r\nX: y\r\n\r\n", b"5\r\nemai",
    b"5\r\nemailXX0\r\n\r\n", b"0x5\r\nemail\r\n0\r\n\r\n", b"", b"\r\n", b"1\r\na\r\n" * 300 + b"0\r\n\r\n",
    b"5 \r\nemail\r\n0\r\n\r\n", b"00000000000000000005\r\nemail\r\n0\r\n\r\n",
)  # fmt: skip


def headers(bout: Bout) -> None:
    """Forged and broken headers, above all those that tell a site where it is and who asks."""
    visitor, dice = somewhere(bout), bout.dice
    for _ in range(ROUND):
        name, value = (
            dice.choice(_FORGED),
            dice.choice((*ALL, "evil.example", "127.0.0.1", "https://evil.example", "a" * 900)),
        )
        match dice.randrange(4):
            case 0:
                host = dice.choice(_HOSTS).format(host=bout.target.host)
                visitor.send(
                    request("GET", dice.choice(PATHS), (("Host", host), ("Connection", "close"), (name, value)))
                )
            case 1:
                visitor.post(form_of(bout, visitor), [("email", "nan-nhan-0001")], (name, value))
            case 2:
                visitor.get(dice.choice(PATHS), (dice.choice(_FORGED), value), (name, dice.choice(ALL)))
            case _:
                forged = "".join(chr(dice.randint(0, 255)) for _ in range(dice.randint(1, 12)))
                visitor.get(dice.choice(PATHS), (forged, value), ("Host", "evil.example"))


def methods(bout: Bout) -> None:
    """Methods that no page knows, and headers and fields that would make another method of one."""
    visitor, dice = somewhere(bout), bout.dice
    for _ in range(ROUND):
        path = dice.choice(PATHS)
        if dice.random() < 0.7:
            body = dice.choice((None, b"", encode([("csrf_token", visitor.token), ("email", "nan-nhan-0001")])))
            more = (("Content-Type", FORM),) if body is not None else ()
            visitor.send(request(dice.choice(METHODS), path, visitor.headers(*more), body))
        else:
            override = (dice.choice(_OVERRIDES), dice.choice(("POST", "PUT", "DELETE", "GET")))
            visitor.get(f"{path}?_method=POST&email=nan-nhan-0001&code=123456&csrf_token={visitor.token}", override)


def paths(bout: Bout) -> None:
    """Addresses bent in every way: slashes, dots, cases, encodings, whole URLs, fragments, other schemes."""
    visitor, dice = bout.visitor(), bout.dice
    for _ in range(ROUND):
        path = dice.choice(PATHS)
        bent = (
            path.upper(), path + "/", path + "//", "/" + path, path.replace("/", "//"), path.replace("/", "/./"),
            path + "/..", path + ";a=b", path.replace("a", "%61"), path.replace("/", "%2f"), path + "%", path + "%00",
            path + "?" * 50, "http://evil.example" + path, f"http://{bout.target.host}{path}", "*", "",
            path + "#" + dice.choice(ALL), "\\" + path, path + hostile(dice), "/" + hostile(dice),
            path + "?next=//evil.example&lang=" + hostile(dice),
        )  # fmt: skip
        visitor.send(request(dice.choice(("GET", "GET", "HEAD", "POST")), dice.choice(bent), visitor.headers()))


def traversals(bout: Bout) -> None:
    """Ways out of the folder of static files."""
    visitor, dice = bout.visitor(), bout.dice
    for _ in range(ROUND):
        path = "/static/" + "/".join(dice.choice(TRAVERSALS) for _ in range(dice.randint(1, 4)))
        raw = path.encode("utf-8", "surrogatepass") if dice.random() < 0.5 else path
        answer = visitor.send(request(dice.choice(("GET", "GET", "HEAD", "POST", "PUT")), raw, visitor.headers()))
        if answer.status == 200 and b"root:" in answer.body:
            bout.book.breaks(f"{bout.kind} {bout.number}: a file of the machine: {path}")


def conditions(bout: Bout) -> None:
    """Ranges and conditions on pages and files."""
    visitor, dice = bout.visitor(), bout.dice
    page = visitor.get("/dang-nhap").body.decode("utf-8", "replace")
    script = next((word.split('"')[1] for word in page.split() if word.startswith('src="/static/')), "/static/site.js")
    ranges = (
        "bytes=0-0",
        "bytes=5-1",
        "bytes=-1",
        "bytes=0-99999999999999999999",
        "bytes=" + "0-1," * 300,
        "x=1-2",
        "bytes=--1",
    )
    times = ("Thu, 01 Jan 1970 00:00:00 GMT", "tomorrow", "9" * 60, "Thu, 99 Foo 2099 99:99:99 GMT", "\xff")
    tags = ("*", '"x"', 'W/"' + "e" * 500, '"a", "b", ' * 40, "'", '"\0"')
    for _ in range(ROUND):
        asked = (
            ("Range", dice.choice(ranges)), ("If-Range", dice.choice((*times, *tags))),
            ("If-Modified-Since", dice.choice(times)), ("If-Unmodified-Since", dice.choice(times)),
            ("If-None-Match", dice.choice(tags)), ("If-Match", dice.choice(tags)),
            ("Accept-Encoding", dice.choice(("gzip;q=0", "br, gzip", "*;q=x", "identity;q=0, *;q=0", "," * 200))),
        )  # fmt: skip
        path = script if dice.random() < 0.5 else dice.choice((*PATHS, "/dang-ky/mau-don.pdf"))
        visitor.send(
            request(dice.choice(("GET", "HEAD")), path, visitor.headers(*dice.sample(asked, dice.randint(1, 4))))
        )


def broken_off(bout: Bout) -> None:
    """Chunks, lengths that lie, bodies and heads that end too soon, and lines that come drop by drop."""
    visitor, dice = somewhere(bout), bout.dice
    body = encode([("csrf_token", visitor.token), ("email", "nan-nhan-0001")])
    for _ in range(ROUND):
        path = form_of(bout, visitor)
        form = visitor.headers(("Content-Type", FORM))
        match dice.randrange(5):
            case 0:
                visitor.send(request("POST", path, (*form, ("Transfer-Encoding", "chunked")), dice.choice(_CHUNKS)))
            case 1:
                visitor.send(request("POST", path, (*form, ("Content-Length", dice.choice(_SIZES))), body))
            case 2:
                whole = request("POST", path, form, body)
                visitor.send(whole[: dice.randrange(1, len(whole))])
            case 3:
                visitor.send(request("POST", path, (*form, ("Content-Length", str(len(body) + 50))), body))
            case _:
                whole = request("POST", path, form, body)
                cut = dice.randrange(1, len(whole))
                visitor.send(whole[:cut], whole[cut : cut + 9], whole[cut + 9 :], pause=0.05)


def smuggled(bout: Bout) -> None:
    """Two lengths in one head, and a second request where a body should end: the second must not be heard twice."""
    visitor, dice = bout.victim(), bout.dice
    hidden = request("POST", "/quen-mat-khau/so-dien-thoai", visitor.headers(("Content-Type", FORM)), b"csrf_token=x")
    for _ in range(ROUND):
        coding, size = dice.choice(_CODINGS), dice.choice((*_SIZES, "4", str(len(hidden))))
        head = request("POST", dice.choice(PATHS), (("Host", bout.target.host), ("Content-Type", FORM)))
        lengths = [b"Content-Length: " + size.encode(), coding]
        dice.shuffle(lengths)
        body = dice.choice((b"0\r\n\r\n", b"4\r\na=b\n\r\n0\r\n\r\n", b"")) + hidden
        answers = bout.send(head[:-2] + b"\r\n".join(lengths) + b"\r\n\r\n" + body)
        if len(answers) > 1 and coding.lower().startswith(b"transfer-encoding: chunked") and size.isdigit():
            bout.book.breaks(f"{bout.kind} {bout.number}: two lengths, two answers: {coding!r} {size!r}")
