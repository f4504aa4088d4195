"""The chain of the record: whoever removes, changes or swaps a row, and has not the key, is found out.

Each row carries `link`, a hash of what it says and of the row before, and `seal`, that link under the server's key.
What is personal stands behind a salted digest: with the salt gone it can be erased, and the chain still holds. The ends
of the chain are sealed, too, so that nothing can be cut off. Source: Schneier and Kelsey, Secure Audit Logs, 1999.
"""

import hmac
import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC
from enum import StrEnum
from hashlib import sha256

from recovery_site.domain.audit import Event, EventKind
from recovery_site.domain.keys import KeyRing, Label, UnknownKey

NO_LINK = ""
"""The link before the first row."""

BROKEN = "broken"
"""The seal of a chain that was found broken while it was written on: no key makes it, so it stays found."""


@dataclass(frozen=True)
class Entry:
    """A row: an event at its place. `salt` is '' where the event's personal data was erased."""

    position: int
    event: Event
    salt: str
    personal: str
    link: str
    key_id: str
    seal: str


@dataclass(frozen=True)
class Chain:
    """Both ends: `base` is the last row that was shortened away, `head` the newest one."""

    base_position: int = 0
    base_link: str = NO_LINK
    head_position: int = 0
    head_link: str = NO_LINK
    key_id: str = ""
    seal: str = ""

    @property
    def head(self) -> str:
        """The newest row as an auditor notes it: its position and its link."""
        return f"{self.head_position}:{self.head_link}"


class Fault(StrEnum):
    """What may be wrong with a record."""

    REMOVED = "is missing"
    CHANGED = "was changed, or stands in another's place"
    NOT_OURS = "was not written by this site: its seal does not fit"
    ERASED = "has lost its personal data, and no erasure is on the record"
    ADDED = "stands outside of the chain"
    ENDS = "the seal of the chain's ends does not fit: rows may have been cut off"
    UNSEEN = "does not have the link that was noted down"


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, from one row to another; both are 0 where it is the chain's ends."""

    position: int
    fault: Fault
    last: int


@dataclass
class Verdict:
    """What verifying found. `unsealed` rows were written under keys that are gone: their links hold them alone."""

    rows: int = 0
    erased: int = 0
    unsealed: int = 0
    findings: list[Finding] = field(default_factory=list)


class Seals:
    """Makes and checks seals with the subkey for the record of every key of the ring."""

    def __init__(self, keys: KeyRing) -> None:
        self._keys = keys
        self._subkeys: dict[str, bytes] = {}

    @property
    def key_id(self) -> str:
        """The name of the key that seals now."""
        return self._keys.newest_id

    def entry(self, previous: str, position: int, event: Event, salt: str) -> Entry:
        """Return the row of an event that follows the row with the link `previous`."""
        personal = personal_digest(event, salt)
        link = link_of(previous, position, event, personal)
        return Entry(position, event, salt, personal, link, self.key_id, self._row(self.key_id, position, link))

    def sealed(self, chain: Chain) -> Chain:
        """Return the chain with its ends under the newest key."""
        named = replace(chain, key_id=self.key_id)
        return replace(named, seal=self._ends(named))

    def hold(self, chain: Chain) -> bool:
        """Return whether the ends are as the site left them; nobody can tell where their key is gone."""
        try:
            return hmac.compare_digest(self._ends(chain), chain.seal)
        except UnknownKey:
            return False

    def holds_row(self, entry: Entry) -> bool:
        """Return whether the site wrote the row. Raises `UnknownKey`."""
        return hmac.compare_digest(self._row(entry.key_id, entry.position, entry.link), entry.seal)

    def subject_names(self, address: str) -> list[str]:
        """Return what stands for a typed name in the record, under every key, the newest first; '' has no name."""
        keys = self._keys.subkeys(Label.AUDIT_SUBJECT) if address else []
        return [f"~{hmac.new(key, address.encode(), sha256).hexdigest()[:32]}" for key in keys]

    def subject_id(self, address: str) -> str:
        """Return what tells accounts apart outside, the same for a typed name: it says nothing about the account."""
        return address if address.startswith("~") else next(iter(self.subject_names(address)), "")

    def _row(self, key_id: str, position: int, link: str) -> str:
        return self._seal(key_id, "row", position, link)

    def _ends(self, chain: Chain) -> str:
        ends = (chain.base_position, chain.base_link, chain.head_position, chain.head_link)
        return self._seal(chain.key_id, "ends", *ends)

    def _seal(self, key_id: str, *parts: str | int) -> str:
        if key_id not in self._subkeys:
            self._subkeys[key_id] = self._keys.subkey(Label.AUDIT, key_id)
        return hmac.new(self._subkeys[key_id], _canonical(*parts), sha256).hexdigest()


