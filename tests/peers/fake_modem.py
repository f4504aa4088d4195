"""A GSM modem on a pseudo-terminal, with a network behind it: what gammu-smsd's AT driver asks, and no more.

AT commands: 3GPP TS 27.005 and TS 27.007. PDUs: TS 23.040. The seven-bit alphabet: TS 23.038.
"""

import os
import pty
import select
import threading
import tty
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

SERVICE_CENTRE = "84980200030"

_ALPHABET = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = {10: "\f", 20: "^", 40: "{", 41: "}", 47: "\\", 60: "[", 61: "~", 62: "]", 64: "|", 101: "€"}
_ESCAPE = 27

_ANSWERS = {
    "AT+CGMI": "FAKE",
    "AT+CGMM": "FAKE-1",
    "AT+CGMR": "1.0",
    "AT+CGSN": "356938035643809",
    "AT+CIMI": "452011234567890",
    "AT+CPIN?": "+CPIN: READY",
    "AT+CSQ": "+CSQ: 20,0",
    "AT+CBC": "+CBC: 0,80",
    "AT+CREG?": '+CREG: 2,1,"1A2B","3C4D"',
    "AT+CGREG?": '+CGREG: 2,1,"1A2B","3C4D"',
    "AT+COPS?": '+COPS: 0,2,"45201"',
    "AT+CGATT?": "+CGATT: 1",
    "AT+CSCA?": f'+CSCA: "+{SERVICE_CENTRE}",145',
    "AT+CSCS?": '+CSCS: "GSM"',
    "AT+CSCS=?": '+CSCS: ("GSM","UCS2")',
    "AT+CMGF=?": "+CMGF: (0,1)",
    "AT+CPMS=?": '+CPMS: ("SM"),("SM"),("SM")',
    "AT+CNMI=?": "+CNMI: (0-2),(0-3),(0,2),(0-2),(0,1)",
}
_ACCEPTED = (
    "ATZ",
    "ATE",
    "AT+CFUN=",
    "AT+CMEE=",
    "AT+CMGF=",
    "AT+CSCS=",
    "AT+CNMI=",
    "AT+CREG=",
    "AT+CGREG=",
    "AT+CMMS=",
)


@dataclass(frozen=True)
class Submitted:
    """An SMS-SUBMIT as the network got it. `validity` is its TP-VP, None where the network decides."""

    number: str
    text: str
    reference: int
    wants_report: bool
    validity: int | None


class FakeModem:
    """A modem that answers from a thread of its own, at `device`, for the length of a `with` block."""

    def __init__(self) -> None:
        self.sent: list[Submitted] = []
        """What the network took, oldest first."""
        self.refusals: dict[str, str] = {}
        """What it says of a number (84…) instead, such as `+CMS ERROR: 38`."""
        self._master, self._slave = pty.openpty()
        tty.setraw(self._master)
        tty.setraw(self._slave)
        self.device = os.ttyname(self._slave)
        self._stored: dict[int, str] = {}
        self._awaits_pdu = False
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join()
        os.close(self._slave)
        os.close(self._master)

    def report(self, message: Submitted, status: int) -> None:
        """Receive an SMS-STATUS-REPORT. TP-Status: 0 delivered, 0x30 still trying, 0x46 expired, and the like."""
        moment = _time_stamp(datetime.now(UTC))
        number = f"{len(message.number):02X}91{_swapped(message.number)}"
        pdu = f"{_centre()}06{message.reference:02X}{number}{moment}{moment}{status:02X}"
        self._stored = {**self._stored, max(self._stored, default=0) + 1: pdu}

    def _serve(self) -> None:
        unread = b""
        while not self._stopped.is_set():
            if not select.select([self._master], [], [], 0.05)[0]:
                continue
            unread += os.read(self._master, 4096)
            while (end := unread.find(b"\x1a" if self._awaits_pdu else b"\r")) >= 0:
                line, unread = unread[:end].decode("ascii").strip("\x1b \r\n"), unread[end + 1 :]
                if self._awaits_pdu:
                    self._awaits_pdu = False
                    self._take(_submitted(bytes.fromhex(line), reference=len(self.sent) % 255 + 1))
                else:
                    os.write(self._master, f"{line}\r".encode())
                    self._answer(line)

    def _take(self, message: Submitted) -> None:
        if message.number in self.refusals:
            self._say(self.refusals[message.number])
        else:
            self.sent.append(message)
            self._say(f"+CMGS: {message.reference}", "", "OK")

    def _answer(self, command: str) -> None:
        used = len(self._stored)
        if command in _ANSWERS:
            self._say(_ANSWERS[command], "", "OK")
        elif command.startswith("AT+CMGS="):
            self._awaits_pdu = True
            os.write(self._master, b"\r\n> ")
        elif command.startswith("AT+CMGL="):
            listed = [(f"+CMGL: {place},0,,{_length(pdu)}", pdu) for place, pdu in self._stored.items()]
            self._say(*(line for entry in listed for line in entry), "", "OK")
        elif command.startswith("AT+CMGR="):
            pdu = self._stored[int(command.partition("=")[2])]
            self._say(f"+CMGR: 0,,{_length(pdu)}", pdu, "", "OK")
        elif command.startswith("AT+CMGD="):
            place = int(command.partition("=")[2].partition(",")[0])
            self._stored = {other: pdu for other, pdu in self._stored.items() if other != place}
            self._say("OK")
        elif command.startswith("AT+CPMS="):
            self._say(f"+CPMS: {used},20,{used},20,{used},20", "", "OK")
        elif command == "AT" or command.startswith(_ACCEPTED):
            self._say("OK")
        elif command:
            self._say("ERROR")

    def _say(self, *lines: str) -> None:
        os.write(self._master, ("\r\n" + "\r\n".join(lines) + "\r\n").encode())


def _submitted(pdu: bytes, reference: int) -> Submitted:
    first = 1 + pdu[0]  # behind the service centre's address
    flags, digits = pdu[first], pdu[first + 2]
    address = pdu[first + 4 : first + 4 + (digits + 1) // 2]
    rest = pdu[first + 6 + len(address) :]  # behind TP-PID and TP-DCS
    assert pdu[first + 5 + len(address)] == 0, "not in the seven-bit alphabet"
    has_validity = flags & 0x18 == 0x10
    validity = rest[0] if has_validity else None
    length, packed = rest[has_validity], rest[has_validity + 1 :]
    number = _swapped(address.hex())[:digits]
    return Submitted(number, _text(packed, length), reference, bool(flags & 0x20), validity)


def _text(packed: bytes, length: int) -> str:
    bits = int.from_bytes(packed, "little")
    septets = iter([bits >> 7 * place & 0x7F for place in range(length)])
    return "".join(_EXTENSION[next(septets)] if septet == _ESCAPE else _ALPHABET[septet] for septet in septets)


def _swapped(digits: str) -> str:
    """Return semi-octets: each pair of digits swapped, an odd one filled up with F."""
    even = digits + "F" * (len(digits) % 2)
    return "".join(even[place + 1] + even[place] for place in range(0, len(even), 2))


def _centre() -> str:
    number = _swapped(SERVICE_CENTRE)
    return f"{len(number) // 2 + 1:02X}91{number}"


def _time_stamp(moment: datetime) -> str:
    return _swapped(f"{moment:%y%m%d%H%M%S}") + "00"


def _length(pdu: str) -> int:
    """Return the octets of a PDU without the service centre's address, as AT commands count them."""
    return (len(pdu) - len(_centre())) // 2
