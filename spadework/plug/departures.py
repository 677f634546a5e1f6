"""Tells whoever asked to know what is about to leave for a language model: the exact bytes, before they do."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Listener = Callable[[bytes], Awaitable[None]]
_listener: ContextVar[Listener | None] = ContextVar("departures", default=None)


@contextmanager
def heard_by(listener: Listener) -> Iterator[None]:
    """Inside, and in tasks begun inside, `listener` is given each request's body; nothing leaves before it returns.

    What the listener raises keeps the request from leaving.
    """
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


def is_heard() -> bool:
    """Whether anybody listens, for whoever would make the body only to tell of it."""
    return _listener.get() is not None


async def tell(body: bytes) -> None:
    """Called by a language model service right before a request's body leaves; free when nobody listens."""
    listener = _listener.get()
    if listener is not None:
        await listener(body)
