"""What the database saw: triggers write down every change that a rule forbids or a press has to account for."""

from collections import Counter
from collections.abc import Mapping

from sqlalchemy import Engine, text

from scripts.attack.book import Book
from scripts.attack.target import WINNER, Target

_SEEN = "attack_seen"

_WATCHED: Mapping[str, tuple[str, str, str]] = {
    # what is seen: which change of which table, under which condition, and whose it is
    "tries rose": ("UPDATE ON recoveries", "NEW.attempts_left > OLD.attempts_left", "NEW.address"),
    "tries below zero": ("UPDATE ON recoveries", "NEW.attempts_left < 0", "NEW.address"),
    "an ended recovery lives": (
        "UPDATE ON recoveries",
        "OLD.step IN ('done', 'abandoned') AND NEW.step <> OLD.step",
        "NEW.address",
    ),
    "done": ("UPDATE ON recoveries", "NEW.step = 'done' AND OLD.step <> 'done'", "NEW.address"),
    "a recovery moved to another account": ("UPDATE ON recoveries", "NEW.address <> OLD.address", "NEW.address"),
    "password": ("UPDATE ON accounts", "NEW.password_hash <> OLD.password_hash", "NEW.address"),
    "an account changed": (
        "UPDATE ON accounts",
        "NEW.status <> OLD.status OR NEW.address <> OLD.address OR NEW.display_name <> OLD.display_name",
        "NEW.address",
    ),
    "an account came": ("INSERT ON accounts", "1 = 1", "NEW.address"),
    "an account went": ("DELETE ON accounts", "1 = 1", "OLD.address"),
    "a number changed": ("UPDATE ON phones", "1 = 1", "NEW.address"),
    "a number came": ("INSERT ON phones", "1 = 1", "NEW.address"),
    "a number went": ("DELETE ON phones", "1 = 1", "OLD.address"),
    "code": ("INSERT ON messages", "NEW.kind = 'code'", "NEW.address"),
    "notice": ("INSERT ON messages", "NEW.kind <> 'code'", "NEW.address"),
    "a session": ("INSERT ON sessions", "1 = 1", "NEW.address"),
    "an event went": ("DELETE ON audit", "1 = 1", "OLD.address"),
    "an event changed": ("UPDATE ON audit", "1 = 1", "NEW.address"),
    "a wrong code": ("UPDATE ON recoveries", "NEW.attempts_left < OLD.attempts_left", "NEW.address"),
}
_ALLOWED = ("done", "password", "code", "notice", "a wrong code")


def install(engine: Engine) -> None:
    """Put the triggers on; from here on everything is seen."""
    with engine.begin() as connection:
        connection.execute(text(f"CREATE TABLE {_SEEN} (what VARCHAR(64) NOT NULL, address VARCHAR(254) NOT NULL)"))
        for number, (what, (change, condition, address)) in enumerate(_WATCHED.items()):
            insert = f"INSERT INTO {_SEEN} VALUES ('{what}', {address})"  # noqa: S608 -- every word stands above
            for statement in _trigger(engine.dialect.name, f"attack_{number}", change, condition, insert):
                connection.exec_driver_sql(statement)


def _trigger(dialect: str, name: str, change: str, condition: str, insert: str) -> list[str]:
    if dialect == "sqlite":
        return [f"CREATE TRIGGER {name} AFTER {change} FOR EACH ROW WHEN {condition} BEGIN {insert}; END"]
    body = f"BEGIN {insert}; RETURN NULL; END"
    return [
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$",
        f"CREATE TRIGGER {name} AFTER {change} FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION {name}()",
    ]


def seen(engine: Engine) -> dict[str, Counter[str]]:
    """Return what was seen, and whose accounts it touched how often."""
    found: dict[str, Counter[str]] = {what: Counter() for what in _WATCHED}
    with engine.begin() as connection:
        for what, address in connection.exec_driver_sql(f"SELECT what, address FROM {_SEEN}"):  # noqa: S608 -- the name stands above
            found[what][address] += 1
    return found


def judge(target: Target, book: Book) -> dict[str, Counter[str]]:
    """Hold what was seen against what was asked, and return it; what no press and no right code explains is broken."""
    found = seen(target.services.engine)
    for what, addresses in found.items():
        if addresses and what not in _ALLOWED:
            book.breaks(f"the database saw: {what}: {dict(addresses.most_common(3))}")
    for address, count in (found["code"] - book.pressed).items():
        book.breaks(f"{count} codes for {address} that nobody pressed for")
    for what in ("password", "done"):
        for address, count in (found[what] - Counter(set(book.right_codes))).items():
            book.breaks(f"{what}: {count} for {address} without a right code")
    for address in found["notice"]:
        if address not in found["password"] or not address.startswith(WINNER):
            book.breaks(f"a notice to {address}, whose password did not change")
    _judge_telephones(target, book, found)
    for fault in book.secrets_in(target.logs().encode()):
        book.breaks(f"the log shows {fault}")
    if '"fault"' in target.logs():
        book.breaks("the log tells of a fault")
    return found


def _judge_telephones(target: Target, book: Book, found: Mapping[str, Counter[str]]) -> None:
    """Hold what the carrier took against the messages that were allowed: each once, to nobody else's number."""
    most = sum(found["code"].values()) + sum(found["notice"].values())
    taken = target.taken()
    if len(taken) > most:
        book.breaks(f"the carrier took {len(taken)} messages of {most}")
    pressed = {number for address in book.pressed for number in _numbers(target, address)}
    for message in taken.values():
        if message["to"].removeprefix("+") not in pressed:
            book.breaks("a message went to a number of an account that nobody pressed for")


def _numbers(target: Target, address: str) -> list[str]:
    account = target.services.directory.find(address)
    return [phone.number.international for phone in account.phones] if account else []
