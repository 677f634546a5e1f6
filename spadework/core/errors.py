"""Every error Spadework raises on purpose; the tree below is the whole of it.

SpadeworkError
├── InvalidInput            422  what was sent cannot be used
│   ├── UnknownReference         a name that is not there (a column, a model, a setting)
│   ├── CyclicReference          columns that depend on each other in a ring
│   ├── IncompleteRequest   400  a request that may spend came without its idempotency key
│   └── ContentChanged      409  what was approved is no longer what would happen
├── NotFound                404  no such thing, or not in this account
├── Conflict                409  somebody else got there first
├── SignInRequired          401  no session, or an expired one
├── Forbidden               403  signed in, but not allowed
├── TooFast                 429  a limit per time; says when to come back
├── OutOfBudget             402  the reservation does not fit; says what is missing
├── LimitReached            413  larger than we accept
├── Fenced                  409  another worker took this work over
├── ProviderError           502  a data vendor or language model answered badly
│   ├── ProviderRefused          bad key, forbidden
│   └── ProviderUnavailable 503  down, timed out, or answering nonsense
├── Unavailable             503  part of Spadework is not ready
│   ├── DatabaseUnavailable      Postgres cannot be reached or started
│   └── StorageFull         507  the disk is full
└── Misconfigured           500  a setting that cannot work; start-up stops
"""

from collections.abc import Mapping
from typing import Any, ClassVar


class SpadeworkError(Exception):
    """The root: a stable `code`, an HTTP `status`, whether a retry may help, and a sentence.

    The message says what happened and the next move. `details` is plain data for machines.
    """

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500
    may_retry: ClassVar[bool] = False

    def __init__(self, message: str, *, details: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.details = dict(details or {})


class InvalidInput(SpadeworkError):
    """What was sent cannot be used; nothing was changed."""

    code = "invalid_input"
    status = 422


class UnknownReference(InvalidInput):
    """A name that does not exist was used: a column in a prompt, a model, a setting."""

    code = "unknown_reference"


class CyclicReference(InvalidInput):
    """Columns depend on each other in a ring; the message names the ring."""

    code = "cyclic_reference"


class IncompleteRequest(InvalidInput):
    """A request that may spend or send came without the key that makes a repeat harmless; nothing was done."""

    code = "idempotency_key_required"
    status = 400


class ContentChanged(InvalidInput):
    """What was approved is no longer what would happen; show it again and ask again."""

    code = "content_changed"
    status = 409


class NotFound(SpadeworkError):
    """There is no such thing in this account; another account's things look the same."""

    code = "not_found"
    status = 404


class Conflict(SpadeworkError):
    """The thing is not in the state this needs, or somebody else got there first."""

    code = "conflict"
    status = 409


class SignInRequired(SpadeworkError):
    """There is no valid session or key on the request."""

    code = "sign_in_required"
    status = 401


class Forbidden(SpadeworkError):
    """The caller is known, but the role or the key's scope does not allow this."""

    code = "forbidden"
    status = 403


class TooFast(SpadeworkError):
    """A limit per time was reached; `details["retry_after_seconds"]` says when to come back."""

    code = "too_fast"
    status = 429
    may_retry = True


class OutOfBudget(SpadeworkError):
    """A reservation does not fit; `details` name the budget and the micro-dollars missing."""

    code = "out_of_budget"
    status = 402


class LimitReached(SpadeworkError):
    """The thing is larger than Spadework accepts; the message names the limit."""

    code = "limit_reached"
    status = 413


class Fenced(SpadeworkError):
    """Another worker has taken this run over; whatever this one still holds must not be written."""

    code = "fenced"
    status = 409


class Halted(SpadeworkError):
    """The run was stopped before this call left; nothing was sent and nothing is charged."""

    code = "halted"
    status = 409


class FateUnknown(SpadeworkError):
    """A paid call left and its end is not known; its money stays set aside until a person decides."""

    code = "fate_unknown"
    status = 409


class ProviderError(SpadeworkError):
    """A data vendor or a language model answered in a way that is not an answer."""

    code = "provider_error"
    status = 502


class ProviderRefused(ProviderError):
    """The vendor rejected the key or the plan; a person must act before a retry can help."""

    code = "provider_refused"


class ProviderUnavailable(ProviderError):
    """The vendor is down, timed out, or answered with something unreadable."""

    code = "provider_unavailable"
    status = 503
    may_retry = True


class Unavailable(SpadeworkError):
    """A part of Spadework is not ready; the same request may work shortly."""

    code = "unavailable"
    status = 503
    may_retry = True


class DatabaseUnavailable(Unavailable):
    """Postgres cannot be reached or started; the message says how to see why."""

    code = "database_unavailable"


class StorageFull(Unavailable):
    """The disk is full; nothing was lost, and work resumes once there is room."""

    code = "storage_full"
    status = 507


class Misconfigured(SpadeworkError):
    """A setting cannot work; start-up stops with the sentence that says which and why."""

    code = "misconfigured"
