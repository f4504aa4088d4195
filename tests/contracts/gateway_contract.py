"""What every SMS gateway keeps to, proved over a real peer of each: a carrier, a Kannel, a modem.

A test module of an adapter has `class TestTheContract(GatewayContract)` and a fixture `peer`.
"""

import logging
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

import pytest

from recovery_site.domain.messages import FaultKind, Sms
from recovery_site.domain.people import read_number
from recovery_site.domain.secret import Secret
from recovery_site.domain.texts import Texts
from recovery_site.ports import GatewayFault, SmsGateway

NUMBER = read_number("0393070121")
CODE = "481516"
HOST = "quenmatkhau.soctrang.gov.vn"
TEXT = Texts().of_code(code=Secret(CODE), minutes=10, reference="K7F3-QX2M", ordinal=2, host=HOST)


class Peer(Protocol):
    """A gateway with what stands behind it: a real server that the tests started."""

    gateway: SmsGateway
    secrets: tuple[str, ...]
    """What the settings hold that no fault and no log line may tell."""

    def received(self, count: int) -> list[tuple[str, str]]:
        """Wait until the network has `count` messages; return the number (84…) and the text of all it has."""
        ...

    def go_away(self) -> None:
        """Stop the server: nothing listens any more."""
        ...


def sms(message_id: str = "4zV-kE_9", text: Secret = TEXT) -> Sms:
    return Sms(message_id, text, code=Secret(CODE), minutes=10, reference="K7F3-QX2M")


class GatewayContract:
    """The suite; `peer` comes from the module that derives from it."""

    def test_an_accepted_message_reaches_its_number_unchanged_and_once(self, peer: Peer) -> None:
        peer.gateway.send(NUMBER, sms())
        assert peer.received(1) == [("84393070121", TEXT.reveal())]

    def test_every_character_of_the_alphabet_arrives(self, peer: Peer) -> None:
        text = "Ma: 000000 @£$¥ èéùìò !\"#%&'()*+,-./ 0189:;<=>? AZaz {[~]}|^€\\\n@host #000000"
        peer.gateway.send(NUMBER, sms(text=Secret(text)))
        assert peer.received(1) == [("84393070121", text)]

    def test_messages_of_several_threads_all_arrive(self, peer: Peer) -> None:
        texts = [f"Ma so {number}" for number in range(12)]
        with ThreadPoolExecutor(4) as threads:
            for text in texts:
                threads.submit(peer.gateway.send, NUMBER, sms(f"id-{text}", Secret(text)))
        assert sorted(text for _, text in peer.received(len(texts))) == sorted(texts)

    def test_a_gateway_that_is_there_passes_the_check(self, peer: Peer) -> None:
        peer.gateway.check()
        assert peer.received(0) == []

    def test_a_gateway_that_went_away_is_a_passing_fault_of_its_own(self, peer: Peer) -> None:
        peer.go_away()
        with pytest.raises(GatewayFault) as fault:
            peer.gateway.send(NUMBER, sms())
        assert fault.value.kind is FaultKind.UNREACHABLE
        with pytest.raises(GatewayFault):
            peer.gateway.check()

    def test_neither_a_fault_nor_a_log_line_tells_a_secret(self, peer: Peer, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG)
        peer.gateway.send(NUMBER, sms())
        peer.received(1)
        peer.go_away()
        with pytest.raises(GatewayFault) as fault:
            peer.gateway.send(NUMBER, sms("another"))
        told = caplog.text + str(fault.value) + repr(fault.value)
        for secret in (CODE, "393070121", TEXT.reveal(), *peer.secrets):
            assert secret not in told
