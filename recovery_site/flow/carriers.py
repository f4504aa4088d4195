"""The gateways in their order: each with so many hands, and a breaker for when it only fails."""

from collections.abc import Collection, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field

import structlog

from recovery_site.domain.breaker import Breaker
from recovery_site.domain.messages import Acceptance, FaultKind, Sms
from recovery_site.domain.people import PhoneNumber
from recovery_site.ports import Clock, GatewayFault, SmsGateway

PARALLEL = 4
"""How many messages one gateway gets at one time, where nothing else is said."""

SLOT_SECONDS = 2.0
"""How long a message waits for one of a gateway's hands before the next gateway is asked."""

_RESTS = GatewayFault("left alone for a while", FaultKind.BUSY)

log = structlog.get_logger()


@dataclass(frozen=True)
class Taken:
    """A gateway accepted the message."""

    gateway: str
    acceptance: Acceptance


@dataclass(frozen=True)
class NotTaken:
    """No gateway accepted it. Without a kind none was asked: all had their hands full.

    `refused_by` are the gateways that will not take this message later either.
    """

    reason: str = ""
    kind: FaultKind | None = None
    refused_by: frozenset[str] = frozenset()
    rested: bool = False
    """No gateway was asked, because those that are left rest: that is no failure of this message."""


@dataclass(frozen=True)
class _Lane:
    name: str
    gateway: SmsGateway
    hands: ThreadPoolExecutor
    """Threads that only send: each goes on to the next message at once, and nobody needs to be woken in between."""
    breaker: Breaker = field(default_factory=Breaker)


class Carriers:
    """Hands messages over, with failover. Shared by all threads of a process."""

    def __init__(
        self, gateways: Mapping[str, SmsGateway], clock: Clock, parallel: Mapping[str, int] | None = None
    ) -> None:
        hands = {name: (parallel or {}).get(name, PARALLEL) for name in gateways}
        self._lanes = [
            _Lane(name, gateway, ThreadPoolExecutor(hands[name], f"send-{name}")) for name, gateway in gateways.items()
        ]
        self._clock = clock
        self.hands = sum(hands.values())

    @property
    def names(self) -> list[str]:
        """The gateways' names, in their order."""
        return [lane.name for lane in self._lanes]

    def gateway(self, name: str | None) -> SmsGateway | None:
        """Return a gateway; None where the settings have no such one (any more)."""
        return next((lane.gateway for lane in self._lanes if lane.name == name), None)

    def others(self, passed_over: Collection[str]) -> bool:
        """Return whether there is a gateway that is not in `passed_over`."""
        return any(name not in passed_over for name in self.names)

    def hand_over(self, number: PhoneNumber, sms: Sms, passed_over: Collection[str]) -> Taken | NotTaken:
        """Give the message to the first gateway that takes it."""
        faults: list[tuple[str, GatewayFault]] = []
        crowded = False
        for lane in self._lanes:
            if lane.name in passed_over:
                continue
            if not lane.breaker.admits(self._clock.now()):
                faults.append((lane.name, _RESTS))
                continue
            sending = lane.hands.submit(lane.gateway.send, number, sms)
            if not _is_taken_up(sending):
                crowded = True
                continue
            try:
                acceptance = sending.result()
            except GatewayFault as fault:
                self._failed(lane, fault)
                faults.append((lane.name, fault))
            else:
                lane.breaker.succeeded()
                return Taken(lane.name, acceptance)
        return _not_taken(faults, crowded=crowded)

    def _failed(self, lane: _Lane, fault: GatewayFault) -> None:
        if not fault.kind.blames_gateway:
            lane.breaker.succeeded()
        elif lane.breaker.failed(self._clock.now(), at_once=not fault.kind.is_passing):
            log.error("gateway_opened", gateway=lane.name, fault=str(fault), kind=fault.kind)


def _is_taken_up(sending: Future[Acceptance]) -> bool:
    """Return whether a hand began with the message in time; one that none began with is taken back."""
    wait([sending], SLOT_SECONDS)
    return not sending.cancel()


def _not_taken(faults: list[tuple[str, GatewayFault]], *, crowded: bool) -> NotTaken:
    if not faults:
        return NotTaken()
    # a fault that may pass keeps the message alive, whatever the other gateways said; so does one that was not asked
    passing = [fault.kind for _, fault in faults if fault.kind.is_passing] + [FaultKind.BUSY] * crowded
    return NotTaken(
        reason="; ".join(f"{name}: {fault}" for name, fault in faults),
        kind=passing[-1] if passing else faults[-1][1].kind,
        refused_by=frozenset(name for name, fault in faults if not fault.kind.is_passing),
        rested=all(fault is _RESTS for _, fault in faults),
    )
