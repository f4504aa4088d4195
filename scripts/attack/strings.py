"""Hostile strings, by what they are meant to break."""

import random

SQL = (
    "' OR '1'='1", "'; DROP TABLE recoveries;--", "1' UNION SELECT password_hash FROM accounts--", '" OR ""="',
    "admin'--", "'; SELECT pg_sleep(5)--", "1 AND 1=randomblob(100000000)", "\\'; --", "%' OR 1=1 /*",
    "x'||(SELECT 1)||'",
)  # fmt: skip
LDAP = (
    "*",
    "*)(uid=*))(|(uid=*",
    "\\2a\\29",
    "an)(|(objectClass=*)",
    "(&(uid=*))",
    "cn=admin,dc=x",
    "*)(userPassword=*",
)
TEMPLATES = (
    "{{1337*1337}}", "{{config}}", "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "{% include '/etc/passwd' %}", "${1337*1337}", "#{1337*1337}", "<%= 1337*1337 %>", "%(password)s", "{0.__class__}",
    "${jndi:ldap://127.0.0.1/x}", "{{request.environ}}",
)  # fmt: skip
MARKUP = (
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "javascript:alert(1)", "'-alert(1)-'",
    "</title><svg/onload=1>", "&lt;b&gt;", "<!--", "]]>", '" autofocus onfocus=alert(1) x="',
)  # fmt: skip
LINES = (
    "a\r\nSet-Cookie: x=1",
    "a\nBcc: all@soctrang.gov.vn",
    "a\r\n\r\nHTTP/1.1 200 OK",
    "a%0d%0aX: y",
    "a\u2028b",
    "a\x0bb",
)
SHELL = ("$(id)", "`id`", "; cat /etc/passwd", "| sleep 5", "&& reboot", "../../../../etc/passwd", "file:///etc/passwd")
NULS = ("\0", "a\0b", "%00", "a%00@soctrang.gov.vn", "\x01\x02\x03", "\x1b[31m", "\x7f", "\x85", "\b\b\b", "\ufffd")
UNICODE = (
    "ａｎ＠soctrang.gov.vn", "аn@soctrang.gov.vn", "\u202ea@vn.vog", "a\u200bn", "\ud800", "\udfff\ud800", "𝟙𝟚𝟛𝟜𝟝𝟞",
    "١٢٣٤٥٦", "１２３４５６", "e\u0301" * 60, "ﷺ" * 40, "\U0010ffff", "İ", "ß", "\ufeff", "👩\u200d👩\u200d👧",
    "a" + "\u0300" * 500, "½½½½½½", "²³¹",
)  # fmt: skip
BROKEN_BYTES = (
    b"%ff%fe",
    b"%c0%af",
    b"%ed%a0%80",
    b"%f8%88%80%80%80",
    b"\xff\xfe",
    b"%",
    b"%zz",
    b"%c3%28",
    b"%e2%82",
    b"a%00b",
)
NUMBERS = (
    "-1",
    "0",
    "1e309",
    "NaN",
    "9" * 400,
    "0x10",
    "1_000",
    "+5",
    "٣",
    "00000000",
    "1" * 6 + "\0",
    "-0",
    "2147483648",
)
SHAPES = (
    "",
    " ",
    "\t",
    "null",
    "undefined",
    "[]",
    "{}",
    "[object Object]",
    "true",
    "a" * 300,
    "@" * 50,
    "@",
    "a@",
    "@b",
    "a@b@c",
)
TRAVERSALS = (
    "../secret_key", "..%2fsecret_key", "%2e%2e/%2e%2e/etc/passwd", "..%252f..%252fetc/passwd",
    "....//....//etc/passwd", "..\\..\\secret_key", "%5c..%5c..%5csecret_key", "/etc/passwd", "//etc/passwd",
    "./site.js", "site.js%00.html", "site.js/", "%c0%ae%c0%ae/secret_key", "..;/secret_key", ".", "..", "", "%",
    "site.js.map", ".git/config", "~root", "site.js::$DATA", "\u2025/\u2025/secret_key", "CON", "a" * 300, "site.*.js",
    "[a-z]", "?", "*",
)  # fmt: skip
ALL = SQL + LDAP + TEMPLATES + MARKUP + LINES + SHELL + NULS + UNICODE + NUMBERS + SHAPES

PATHS = (
    "/", "/dang-nhap", "/dang-xuat", "/quen-mat-khau", "/quen-mat-khau/so-dien-thoai", "/quen-mat-khau/dat-lai",
    "/quen-mat-khau/dat-lai/gui-lai", "/quen-mat-khau/dat-lai/tin-nhan", "/quen-mat-khau/dat-lai/kiem-tra",
    "/quen-mat-khau/thanh-cong", "/tai-khoan", "/tai-khoan/doi-mat-khau", "/tai-khoan/doi-mat-khau/kiem-tra",
    "/tai-khoan/dang-xuat-moi-noi", "/huong-dan", "/huong-dan/chuyen-tiep", "/dang-ky", "/health", "/robots.txt",
)  # fmt: skip
POSTS = (
    "/dang-xuat", "/quen-mat-khau", "/quen-mat-khau/so-dien-thoai", "/quen-mat-khau/dat-lai",
    "/quen-mat-khau/dat-lai/gui-lai", "/quen-mat-khau/dat-lai/kiem-tra", "/tai-khoan/doi-mat-khau",
    "/tai-khoan/doi-mat-khau/kiem-tra", "/tai-khoan/dang-xuat-moi-noi",
)  # fmt: skip
FIELDS = (
    "email",
    "phone",
    "code",
    "password",
    "again",
    "diacritics",
    "remember",
    "current",
    "csrf_token",
    "lang",
    "biet",
)
METHODS = (
    "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "PROPFIND", "MKCOL", "LOCK", "SEARCH", "PURGE",
    "DEBUG", "get", "Post", "POST POST", "GETT", "FOO-BAR", "M" * 30, "P\u00d6ST", "", "\0GET", "QUERY", "BREW",
)  # fmt: skip


def noise(dice: random.Random, most: int = 40) -> str:
    """Return random characters from all planes that matter: ASCII, controls, Vietnamese, astral, half surrogates."""
    planes = ((32, 126), (0, 31), (0xC0, 0x1EF9), (0x1F300, 0x1FAFF), (0xD800, 0xDFFF))
    weights = (8, 1, 3, 1, 0.3)
    return "".join(chr(dice.randint(*dice.choices(planes, weights)[0])) for _ in range(dice.randint(0, most)))


def hostile(dice: random.Random) -> str:
    """Return a hostile string: a known one, two of them, or noise."""
    kind = dice.random()
    if kind < 0.6:
        return dice.choice(ALL)
    return dice.choice(ALL) + dice.choice(ALL) if kind < 0.75 else noise(dice)
