"""The shape of a language model service: one file in `llms/` holds one subclass."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from spadework.plug.provider import KeyField


@dataclass(frozen=True, slots=True, kw_only=True)
class LlmModel:
    """One model and its price in micro-dollars per million tokens; None prices are unknown, not zero."""

    id: str
    label: str
    input_micro_usd_per_mtok: int | None
    output_micro_usd_per_mtok: int | None
    context_tokens: int = 128_000
    best_for: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LlmRequest:
    """One completion: instructions are ours, `prompt` holds the row's data as data.

    `output_schema` is a JSON Schema the reply must satisfy; None asks for free text.
    `max_tokens` bounds the reply and so the worst-case price; it is always sent.
    `max_cost_micro_usd` is what the asker allows for this one completion: a reservation above it is
    OutOfBudget. None leaves it to the budgets. `repairs_at_most` is how often a reply that does not
    satisfy the schema is given back before it is an error; askers that repair by themselves say 0.
    `purpose` says what asks, for scripted replies; it is never sent.
    """

    model: str
    system: str
    prompt: str
    output_schema: Mapping[str, Any] | None = None
    max_tokens: int = 1024
    temperature: float | None = None
    max_cost_micro_usd: int | None = None
    repairs_at_most: int = 2
    purpose: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LlmReply:
    """A reply and what it used. `parsed` satisfies the schema, or is None when none was given.

    `cost_micro_usd` is computed from the usage; None when the model's price is unknown.
    `attempts` counts schema repairs too, each of which was paid for and is inside the counts.
    """

    text: str
    parsed: Any = None
    input_tokens: int = 0
    output_tokens: int = 0
    cost_micro_usd: int | None = None
    attempts: int = 1
    model: str = ""
    stop_reason: str = ""
    raw: Mapping[str, Any] = field(default_factory=dict)
    is_simulated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LlmConnection:
    """Where and as whom: `base_url` None means the service's own; `features` come from `probe`."""

    base_url: str | None = None
    credentials: Mapping[str, str] = field(default_factory=dict)
    features: Mapping[str, Any] = field(default_factory=dict)
    timeout_seconds: float = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LlmProbe:
    """One line of *Test connection*: what was tried, whether it worked, what was seen."""

    name: str
    is_ok: bool
    detail: str


FEATURES = ("structured_output", "usage")
"""What a probe finds out for `LlmConnection.features`: how to ask for JSON, whether tokens are counted."""


def features_of(probes: Sequence[LlmProbe]) -> dict[str, str]:
    """The features to store with a connection after `probe`, such as {"structured_output": "tool"}."""
    return {each.name: each.detail for each in probes if each.is_ok and each.name in FEATURES}


@dataclass(frozen=True, slots=True, kw_only=True)
class RateHeadroom:
    """What a service said is left, read from its reply headers; None where it said nothing."""

    requests_left: int | None = None
    input_tokens_left: int | None = None
    output_tokens_left: int | None = None
    resets_in_seconds: float | None = None


class Llm(ABC):
    """A language model service. `key` equals the file's name.

    Errors are those of `core.errors`: TooFast (with retry_after_seconds), ProviderRefused (key or plan),
    ProviderUnavailable (`details["sent"]` False only when surely nothing left), InvalidInput (the reply
    never satisfied the schema; `details` hold the last text and the reasons). `departures.tell` is called
    with each request's body right before it leaves.
    """

    key: ClassVar[str]
    label: ClassVar[str]
    docs_url: ClassVar[str] = ""
    key_fields: ClassVar[Sequence[KeyField]] = ()
    models: ClassVar[Sequence[LlmModel]] = ()
    takes_base_url: ClassVar[bool] = False
    is_simulated: ClassVar[bool] = False

    @abstractmethod
    async def complete(self, request: LlmRequest, connection: LlmConnection) -> LlmReply:
        """One completion; validates against the schema and repairs at most twice."""

    @abstractmethod
    async def probe(self, connection: LlmConnection, *, model: str) -> list[LlmProbe]:
        """What this connection can do, found by trying; costs a few small calls."""

    def find_model(self, model: str) -> LlmModel | None:
        """The known model of that id, None for one we have no price of."""
        return next((each for each in self.models if each.id == model), None)
