"""The threads of one process that send and keep up: woken at once by a new message, at rest otherwise."""

import threading
from collections.abc import Callable

import structlog

from recovery_site.flow.deliver import Deliver
from recovery_site.flow.reports import Reports
from recovery_site.flow.upkeep import Upkeep
from recovery_site.ports import Bell

LOOK_SECONDS = 1.0
"""How often one of the resting threads looks whether a retry is due or a lease has run out."""

COLLECT_SECONDS = 2.0
"""How often gateways that do not report by themselves are asked."""

UPKEEP_SECONDS = 60.0
"""How often first passwords, reminders and recoveries that ran out are looked at."""

_BELL_SECONDS = 1.0

log = structlog.get_logger()


class Dispatch:
    """Starts the threads and ends them, each after the message that it has in hand."""

    def __init__(self, deliver: Deliver, reports: Reports, bell: Bell, upkeep: Upkeep) -> None:
        self._deliver = deliver
        self._reports = reports
        self._bell = bell
        self._upkeep = upkeep
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Start sending."""
        others = [self._listen, self._collect, self._keep_up]
        jobs: list[Callable[[], None]] = [self._send] * self._deliver.workers + others
        self._threads = [
            threading.Thread(target=self._until_stopped, args=(job,), name=f"dispatch-{number}", daemon=True)
            for number, job in enumerate(jobs)
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End all threads."""
        self._stop.set()
        for _ in self._threads:
            self._deliver.wake()
        for thread in self._threads:
            thread.join()
        self._bell.close()

    def _until_stopped(self, job: Callable[[], None]) -> None:
        """Repeat a job; faults of the database are waited out, never died of."""
        while not self._stop.is_set():
            try:
                job()
            except Exception:
                log.exception("dispatcher_fault")
                self._stop.wait(LOOK_SECONDS)

    def _send(self) -> None:
        if not self._deliver.send_next() and not self._stop.is_set():
            # all of the resting threads together look once in LOOK_SECONDS
            self._deliver.rest(LOOK_SECONDS * self._deliver.workers)

    def _listen(self) -> None:
        if self._bell.wait(_BELL_SECONDS):
            self._deliver.wake()

    def _collect(self) -> None:
        self._reports.collect()
        self._stop.wait(COLLECT_SECONDS)

    def _keep_up(self) -> None:
        self._upkeep.sweep()
        self._stop.wait(UPKEEP_SECONDS)
