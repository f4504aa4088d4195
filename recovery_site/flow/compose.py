"""Composing: from a row of the outbox to the number, the text and the letter, made anew at every attempt.

The same row always gives the same text, so that a repeated one is recognised as the same message.
"""

from dataclasses import dataclass, field
from datetime import datetime

from recovery_site.domain.codes import derive_code
from recovery_site.domain.first_passwords import derive_first_password
from recovery_site.domain.keys import KeyRing, Label, UnknownKey
from recovery_site.domain.messages import Letter, Message, MessageKind, PasswordChange, Sms
from recovery_site.domain.people import PhoneNumber
from recovery_site.domain.secret import Secret
from recovery_site.domain.texts import Texts, alarm_text, changed_letter
from recovery_site.flow.numbers import find_phone
from recovery_site.ports import Directory


class Unsendable(Exception):
    """The message must not be sent any more: the number has gone, or the key of its code."""


@dataclass(frozen=True)
class Wording:
    """What the texts of the messages take from the settings."""

    digits: int
    host: str = ""
    contact_name: str = ""
    contact_phone: str = ""
    system_name: str = ""
    alarm_phone: PhoneNumber | None = None
    texts: Texts = field(default_factory=Texts)


class Compose:
    """Reads the directory; never inside a transaction."""

    def __init__(self, directory: Directory, keys: KeyRing, wording: Wording) -> None:
        self._directory = directory
        self._keys = keys
        self._wording = wording

    def number(self, message: Message) -> PhoneNumber:
        """Return the number, read anew from the directory: a number that was taken away gets nothing any more.

        Raises `Unsendable`, `DirectoryUnavailable`.
        """
        if message.kind is MessageKind.ALARM:
            if self._wording.alarm_phone is None:
                raise Unsendable("the settings give no number for alarms any more")
            return self._wording.alarm_phone
        account = self._directory.find(message.address)
        if message.kind is MessageKind.CODE and not (account and account.can_recover):
            raise Unsendable("the account cannot recover any more")
        phones = account.phones if account else ()
        found = find_phone(self._keys.subkeys(Label.PHONE), message.subject, phones, message.phone)
        if found is None:
            raise Unsendable("the number is no longer the account's")
        return found.number

    def sms(self, message: Message, now: datetime) -> Sms:
        """Return the SMS. Raises `Unsendable`."""
        texts, life = self._wording.texts, message.deadline - now
        if message.kind is MessageKind.PASSWORD_CHANGED:
            text = texts.of_change(
                at=message.created_at, contact=self._wording.contact_phone, reference=message.reference
            )
            return Sms(message.id, text, reference=message.reference, life=life)
        if message.kind is MessageKind.ALARM:
            return Sms(message.id, alarm_text(message.created_at), life=life)
        if message.kind is MessageKind.REMINDER:
            text = texts.of_reminder(account=message.address, ends_at=message.deadline, reference=message.reference)
            return Sms(message.id, text, reference=message.reference, life=life)
        if message.kind is MessageKind.FIRST_PASSWORD:
            text = texts.of_first_password(
                account=message.address,
                password=self._first_password(message),
                ends_at=message.deadline,
                reference=message.reference,
            )
            return Sms(message.id, text, reference=message.reference, life=life)
        code = self._code(message)
        text = texts.of_code(
            code=code,
            minutes=message.minutes,
            reference=message.reference,
            ordinal=message.ordinal,
            host=self._wording.host,
        )
        return Sms(message.id, text, code=code, minutes=message.minutes, reference=message.reference, life=life)

    def letter(self, message: Message) -> Letter:
        """Return the notice to the mailbox."""
        wording = self._wording
        subject, text = changed_letter(
            address=message.address,
            at=message.created_at,
            system_name=wording.system_name,
            contact=", ".join(filter(None, (wording.contact_name, wording.contact_phone))),
            reference=message.reference,
        )
        return Letter(message.id, message.address, subject, text)

    def change(self, message: Message) -> PasswordChange:
        """Return what the hooks are told."""
        return PasswordChange(message.id, message.address, message.created_at, message.reference)

    def _first_password(self, message: Message) -> Secret:
        key = self._key(Label.FIRST_PASSWORD, message)
        return derive_first_password(key, message.activation_id or "", message.generation)

    def _key(self, label: Label, message: Message) -> bytes:
        try:
            return self._keys.subkey(label, message.key_id)
        except UnknownKey as error:
            raise Unsendable("the key of its code was taken out") from error

    def _code(self, message: Message) -> Secret:
        key = self._key(Label.CODE, message)
        return derive_code(key, recovery_id=message.subject, generation=message.generation, digits=self._wording.digits)
