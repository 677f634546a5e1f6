"""Which of our errors a failed call to a language model is, and what the person should do about it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from spadework.core.errors import InvalidInput, ProviderRefused, ProviderUnavailable, SpadeworkError, TooFast

_LONGEST_QUOTE = 500
# Their adapters know OpenAI's and Anthropic's wordings; compatible servers and proxies in front of
# Claude use these (seen in vLLM, llama.cpp and LiteLLM, 2026-11).
_CREDIT_WORDS = (
    "credit balance",
    "insufficient_quota",
    "insufficient balance",
    "exceeded your current quota",
)
_LENGTH_WORDS = ("prompt is too long", "context length", "context window", "context size", "maximum context")


@contextmanager
def translated(service: str, timeout_seconds: float) -> Iterator[None]:
    """Whatever the SDKs raise inside becomes an error of `core.errors` with `details["sent"]`.

    Raises:
        TooFast: throttled; `details["retry_after_seconds"]` is the service's own wish, None without one.
        ProviderRefused: bad key, forbidden, out of credits, or no such model; a person must act.
        ProviderUnavailable: down, overloaded, timed out, dropped or unreadable; may be tried again.
        InvalidInput: the request itself was rejected, such as one longer than the model's context.
    """
    from pydantic_ai.exceptions import AgentRunError, UserError

    try:
        yield
    except TimeoutError as error:
        raise ProviderUnavailable(
            f"{service} did not answer within {timeout_seconds:g} s. Try again; if it persists, raise the time-out.",
            details={"sent": True, "reason": "timeout"},
        ) from error
    except AgentRunError as error:
        raise _find_ours(error) or _translate(service, error) from error
    except (UserError, AssertionError, ValueError) as error:
        # The last two are how pydantic-ai's schema transformers meet a keyword they do not know.
        was_sent = not isinstance(error, UserError)
        raise InvalidInput(
            f"{service} cannot be asked this way: {error}. Simplify the output fields.",
            details={"sent": was_sent, "reason": "rejected"},
        ) from error


def _find_ours(error: BaseException) -> SpadeworkError | None:
    """Our own refusal, such as of the address, that the layers between have wrapped; None when it is theirs."""
    cause = error.__cause__ or error.__context__
    while cause is not None and not isinstance(cause, SpadeworkError):
        cause = cause.__cause__ or cause.__context__
    return cause


def _translate(service: str, error: Exception) -> SpadeworkError:
    from pydantic_ai import exceptions as theirs

    said = quote(error)
    details: dict[str, Any] = {"sent": True, "said": said, "status": getattr(error, "status_code", None)}
    if isinstance(error, theirs.ModelQuotaExceededError) or _mentions(said, _CREDIT_WORDS):
        return ProviderRefused(
            f"{service} says the account is out of credits. Add credits there, or choose another model.",
            details=details | {"reason": "out_of_credits"},
        )
    if isinstance(error, theirs.ModelRateLimitError):
        after = error.retry_after
        when = f"in {after:g} s" if after is not None else "shortly"
        return TooFast(
            f"{service} is limiting the rate. The call may be repeated {when}.",
            details=details | {"retry_after_seconds": after},
        )
    if isinstance(error, theirs.ModelRequestRejectedError):
        return _rejected(service, error, details)
    if isinstance(error, theirs.ModelConnectionError):
        return _unreachable(service, error, details)
    return ProviderUnavailable(
        f"{service} failed or sent something unreadable: {said} Try again later.",
        details=details | {"reason": "failed", "retry_after_seconds": getattr(error, "retry_after", None)},
    )


def _rejected(service: str, error: Exception, details: Mapping[str, Any]) -> SpadeworkError:
    from pydantic_ai import exceptions as theirs

    said = details["said"]
    if isinstance(error, theirs.ModelAuthenticationError):
        return ProviderRefused(
            f"{service} rejected the key, or the key may not use this model. Replace it in Settings › Keys.",
            details={**details, "reason": "bad_key"},
        )
    if isinstance(error, theirs.ModelNotFoundError):
        return ProviderRefused(
            f"{service} does not know this model or address: {said} Choose another model in Settings.",
            details={**details, "reason": "unknown_model"},
        )
    if isinstance(error, theirs.ModelContextWindowExceededError) or _mentions(said, _LENGTH_WORDS):
        return InvalidInput(
            f"The prompt with this row's data is longer than {service}'s model accepts. "
            "Shorten the prompt, use fewer columns, or choose a model with a larger context.",
            details={**details, "reason": "context_too_long"},
        )
    return InvalidInput(
        f"{service} rejected the request: {said} Change the column's settings.",
        details={**details, "reason": "rejected"},
    )


def _unreachable(service: str, error: Exception, details: Mapping[str, Any]) -> ProviderUnavailable:
    from pydantic_ai import exceptions as theirs

    # Only these two stages are surely before the first byte of the request.
    was_sent = getattr(error, "phase", None) not in ("connect", "pool")
    is_timeout = isinstance(error, theirs.ModelTimeoutError)
    what = "did not answer in time" if is_timeout else "dropped the connection"
    return ProviderUnavailable(
        f"{service} {what if was_sent else 'could not be reached'}. "
        "Try again; if it persists, check the address in Settings and the network.",
        details={**details, "sent": was_sent, "reason": "timeout" if is_timeout else "connection"},
    )


def quote(error: Exception) -> str:
    """What the service itself said, in one line and at most 500 characters."""
    body = getattr(error, "body", None)
    if isinstance(body, Mapping):
        inner = body.get("error", body)
        body = inner.get("message") if isinstance(inner, Mapping) else inner
    text = " ".join(str(body or error).split())
    return text if len(text) <= _LONGEST_QUOTE else text[: _LONGEST_QUOTE - 1] + "…"


def _mentions(text: str, words: tuple[str, ...]) -> bool:
    lowered = text.lower()
    return any(word in lowered for word in words)
