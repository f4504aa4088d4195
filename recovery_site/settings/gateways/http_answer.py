"""What a carrier's answers and reports mean: the tables `success`, `faults` and `report` of `kind = "http"`."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from recovery_site.domain.messages import FaultKind
from recovery_site.settings.section import Section

AnswerKind = Literal["json", "xml", "text"]

Value = Annotated[str, Field(pattern="[^*]")]
"""What a field is compared with: not '', which is what it has when it is not there, and not all there can be."""


def matches(pattern: str, value: str) -> bool:
    """True where the value is the pattern; one that ends with `*` is the beginning of a value that is there at all."""
    if pattern.endswith("*"):
        return value.startswith(pattern[:-1]) and value != ""
    return value == pattern


class Success(Section):
    """What an accepted message looks like: a status, and optionally fields of the answer and the carrier's id.

    `duplicate`: values of `faults.field` by which the carrier says that it took this very message before.
    """

    status: list[int] = Field(default=[200, 201, 202], min_length=1)
    json_: dict[str, str] = Field(default={}, alias="json")
    xml: dict[str, str] = {}
    text: str = ""
    id: str = ""
    duplicate: list[Value] = []

    @property
    def fields(self) -> Mapping[str, str]:
        """The fields of the answer with what they must be; the whole of a text is the field without a name."""
        return {**self.json_, **self.xml, **({"": self.text} if self.text else {})}

    def check(self, answer: AnswerKind) -> None:
        """Raise `ValueError` where a table does not fit the kind of the answer."""
        tables = {"json": self.json_, "xml": self.xml, "text": self.text}
        strangers = [name for name, table in tables.items() if table and name != answer]
        if strangers:
            raise ValueError(f'success.{strangers[0]} needs answer = "{strangers[0]}"')
        if self.id and answer == "text":
            raise ValueError("success.id cannot be read from a text")


class Faults(Section):
    """Which values of one field of the answer say what is wrong; a text answer has no fields, only its beginning."""

    field: str = ""
    number: list[Value] = []
    text: list[Value] = []
    template: list[Value] = []
    balance: list[Value] = []
    access: list[Value] = []
    busy: list[Value] = []

    @model_validator(mode="after")
    def _check_values(self) -> Self:
        values = list(self.values())
        doubled = [kind for kind, value in values for other, same in values if kind is not other and value == same]
        if doubled:
            raise ValueError(f"one value stands in several lists: {', '.join(dict.fromkeys(doubled))}")
        return self

    def values(self) -> Iterator[tuple[FaultKind, str]]:
        """Return every value with what it means."""
        lists = {
            FaultKind.NUMBER: self.number,
            FaultKind.TEXT: self.text,
            FaultKind.TEMPLATE: self.template,
            FaultKind.BALANCE: self.balance,
            FaultKind.ACCESS: self.access,
            FaultKind.BUSY: self.busy,
        }
        return ((kind, value) for kind, values in lists.items() for value in values)

    def check(self, answer: AnswerKind, success: Success, renew_on: list[str]) -> None:
        """Raise `ValueError` where the field is missing or too much, or where a value means two things."""
        named = [*(value for _, value in self.values()), *success.duplicate, *renew_on]
        if answer == "text" and self.field:
            raise ValueError("faults.field cannot be read from a text; the lists hold its beginnings")
        if answer != "text" and bool(named) != bool(self.field):
            raise ValueError("faults.field and the values that it may have belong together")
        good = success.fields.get(self.field)
        if good is not None and any(matches(value, good) or matches(good, value) for value in named):
            raise ValueError("faults: one value means success and a fault")
        duplicates = success.duplicate
        doubled = [kind for kind, value in self.values() if any(matches(value, one) for one in duplicates)]
        if doubled:
            raise ValueError(f"one value stands in success.duplicate and in faults.{doubled[0]}")


class Reports(Section):
    """What a delivery report says: which fields name the message, and which values of which fields tell its fate.

    Every field of a table must have one of its values.
    """

    message_id: str = ""
    carrier_id: str = ""
    delivered: dict[str, list[Value]] = {}
    failed: dict[str, list[Value]] = {}
    taken: dict[str, list[Value]] = {}

    @model_validator(mode="after")
    def _check_tables(self) -> Self:
        if not self.message_id and not self.carrier_id:
            raise ValueError("a report has to name its message: give message_id or carrier_id")
        if not self.delivered and not self.failed:
            raise ValueError("a report has to say something: give delivered or failed")
        tables = (self.delivered, self.failed, self.taken)
        if any(not values for table in tables for values in table.values()):
            raise ValueError("a field of a report needs at least one value")
        filled = [table for table in tables if table]
        if any(table in filled[:place] for place, table in enumerate(filled)):
            raise ValueError("delivered, failed and taken have to differ")
        return self
