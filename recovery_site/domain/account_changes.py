"""What an import file makes of one account, told by the file's columns."""

from dataclasses import dataclass

from recovery_site.domain.people import Account, AccountKind


@dataclass(frozen=True)
class Change:
    """One account before and after: `before` is None where it is new, `first_password` true where it gets one.

    `must_change` says that its receiver has to change that one in time.
    """

    before: Account | None
    after: Account
    first_password: bool = False
    must_change: bool = False

    @property
    def numbers_column(self) -> str:
        """The column that an account of this kind has its numbers in."""
        return "members" if self.after.kind is AccountKind.GROUP else "phone"

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the columns that make a difference; of a new account, those that differ from an empty one's."""
        old, new = self.before or Account(self.after.address), self.after
        differs = {
            "display_name": new.display_name != old.display_name,
            "unit": new.unit != old.unit,
            "kind": new.kind is not old.kind,
            self.numbers_column: new.phones != old.phones,
            "status": new.status is not old.status,
            "password": self.first_password,
            "first_password": self.first_password and self.must_change,
        }
        return tuple(column for column, different in differs.items() if different)

    @property
    def is_one(self) -> bool:
        """False where everything stays as it is."""
        return self.before is None or bool(self.columns)
