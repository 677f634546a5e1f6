"""The shape of a data source: one file in `providers/` holds one subclass, and nothing else is edited.

A provider turns a typed question into one HTTP request and any documented reply into a typed
outcome. It never sends, retries, charges or stores anything: the toolbox does, the same way for all.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import ClassVar, Literal

from spadework.core.http import HttpRequest, HttpResponse
from spadework.plug.questions import Answer, Question

CallClass = Literal["A", "B", "C"]
"""A: the vendor takes an idempotency key or can be looked up. B: paid, neither. C: free or read-only."""


@dataclass(frozen=True, slots=True)
class Found:
    """An answer. `charged_credits` overrides the capability's price when the reply says what it cost."""

    answer: Answer
    charged_credits: float | None = None


@dataclass(frozen=True, slots=True)
class NotFound:
    """The source looked and has nothing; not an error, and charged only if the capability says so."""

    reason: str = "no match"


@dataclass(frozen=True, slots=True)
class Pending:
    """The source is still working: send `poll` after `after_seconds`; polling is never charged.

    `task_id` is the source's own name for the work, "" where it has none.
    """

    poll: HttpRequest
    after_seconds: float = 5.0
    task_id: str = ""


RefusalKind = Literal[
    "bad_key", "out_of_credits", "rate_limited", "forbidden", "invalid_request", "do_not_contact",
    "vendor_down", "garbage",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Refused:
    """The source did not answer the question. Nothing was charged unless the vendor's page says so.

    `rate_limited` and `vendor_down` may be tried again after `retry_after_seconds`; `do_not_contact`
    means the person asked not to be processed; `garbage` is a reply nobody documented.
    """

    kind: RefusalKind
    message: str
    retry_after_seconds: float | None = None


Outcome = Found | NotFound | Pending | Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Capability:
    """One kind of question a provider answers, and what asking costs.

    `price_credits` is the most one question can cost, in the vendor's credits; it is reserved before
    the call and settled after. `call_class` decides what happens when a reply is lost.
    """

    question: type[Question]
    price_credits: float = 0.0
    is_miss_charged: bool = False
    call_class: CallClass = "C"
    needs: tuple[tuple[str, ...], ...] = ()
    """Any one of these groups of question fields must be filled, or the cell is `missing input`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyField:
    """One secret or setting a vendor needs, as Settings › Keys asks for it."""

    name: str
    label: str
    is_secret: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """The vendor's own limit; the toolbox stays below it."""

    requests: int
    per_seconds: float
    concurrency: int = 10


class Provider(ABC):
    """What every data source declares. `key` equals the file's name."""

    key: ClassVar[str]
    label: ClassVar[str]
    docs_url: ClassVar[str]
    capabilities: ClassVar[Sequence[Capability]]
    usd_per_credit: ClassVar[float] = 0.0
    key_fields: ClassVar[Sequence[KeyField]] = ()
    summary: ClassVar[str] = ""

    @classmethod
    def find_capability(cls, capability: str) -> Capability | None:
        """The capability of that key, None when this provider does not have it."""
        return _by_key(cls).get(capability)


@cache
def _by_key(provider: type[Provider]) -> Mapping[str, Capability]:
    # Asked for every cell; kept by provider, and not by what somebody asks for, of which there is no end.
    return {each.question.capability: each for each in provider.capabilities}


class HttpProvider(Provider):
    """A vendor behind HTTP. Both methods are pure; `interpret` takes any reply, however odd.

    An empty `base_url` says that questions name the address themselves; only public ones are called.
    """

    base_url: ClassVar[str]
    rate: ClassVar[Rate]
    idempotency_header: ClassVar[str | None] = None
    """Header in which the vendor takes an idempotency key, for class A calls."""
    is_slow: ClassVar[bool] = False
    """Whether `interpret` may take so long that it must run beside the event loop."""

    @abstractmethod
    def authorize(self, request: HttpRequest, credentials: Mapping[str, str]) -> HttpRequest:
        """The request with the key where this vendor wants it; `credentials` by KeyField name."""

    @abstractmethod
    def request(self, question: Question) -> HttpRequest:
        """The one request that asks the question, without credentials; URL starts with `base_url`.

        Raises:
            InvalidInput: this vendor cannot ask that; the message says which part to leave out.
        """

    @abstractmethod
    def interpret(self, request: HttpRequest, response: HttpResponse) -> Outcome:
        """The typed outcome of any reply to any request this vendor documents; never raises."""

    def interpret_webhook(self, request: HttpRequest) -> Outcome:
        """The typed outcome of what the vendor posts to us; never raises. Implement where it posts at all."""
        return Refused("invalid_request", f"{self.label} sends no results by itself. Check the address it was given.")


class LocalProvider(Provider):
    """A source inside the process: free, offline and instant."""

    @abstractmethod
    def answer(self, question: Question) -> Outcome:
        """The outcome, computed here; never raises on odd input."""
