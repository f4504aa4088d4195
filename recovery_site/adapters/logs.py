"""Structured logs: one event a line, in UTC, and nothing in them that opens a mailbox.

Tracebacks are printed without local variables, which would hold passwords and codes (OWASP ASVS 5.0 16.2.4, 16.2.5).
"""

import logging
import sys

import structlog
from structlog.typing import Processor


def configure(*, as_json: bool) -> None:
    """Send every log line to stderr: JSON for machines, or plain lines for a person at a terminal."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    endings: list[Processor] = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
        if as_json
        else [structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)]
    )
    structlog.configure(
        processors=[*shared, *endings],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
