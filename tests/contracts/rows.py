"""Rows for the contracts of what is stored."""

from dataclasses import replace
from datetime import timedelta

from recovery_site.domain.messages import Message, MessageKind
from recovery_site.domain.recovery import Recovery, Step
from recovery_site.ports import Transactions
from tests.fakes import AN, NOON

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


def recovery(name: str = "r", **changed: object) -> Recovery:
    made = Recovery(
        id=name, browser=f"browser-{name}", reference=f"REF-{name}", address=AN, attempts_left=5, created_at=NOON,
        expires_at=NOON + 30 * MINUTE, resumed_at=NOON, step=Step.AWAITING_CODE, phone="p",
        masked_phone="0393XXX121", generation=1, sends=1, key_id="k", code_expires_at=NOON + 10 * MINUTE,
        last_sent_at=NOON,
    )  # fmt: skip
    return replace(made, **changed)


def message(name: str = "m", recovery_id: str = "r", **changed: object) -> Message:
    made = Message(
        id=name, kind=MessageKind.CODE, recovery_id=recovery_id, reference="REF", address=AN, phone="p",
        created_at=NOON, deadline=NOON + 9 * MINUTE, due_at=NOON, generation=1, minutes=10, key_id="k",
    )  # fmt: skip
    return replace(made, **changed)


def put(begin: Transactions, *rows: Recovery | Message) -> None:
    with begin() as tx:
        for row in rows:
            if isinstance(row, Recovery):
                tx.recoveries.add(row)
            else:
                tx.messages.add(row)
