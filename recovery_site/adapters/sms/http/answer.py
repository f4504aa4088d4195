"""What a carrier's answer means: accepted, or which fault. The carrier's own words are never repeated."""

import json
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import fromstring

from recovery_site.adapters.http.exchange import Answer
from recovery_site.domain.messages import Acceptance, FaultKind
from recovery_site.ports import GatewayFault
from recovery_site.settings.gateways.http import HttpGateway as HttpGatewaySettings
from recovery_site.settings.gateways.http_answer import AnswerKind, matches

LONGEST_ID = 128

_CODE = re.compile(r"[A-Za-z0-9_-]{1,20}")
_ID = re.compile(rf"[!-~]{{1,{LONGEST_ID}}}")

_OF_STATUS = {
    401: FaultKind.ACCESS,
    402: FaultKind.BALANCE,
    403: FaultKind.ACCESS,
    407: FaultKind.ACCESS,
    429: FaultKind.BUSY,
    503: FaultKind.BUSY,
}


def fault_of_status(status: int) -> GatewayFault:
    """Return what a status says that is not one of success (RFC 9110 section 15)."""
    if 300 <= status < 400:
        return GatewayFault(f"status {status}: redirects are not followed", FaultKind.ANSWER)
    return GatewayFault(f"status {status}", _OF_STATUS.get(status, FaultKind.REFUSED))


def clean_id(value: str) -> str:
    """Return the id of a message, '' where it cannot be one."""
    return value if _ID.fullmatch(value) else ""


def json_field(document: Any, path: str) -> str:
    """Return a field of a JSON document by its dotted path, numbers in it being places in a list; '' if none.

    Numbers and truth are written as JSON writes them.
    """
    for part in path.split("."):
        if isinstance(document, dict):
            document = document.get(part)
        elif isinstance(document, list) and part.isdecimal() and int(part) < len(document):
            document = document[int(part)]
        else:
            return ""
    if document is None:
        return ""
    return document if isinstance(document, str) else json.dumps(document)


def read_json(body: bytes) -> Any:
    """Return the document; raises `GatewayFault`."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise GatewayFault("the answer is not JSON", FaultKind.ANSWER) from None


@dataclass(frozen=True)
class Reading:
    """An answer whose fields can be asked for; `field` raises `GatewayFault` where the body is not of its kind."""

    status: int
    field: Callable[[str], str] = field(repr=False)


def read(answer: Answer, kind: AnswerKind) -> Reading:
    """Return the answer, its body still unread: many carriers put nothing into it."""

    def field_of_json(path: str) -> str:
        return json_field(read_json(answer.body), path)

    def field_of_xml(path: str) -> str:
        return _xml_field(_read_xml(answer.body), path)

    def whole_text(_: str) -> str:
        return answer.body.decode("utf-8", "replace").strip()

    return Reading(answer.status, {"json": field_of_json, "xml": field_of_xml, "text": whole_text}[kind])


class Judge:
    """Says what an answer means, by the tables `success` and `faults`."""

    def __init__(self, settings: HttpGatewaySettings) -> None:
        self._success = settings.success
        self._faults = settings.faults
        self._renew_on = settings.token.renew_on if settings.token else []

    def wants_new_token(self, reading: Reading) -> bool:
        """True where the token is what the carrier does not like."""
        return reading.status == 401 or _is_one(self._code(reading), self._renew_on)

    def accept(self, reading: Reading, secrets: Collection[str]) -> Acceptance:
        """Return the acceptance, or raise the `GatewayFault` that the answer tells of.

        A value of the answer in which one of the `secrets` stands is not repeated.
        """
        code = self._code(reading)
        if not _is_one(code, self._success.duplicate):
            self._check_faults(code)
            if reading.status not in self._success.status:
                raise fault_of_status(reading.status)
            self._check_success(reading, secrets)
        return Acceptance(clean_id(reading.field(self._success.id)) if self._success.id else "")

    def _code(self, reading: Reading) -> str:
        """Return the field of `faults`, '' where there is none: an error's page is often not of the promised kind."""
        try:
            return reading.field(self._faults.field)
        except GatewayFault:
            return ""

    def _check_faults(self, code: str) -> None:
        for kind, value in self._faults.values():
            if matches(value, code):
                # the settings' value, and not the carrier's: that may go on with a number
                raise GatewayFault(f"{self._faults.field or 'the answer'} is {value}", kind)

    def _check_success(self, reading: Reading, secrets: Collection[str]) -> None:
        for name, wanted in self._success.fields.items():
            value = reading.field(name)
            if matches(wanted, value):
                continue
            said = name or "the answer"
            if not value:
                raise GatewayFault(f"{said} is missing", FaultKind.ANSWER)
            if _CODE.fullmatch(value) and not any(secret in value for secret in secrets):
                raise GatewayFault(f"{said} is {value}", FaultKind.REFUSED)
            raise GatewayFault(f"{said} is not {wanted}", FaultKind.REFUSED)


def _is_one(code: str, values: Collection[str]) -> bool:
    return any(matches(value, code) for value in values)


def _read_xml(body: bytes) -> Element:
    try:
        return fromstring(body, forbid_dtd=True)
    except (SyntaxError, ValueError, LookupError):
        raise GatewayFault("the answer is not XML", FaultKind.ANSWER) from None


def _xml_field(root: Element, path: str) -> str:
    """Return the text of the first element with this dotted path, at whatever depth; namespaces are ignored."""
    names = path.split(".")
    for start in root.iter():
        found: Element | None = start if _name(start) == names[0] else None
        for name in names[1:]:
            found = next((child for child in found if _name(child) == name), None) if found is not None else None
        if found is not None:
            return (found.text or "").strip()
    return ""


def _name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]
