"""What the stories about imported accounts share: rows as a sheet gives them, and the flow that reads them."""

from recovery_site.domain.account_rows import SheetRow
from recovery_site.domain.people import Account
from recovery_site.flow.import_accounts import ImportAccounts
from recovery_site.ports import AccountStore
from tests.fakes import FakeClock

AN = "an@soctrang.gov.vn"
NUMBER = "0393070121"
MEMBERS = "Lê An <0393070121>; Lý Bình <0912345678>"


def importing(store: AccountStore) -> ImportAccounts:
    return ImportAccounts(
        store=store, clock=FakeClock(), domains=["soctrang.gov.vn"], aliases={"old.gov.vn": "soctrang.gov.vn"}
    )


def rows_of(*rows: dict[str, str]) -> list[SheetRow]:
    return [SheetRow(line, cells) for line, cells in enumerate(rows, 2)]


def numbers(account: Account) -> list[str]:
    return [phone.number.local for phone in account.phones]
