"""What the stories about imported accounts share: rows as a sheet gives them, and the flow that reads them."""

from recovery_site.domain.account_rows import SheetRow
from recovery_site.domain.activation import ActivationRules
from recovery_site.domain.keys import KeyRing
from recovery_site.domain.people import Account
from recovery_site.flow.import_accounts import ImportAccounts
from recovery_site.flow.start_clocks import StartClocks
from recovery_site.ports import AccountStore, Transactions
from tests.fake_transactions import FakeTransactions
from tests.fakes import KEY, FakeChance, FakeClock

AN = "an@soctrang.gov.vn"
NUMBER = "0393070121"
MEMBERS = "Lê An <0393070121>; Lý Bình <0912345678>"


def importing(store: AccountStore, transactions: Transactions | None = None, seed: int = 0) -> ImportAccounts:
    clock = FakeClock()
    rows = transactions or FakeTransactions(clock)
    return ImportAccounts(
        store=store,
        clocks=StartClocks(rows, clock, FakeChance(seed), KeyRing((KEY,)), ActivationRules()),
        domains=["soctrang.gov.vn"],
        aliases={"old.gov.vn": "soctrang.gov.vn"},
    )


def rows_of(*rows: dict[str, str]) -> list[SheetRow]:
    return [SheetRow(line, cells) for line, cells in enumerate(rows, 2)]


def numbers(account: Account) -> list[str]:
    return [phone.number.local for phone in account.phones]