def personal_digest(event: Event, salt: str) -> str:
    """Return what stands in the chain for whom it was about; tells nothing without the salt."""
    return hmac.new(salt.encode(), _canonical(event.address, event.detail, event.client), sha256).hexdigest()


def link_of(previous: str, position: int, event: Event, personal: str) -> str:
    """Return the hash of a row and, through `previous`, of every row before it."""
    at = event.at.astimezone(UTC).isoformat(timespec="microseconds")
    said = _canonical(previous, position, at, event.kind, event.actor, event.reference, personal)
    return sha256(said).hexdigest()


def said_of_erasure(positions: Collection[int]) -> list[str]:
    """Return the details of the events that tell which rows were erased, like "4 9-12 30", each of a fitting length."""
    ranges: list[list[int]] = []
    for position in sorted(positions):
        if ranges and ranges[-1][1] == position - 1:
            ranges[-1][1] = position
        else:
            ranges.append([position, position])
    details = [""]
    for first, last in ranges:
        text = str(first) if first == last else f"{first}-{last}"
        if len(details[-1]) + len(text) > 380:
            details.append("")
        details[-1] = f"{details[-1]} {text}".strip()
    return [detail for detail in details if detail]


def read_erasure(detail: str) -> list[tuple[int, int]]:
    """Return the first and the last position of each range that an erasure names."""
    parts = (part.partition("-") for part in detail.split())
    return [(int(first), int(last or first)) for first, _, last in parts if (first + last).isdecimal()]


class Verifier:
    """Goes along a chain, row by row in the order of their positions, and notes what is wrong.

    `noted` is a head that somebody wrote down earlier, like "1234:5f3a…": the record must still have it.
    """

    def __init__(self, chain: Chain, seals: Seals, noted: str = "") -> None:
        self.verdict = Verdict()
        self._chain = chain
        self._seals = seals
        self._position, self._link = chain.base_position, chain.base_link
        self._erased: list[int] = []
        self._erasures: list[tuple[int, int]] = []
        position, _, self._noted_link = noted.partition(":")
        self._noted = int(position) if position.isdecimal() else 0
        self._seen = self._noted <= chain.base_position
        if not seals.hold(chain):
            self._note(0, Fault.ENDS)

    def see(self, entry: Entry) -> None:
        """Judge the next row."""
        self.verdict.rows += 1
        if not self._chain.base_position < entry.position <= self._chain.head_position:
            self._note(entry.position, Fault.ADDED)
            return
        follows = entry.position == self._position + 1
        if not follows:
            self._note(self._position + 1, Fault.REMOVED, entry.position - 1)
        link = link_of(self._link, entry.position, entry.event, entry.personal)
        sealed = self._is_sealed(entry)
        # after a gap nobody knows the row before: the row's own seal is all that speaks for it
        if not sealed:
            self._note(entry.position, Fault.NOT_OURS)
        elif (follows and link != entry.link) or not _says_what_it_said(entry):
            self._note(entry.position, Fault.CHANGED)
        self._position, self._link = entry.position, entry.link if sealed else link
        if entry.position == self._noted:
            self._seen = entry.link == self._noted_link
        if not entry.salt:
            self._erased.append(entry.position)
        if entry.event.kind is EventKind.DATA_ERASED:
            self._erasures += read_erasure(entry.event.detail)

    def end(self) -> Verdict:
        """Return the verdict, once every row was seen."""
        chain = self._chain
        if self._position != chain.head_position:
            self._note(self._position + 1, Fault.REMOVED, chain.head_position)
        elif self._link != chain.head_link:
            self._note(chain.head_position, Fault.CHANGED)
        for position in self._erased:
            if not any(first <= position <= last for first, last in self._erasures):
                self._note(position, Fault.ERASED)
        if not self._seen:
            self._note(self._noted, Fault.UNSEEN)
        self.verdict.erased = len(self._erased)
        return self.verdict

    def _is_sealed(self, entry: Entry) -> bool:
        try:
            return self._seals.holds_row(entry)
        except UnknownKey:
            self.verdict.unsealed += 1
            return True

    def _note(self, position: int, fault: Fault, last: int = 0) -> None:
        self.verdict.findings.append(Finding(position, fault, last or position))


def verify(entries: Iterable[Entry], chain: Chain, seals: Seals, noted: str = "") -> Verdict:
    """Return what is wrong with a record, whose entries come in the order of their positions."""
    verifier = Verifier(chain, seals, noted)
    for entry in entries:
        verifier.see(entry)
    return verifier.end()


def _says_what_it_said(entry: Entry) -> bool:
    if entry.salt:
        return hmac.compare_digest(personal_digest(entry.event, entry.salt), entry.personal)
    return not (entry.event.address or entry.event.detail or entry.event.client)


def _canonical(*parts: str | int) -> bytes:
    """Return the parts so that no two lists of parts are the same bytes."""
    return json.dumps(parts, ensure_ascii=True, separators=(",", ":")).encode()
