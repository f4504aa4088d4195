"""Kinds that lie in what went before: cookies, tokens, steps out of order, old requests once more, guesses, reports."""

import base64
import json

from itsdangerous import URLSafeTimedSerializer

from recovery_site.flow.reports import PATH, report_url
from scripts.attack.book import NEW_PASSWORD
from scripts.attack.bout import Bout, Visitor, new_password, winner
from scripts.attack.kinds_forms import ROUND, form_of, somewhere
from scripts.attack.strings import ALL, PATHS, POSTS, TRAVERSALS, hostile
from scripts.attack.target import LOCKED, PASSWORD, PLAYER, VICTIM
from scripts.attack.wire import FORM, encode, request

_FOREIGN = (
    ("Origin", "https://evil.example"), ("Origin", "null"), ("Sec-Fetch-Site", "cross-site"),
    ("Sec-Fetch-Site", "same-site"), ("Origin", "http://127.0.0.1"), ("Sec-Fetch-Site", "x"), ("Origin", ""),
)  # fmt: skip


def cookies(bout: Bout) -> None:
    """Cookies signed with other keys, cut, swapped, stuffed with other contents or with none."""
    dice = bout.dice
    real = bout.victim()
    theirs = real.cookies.get("recovery", "")
    for _ in range(ROUND):
        visitor = bout.visitor()
        content = dice.choice(
            ({"id": "x"}, {"id": ["x"]}, {"id": {"$ne": ""}}, ["x"], 7, None, {"_permanent": 1, "id": "\0"})
        )
        forger = URLSafeTimedSerializer(
            dice.choice(("", "secret", "dev", "0" * 64)), salt=dice.choice(("cookie-session", "x"))
        )
        payload = base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")
        forged = (
            str(forger.dumps(content)), payload + "." + theirs.partition(".")[2], theirs[:-1] + "A",
            theirs[: len(theirs) // 2], "." + "A" * 400, theirs + "." + theirs, "a.b.c", ".eJw" + "A" * 2000,
            hostile(dice).replace(";", ""), theirs.upper(), payload + "..", "=" * 50, "\xff\xfe", '"' + theirs,
            theirs.replace(".", ".."),
        )  # fmt: skip
        visitor.cookies["recovery"] = dice.choice(forged)
        if dice.random() < 0.5:
            visitor.get(dice.choice(PATHS))
        else:
            visitor.token = real.token
            visitor.post(dice.choice(POSTS), [("email", "nan-nhan-0001"), ("code", "123456")])


def foreign_posts(bout: Bout) -> None:
    """Posts without a token, with somebody else's, and from other sites; even a player's press must not count."""
    dice = bout.dice
    visitor, other = (bout.player() if dice.random() < 0.5 else bout.victim()), bout.visitor()
    other.get("/dang-nhap")
    right = visitor.token
    tokens = (
        "",
        "x",
        other.token,
        right[:-1],
        right + "x",
        right.upper(),
        "null",
        hostile(dice),
        right.partition(".")[0],
    )
    for _ in range(ROUND):
        values = [("email", "nan-nhan-0001"), ("code", "123456"), ("password", "x"), ("again", "x")]
        path = dice.choice(POSTS)
        if dice.random() < 0.5:
            # the right token, from a foreign page
            body = encode([("csrf_token", right), *values])
            head = visitor.headers(("Content-Type", FORM), dice.choice(_FOREIGN))
        else:
            token = dice.choice(tokens)
            body = encode([("csrf_token", token if token != right else "x"), *values])
            head = visitor.headers(("Content-Type", FORM), *((dice.choice(_FOREIGN),) if dice.random() < 0.3 else ()))
        # an answer may carry a new cookie: this visitor keeps the old one, as a foreign page's posts do
        bout.send(request("POST", path, head, body))


def disorder(bout: Bout) -> None:
    """Every step at every time, with right tokens: whoever skips a step gets nowhere."""
    dice, visitor = bout.dice, bout.visitor()
    visitor.get("/quen-mat-khau")
    for _ in range(ROUND * 2):
        match dice.randrange(8):
            case 0:
                role = dice.choice((PLAYER, PLAYER, VICTIM, LOCKED, "khong-co"))
                visitor.begin(dice.choice((str.upper, str))(bout.address(role)))
            case 1 | 2 if visitor.address.startswith(PLAYER):
                visitor.press(dice.choice(("/quen-mat-khau/so-dien-thoai", "/quen-mat-khau/dat-lai/gui-lai")))
            case 3:
                visitor.enter(visitor.wrong_code(), new_password(dice))
            case 4:
                visitor.post("/quen-mat-khau/dat-lai/kiem-tra", [("password", new_password(dice))])
            case 5:
                visitor.post("/tai-khoan/doi-mat-khau", [("current", PASSWORD), ("password", "Xanh-la-9-muoi")])
            case 6:
                visitor.post(dice.choice(("/dang-xuat", "/tai-khoan/dang-xuat-moi-noi")))
            case _:
                visitor.get(dice.choice(PATHS))
        if visitor.cookies.get("recovery") and dice.random() < 0.3:
            visitor.get("/quen-mat-khau/thanh-cong")


def _wrong_codes(bout: Bout) -> None:
    """Wrong codes without end, with new sends, new cookie jars and new beginnings between them."""
    dice, visitor = bout.dice, bout.player()
    jar = dict(visitor.cookies)
    for _ in range(ROUND):
        visitor.enter(visitor.wrong_code(), new_password(dice))
        match dice.randrange(8):
            case 0:
                visitor.press("/quen-mat-khau/dat-lai/gui-lai")
            case 1:
                visitor.begin(visitor.address)
                visitor.press()
            case 2:
                visitor.cookies = dict(jar)
                visitor.get("/quen-mat-khau/dat-lai")
            case 3:
                visitor.enter(dice.choice(("", "12345", "1234567", "١٢٣٤٥x", hostile(dice))), new_password(dice))
    # a code that five wrong ones have killed does not work when it is typed at last
    recovery, code = visitor.recovery(), visitor.right_code()
    if recovery is not None and code and recovery.attempts_left == 0:
        visitor.enter(code, new_password(dice))


def guesses(bout: Bout) -> None:
    """Wrong codes and wrong passwords, one after the other."""
    turn = int(bout.number.rpartition(".")[2]) % 2
    (_sign_ins if turn else _wrong_codes)(bout)


def replays(bout: Bout) -> None:
    """A recovery that succeeds; then its requests, its cookies and its code once more, from everywhere."""
    dice, visitor = bout.dice, winner(bout)
    before, code, password = dict(visitor.cookies), visitor.right_code(), new_password(dice)
    if not code:
        return
    visitor.get("/quen-mat-khau/dat-lai")
    final = request(
        "POST", "/quen-mat-khau/dat-lai", visitor.headers(("Content-Type", FORM)),
        encode([("csrf_token", visitor.token), ("code", code), ("password", password), ("again", password)]),
    )  # fmt: skip
    bout.book.enter_right_code(visitor.address)
    visitor.send(final, canary=code.encode())
    old_token = visitor.token
    for _ in range(ROUND):
        match dice.randrange(6):
            case 0:
                bout.send(final, canary=code.encode())
            case 1:
                ghost = Visitor(bout, visitor.client, dict(before), old_token)
                ghost.enter(code, f"{NEW_PASSWORD}khac-{dice.randrange(1000)}")
            case 2:
                ghost = Visitor(bout, visitor.client, dict(before), old_token)
                ghost.post(dice.choice(("/quen-mat-khau/so-dien-thoai", "/quen-mat-khau/dat-lai/gui-lai")))
            case 3:
                visitor.get("/quen-mat-khau/thanh-cong")
                visitor.enter(code, f"{NEW_PASSWORD}khac-{dice.randrange(1000)}")
            case 4:
                thief = bout.player()  # the code of one recovery in another
                if thief.right_code() != code:
                    thief.enter(code, new_password(dice))
            case _:
                visitor.get(dice.choice(PATHS))


def reports(bout: Bout) -> None:
    """Delivery reports with guessed names and tokens, and with the true token and contents that make no sense."""
    dice, visitor = bout.dice, bout.visitor()
    services = bout.target.services
    true = report_url("", services.keys, "main")
    for _ in range(ROUND):
        path = dice.choice(
            (true, true[:-1], true + "x", true.upper(), PATH + "main/" + hostile(dice), PATH + hostile(dice) + "/x",
             PATH + dice.choice(TRAVERSALS) + "/" + true.rpartition("/")[2], PATH, true + "/",
             true.replace("main", "mai%6e"))
        )  # fmt: skip
        body = encode([("id", hostile(dice)), ("state", dice.choice(("delivered", "failed", "x", *ALL)))])
        told = json.dumps({"id": dice.choice((1, None, [], {"a": "b"}, hostile(dice))), "state": "delivered"}).encode()
        match dice.randrange(5):
            case 0:
                visitor.send(request("POST", path, visitor.headers(("Content-Type", FORM)), body))
            case 1:
                visitor.send(request("POST", path, visitor.headers(("Content-Type", "application/json")), told))
            case 2:
                nested = dice.choice((b"[" * 5000, b'{"a":' * 3000, b"{", b'"\\ud800"', b'{"id": 1e999}', b"\xff"))
                visitor.send(request("POST", path, visitor.headers(("Content-Type", "application/json")), nested))
            case 3:
                visitor.get(f"{path}?id={hostile(dice)}&state=delivered&id=x")
            case _:
                visitor.send(request(dice.choice(("HEAD", "PUT", "OPTIONS", "DELETE")), path, visitor.headers(), body))


def _sign_ins(bout: Bout) -> None:
    """Sign-ins with wrong passwords and other spellings, and pages of an account without one."""
    dice, visitor = bout.dice, somewhere(bout)
    for _ in range(ROUND):
        if dice.random() < 0.15:  # each costs the server a hash
            typed = dice.choice((str.upper, str, str.title))(bout.address(dice.choice((VICTIM, PLAYER, LOCKED))))
            wrong = dice.choice((PASSWORD.lower(), PASSWORD + " ", PASSWORD[:-1], "", hostile(dice)))
            visitor.post(
                "/dang-nhap", [("email", typed), ("password", wrong), ("remember", dice.choice(("y", "", "\u00e9")))]
            )
        elif dice.random() < 0.5:
            visitor.get(dice.choice(("/tai-khoan", "/tai-khoan/doi-mat-khau", "/tai-khoan/doi-mat-khau/kiem-tra")))
        else:
            visitor.post(form_of(bout, visitor), [("current", hostile(dice)), ("password", hostile(dice))])
