"""Logs: one JSON line per event on standard error, with secrets cut out at the sink."""

import contextlib
import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

_SECRET_NAMES = re.compile(r"(?i)(api.?key|secret|token|password|authorization|cookie)")
_SECRET_SHAPES = re.compile(r"sw_[a-z]+_[A-Za-z0-9]+_[A-Za-z0-9]+|sk-[A-Za-z0-9_-]{8,}|(?<=://)[^/\s:@]+:[^@\s]+(?=@)")
_MAX_FIELD_CHARACTERS = 16_384


def redact(value: Any, *, name: str = "") -> Any:
    """The value with anything that looks like a secret replaced by `[redacted]`, at any depth."""
    if isinstance(value, dict):
        return {key: redact(item, name=str(key)) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [redact(item, name=name) for item in value]
    if name and _SECRET_NAMES.search(name) and value not in (None, ""):
        return "[redacted]"
    if isinstance(value, str):
        return _SECRET_SHAPES.sub("[redacted]", value)[:_MAX_FIELD_CHARACTERS]
    return value


def _redact_event(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {key: redact(item, name=key) for key, item in event.items()}


class _StandardError:
    """Writes to what is standard error at that moment; an event that cannot be written stops no work."""

    def __init__(self, *_: object) -> None:
        """Whoever asks for a logger may name it; the name goes nowhere."""

    def msg(self, message: str) -> None:
        # The reader of a pipe may be gone (OSError), the stream closed (ValueError) or never there (AttributeError).
        with contextlib.suppress(OSError, ValueError, AttributeError):
            sys.stderr.write(message + "\n")
            sys.stderr.flush()

    debug = info = warning = error = critical = exception = msg


def configure(*, level: str = "INFO") -> None:
    """Send structured, redacted events to standard error; safe to call again."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _redact_event,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=_StandardError,
        cache_logger_on_first_use=False,
    )
    logging.raiseExceptions = False  # the same for what libraries say
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
