"""The contract of `Activations`."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from recovery_site.domain.activation import Activation, ActivationRules, AskedBy, Asking
from recovery_site.ports import Transactions
from tests.fakes import AN, BINH, NOON

HOUR = timedelta(hours=1)
TICK = timedelta(microseconds=1)
END = NOON + 6 * HOUR


def activation(name: str = "a", address: str = AN, **changed: object) -> Activation:
    asking = Asking(AskedBy.DOCUMENT, "412/STTTT", date(2026, 2, 27))
    made = Activation.begin(
        asking, ActivationRules(), NOON, activation_id=name, address=address, reference=f"REF-{name}", key_id="k",
        actor="quản trị",
    )  # fmt: skip
    return replace(made, **changed)  # type: ignore[arg-type]  # fields by name


def put(begin: Transactions, *activations: Activation) -> None:
    with begin() as tx:
        for one in activations:
            tx.activations.add(one)


def due(begin: Transactions, after: timedelta) -> set[str]:
    with begin() as tx:
        return {one.id for one in tx.activations.due(NOON + after)}


def unchanged(begin: Transactions) -> set[str]:
    with begin() as tx:
        return {one.id for one in tx.activations.unchanged()}


def test_what_was_written_is_there_to_the_last_field(begin: Transactions) -> None:
    full = activation(
        asked_by=AskedBy.TELEPHONE, caller="Lê Thị Bình", called_at=NOON - HOUR, derived=False, attempt=3,
        password_set_at=NOON + TICK, reminded_at=NOON + 5 * HOUR, changed_at=NOON + HOUR, locked_at=END,
        replaced_at=END + TICK,
    )  # fmt: skip
    put(begin, full, activation("b"))
    with begin() as tx:
        assert tx.activations.get("a") == full
        assert tx.activations.get("b") == activation("b")
        assert tx.activations.get("nobody") is None


def test_what_is_saved_replaces_what_was_there_and_nothing_else(begin: Transactions) -> None:
    put(begin, activation("a"), activation("b"))
    with begin() as tx:
        tx.activations.save(activation("a").changed(NOON + HOUR))
    with begin() as tx:
        assert tx.activations.get("a") == activation("a").changed(NOON + HOUR)
        assert tx.activations.get("b") == activation("b")


def test_saving_one_that_is_not_there_adds_none(begin: Transactions) -> None:
    with begin() as tx:
        tx.activations.save(activation("a"))
    with begin() as tx:
        assert tx.activations.get("a") is None


def test_an_id_and_a_reference_are_given_once(begin: Transactions) -> None:
    put(begin, activation("a"))
    for again in (activation("a", reference="ANOTHER"), activation("b", reference="REF-a")):
        with pytest.raises((KeyError, IntegrityError)):
            put(begin, again)


def test_an_exception_takes_it_back(begin: Transactions) -> None:
    put(begin, activation("a"))

    def change_and_fail() -> None:
        with begin() as tx:
            tx.activations.save(activation("a").changed(NOON))
            tx.activations.add(activation("b"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        change_and_fail()
    assert unchanged(begin) == {"a"}


def test_an_account_s_activations_come_with_the_newest_first(begin: Transactions) -> None:
    put(
        begin,
        activation("old", started_at=NOON - HOUR),
        activation("new", started_at=NOON + HOUR),
        activation("middle"),
        activation("another", BINH),
    )
    with begin() as tx:
        assert [one.id for one in tx.activations.of_account(AN)] == ["new", "middle", "old"]
        assert tx.activations.of_account("nobody@soctrang.gov.vn") == []


def test_a_document_s_activations_are_found_by_its_whole_number(begin: Transactions) -> None:
    put(
        begin,
        activation("a"),
        activation("b", BINH),
        activation("other", document="412/STTTT-2"),
        activation("by-telephone", document=""),
    )
    with begin() as tx:
        assert {one.id for one in tx.activations.of_document("412/STTTT")} == {"a", "b"}
        assert tx.activations.of_document("") == []
        assert tx.activations.of_document("412") == []


def test_a_lock_gives_the_activation_as_it_is_now(begin: Transactions) -> None:
    put(begin, activation("a", locked_at=END))
    with begin() as tx:
        assert tx.activations.lock("a") == activation("a", locked_at=END)
        assert tx.activations.lock("nobody") is None


def test_unchanged_are_those_that_nobody_changed_or_replaced_also_the_locked(begin: Transactions) -> None:
    put(
        begin,
        activation("running"),
        activation("locked", locked_at=END),
        activation("changed", changed_at=NOON),
        activation("replaced", replaced_at=NOON),
    )
    assert unchanged(begin) == {"running", "locked"}


def test_nothing_is_due_before_its_reminder(begin: Transactions) -> None:
    put(begin, activation("a"))
    assert due(begin, 5 * HOUR - TICK) == set()
    assert due(begin, 5 * HOUR) == {"a"}


def test_one_that_was_reminded_is_due_again_at_its_end_and_not_before(begin: Transactions) -> None:
    put(begin, activation("a", reminded_at=NOON + 5 * HOUR))
    assert due(begin, 6 * HOUR - TICK) == set()
    assert due(begin, 6 * HOUR) == {"a"}
    assert due(begin, timedelta(days=400)) == {"a"}


def test_what_is_done_with_is_never_due(begin: Transactions) -> None:
    put(
        begin,
        activation("changed", changed_at=NOON),
        activation("replaced", replaced_at=NOON),
        activation("locked", locked_at=END),
    )
    for after in (5 * HOUR, 6 * HOUR, 7 * HOUR):
        assert due(begin, after) == set()
