"""Write the tables of `docs/security/README.md` that are made from the settings and the rules."""

from collections.abc import Iterator
from pathlib import Path

from recovery_site.domain.odds import Guessing, chance_of_takeover, guesses_per_day
from recovery_site.settings.limits import Limits, Proof, amount
from recovery_site.settings.sections import Code
from recovery_site.settings.sms import Sms

DOCUMENT = Path(__file__).parent.parent / "docs/security/README.md"
MAILBOXES = 10_000


def limits_table() -> str:
    """Return the limits with their defaults."""
    code, proof = Code(), Proof()
    fixed = [
        ("wrong codes for each recovery", f"{code.attempts}", "`code.attempts`"),
        ("life of a code", f"{code.lifetime_seconds} s, never above", "`code.lifetime_seconds`"),
        ("life of a recovery", "30 minutes", "fixed, `domain/recovery.py`"),
        ("wait before the next SMS", f"{code.resend_after_seconds} s", "`code.resend_after_seconds`"),
        ("SMS of the whole site", f"{Sms().daily_budget} a day", "`sms.daily_budget`"),
    ]
    ours = [(what, rule, f"`{name}`") for what, rule, name in Limits().rows()]
    proofs = [
        ("life of a puzzle, and of a waiting ticket once it opens", f"{proof.lifetime_seconds} s",
         "`proof.lifetime_seconds`"),
        ("wait instead of a puzzle", f"{proof.wait_seconds} s", "`proof.wait_seconds`"),
        ("size of a request", "16 KB", "fixed, `web/app.py`"),
    ]  # fmt: skip
    return _table(("What", "Default", "Setting"), [*fixed, *ours, *proofs])


def odds_table() -> str:
    """Return what each bound leaves of a guesser's chances in a day."""
    rules = guessing()
    words = {
        "accounts": "the limits of each account alone",
        "site": "without ever raising the alarm",
        "sms": "the site's daily budget of SMS",
    }
    bounds = guesses_per_day(MAILBOXES, rules)
    rows = [
        (words[name], f"{bounds[name]:,}", f"{chance_of_takeover(bounds[name], rules):.2%}")
        for name in ("accounts", "site", "sms")
    ]
    return _table(("Bound by", "Guesses a day", "Chance that any mailbox falls"), rows)


def guessing() -> Guessing:
    """Return the rules of the settings' defaults, as a guesser sees them."""
    code, limits = Code(), Limits()
    return Guessing(
        digits=code.digits,
        attempts=code.attempts,
        codes_per_account=amount(limits.sends_per_account_a_day),
        wrong_per_account=amount(limits.wrong_codes_per_account),
        codes_at_once=2 * amount(limits.sends_per_account),
        sms_of_site=Sms().daily_budget,
        site_wrong=amount(limits.wrong_codes_of_site),
        site_period=600,
    )


TABLES = {"limits": limits_table, "odds": odds_table}


def renewed(text: str) -> str:
    """Return the document with each table made anew between its marks."""
    for name, table in TABLES.items():
        before, begin, rest = text.partition(f"<!-- {name}: made by scripts/limits_table.py -->\n")
        _, end, after = rest.partition(f"<!-- end of {name} -->\n")
        if not (begin and end):
            raise ValueError(f"{DOCUMENT} has no marks for {name}")
        text = f"{before}{begin}{table()}{end}{after}"
    return text


def _table(head: tuple[str, ...], rows: list[tuple[str, str, str]]) -> str:
    return "".join(f"{line}\n" for line in _lines(head, rows))


def _lines(head: tuple[str, ...], rows: list[tuple[str, str, str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{' --- |' * len(head)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)


if __name__ == "__main__":
    DOCUMENT.write_text(renewed(DOCUMENT.read_text("utf-8")), "utf-8")
