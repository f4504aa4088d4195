"""Who takes what is no SMS: the mail server and the hooks, each one message at a time."""

import threading
from collections.abc import Callable, Mapping, Sequence

from recovery_site.domain.messages import Acceptance, Channel, FaultKind, Message
from recovery_site.flow.carriers import NotTaken, Taken
from recovery_site.flow.compose import Compose
from recovery_site.ports import GatewayFault, Hook, Mailer

TURN_SECONDS = 0.2
"""How long an urgent message waits for the one before it. Others wait in the queue: they must not hold up codes."""


class Receivers:
    """Hands messages over. Shared by all threads of a process."""

    def __init__(self, compose: Compose, mailer: Mailer | None, hooks: Mapping[Channel, Hook]) -> None:
        self._takers: dict[Channel, Callable[[Message], None]] = {
            channel: _teller(compose, hook) for channel, hook in hooks.items()
        }
        if mailer is not None:
            self._takers[Channel.MAIL] = _sender(compose, mailer)
        self._turns = {channel: threading.Lock() for channel in self._takers}

    @property
    def channels(self) -> Sequence[Channel]:
        """Return by what, besides SMS, a notice goes."""
        return sorted(self._takers)

    def hand_over(self, message: Message) -> Taken | NotTaken:
        """Give the message to the one that its channel names."""
        name = str(message.channel)
        taker = self._takers.get(message.channel)
        if taker is None:
            return NotTaken(f"{name}: is not in the settings any more", FaultKind.GONE)
        turn = self._turns[message.channel]
        if not turn.acquire(timeout=TURN_SECONDS if message.priority == 0 else 0):
            return NotTaken()
        try:
            taker(message)
        except GatewayFault as fault:
            # what a hook refuses today it may take tomorrow, when one of the two has been mended
            kind = fault.kind if message.channel is Channel.MAIL or fault.kind.is_passing else FaultKind.REFUSED
            return NotTaken(f"{name}: {fault}", kind)
        finally:
            turn.release()
        return Taken(name, Acceptance())


def _sender(compose: Compose, mailer: Mailer) -> Callable[[Message], None]:
    return lambda message: mailer.send(compose.letter(message))


def _teller(compose: Compose, hook: Hook) -> Callable[[Message], None]:
    return lambda message: hook.tell(compose.change(message))
