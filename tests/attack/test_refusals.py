"""The three refusals ask the database the same: what one of them skipped would show in its time."""

import pytest
from sqlalchemy import event

from recovery_site.bootstrap import Services
from recovery_site.flow.outcomes import NoUsableAccount
from tests.fakes import LOCKED, PHONELESS, UNKNOWN


def asked(site: Services, address: str) -> list[str]:
    """The statements of one refusal."""
    statements: list[str] = []

    def hear(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    event.listen(site.engine, "before_cursor_execute", hear)
    try:
        with pytest.raises(NoUsableAccount):
            site.recover.begin(address, None)
    finally:
        event.remove(site.engine, "before_cursor_execute", hear)
    return statements


def test_unknown_locked_and_phoneless_accounts_cost_the_same_statements(site: Services) -> None:
    unknown = asked(site, UNKNOWN)
    assert unknown
    assert unknown == asked(site, LOCKED) == asked(site, PHONELESS)
