"""Asks for one person's work address: source after source, until one gives an address that a check lets pass.

The part of `stepping` that knows e-mail addresses. An address belongs to its contact and is never a claim.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from spadework.core.errors import FateUnknown, LimitReached, ProviderError
from spadework.plug.provider import Found, Outcome, Refused
from spadework.plug.questions import EmailFound, EmailVerdict, FindEmail, Question, VerifyEmail
from spadework.plug.toolbox import Toolbox

_REFUSED = frozenset({"invalid", "do_not_mail"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressing:
    """Whom to ask: finders in their order, and who checks what they give; without `verifier` a finder's word counts."""

    finders: Sequence[str]
    verifier: str | None = None

    async def find(self, toolbox: Toolbox, asked: FindEmail) -> dict[str, Any]:
        """The address, who gave it, its status and what each source said, as plain data; `email` None: there is none.

        `must_not_contact` says that the person has asked a source not to be written to. A source that fails is
        passed over with its reason.

        Raises:
            OutOfBudget, Halted: from the door.
        """
        said: list[str] = []
        for finder in self.finders:
            outcome = await _ask(toolbox, finder, asked)
            if isinstance(outcome, Refused) and outcome.kind == "do_not_contact":
                said.append(f"{finder}: {outcome.message}")
                return _result(said, must_not_contact=True)
            if not isinstance(outcome, Found) or not isinstance(outcome.answer, EmailFound):
                said.append(f"{finder}: {_why(outcome)}")
                continue
            found = outcome.answer
            status = await self._status(toolbox, found)
            if status in _REFUSED:
                said.append(f"{finder}: found an address that is not to be used ({status}).")
                continue
            said.append(f"{finder}: found, {status}.")
            return _result(said, email=found.email, provider=finder, status=status)
        return _result(said)

    async def _status(self, toolbox: Toolbox, found: EmailFound) -> str:
        if self.verifier is None:
            return found.status
        outcome = await _ask(toolbox, self.verifier, VerifyEmail(email=found.email))
        if isinstance(outcome, Refused) and outcome.kind == "do_not_contact":
            return "do_not_mail"
        answer = outcome.answer if isinstance(outcome, Found) else None
        return answer.status if isinstance(answer, EmailVerdict) else found.status


def why_not(person: Mapping[str, Any], finders: Sequence[str]) -> str | None:
    """Why nobody is asked for the person's address; None when somebody can be."""
    if person.get("is_same_person") is False:
        return "The pages that were found are about somebody else of that name, so no address was bought."
    if question(person) is None:
        return "The domain of the person's company is not known, so there is nothing to ask with."
    if not finders:
        return "No source of work e-mail addresses is set up. Add a key for one in Settings › Keys."
    return None


def question(person: Mapping[str, Any]) -> FindEmail | None:
    """What is asked about the person; None when a name or a company's domain is missing."""
    name = str(person.get("name") or f"{person.get('first_name') or ''} {person.get('last_name') or ''}").strip()
    domain = str(person.get("email_domain") or person.get("domain") or "").strip()
    if not name or not domain:
        return None
    first, _, last = name.partition(" ")
    return FindEmail(
        domain=domain, full_name=name, first_name=str(person.get("first_name") or first),
        last_name=str(person.get("last_name") or last),
    )  # fmt: skip


async def _ask(
    toolbox: Toolbox, provider: str, asked: Question
) -> Outcome | ProviderError | FateUnknown | LimitReached:
    try:
        return await toolbox.ask(provider, asked)
    except (ProviderError, FateUnknown, LimitReached) as error:
        return error


def _why(outcome: object) -> str:
    for name in ("message", "reason"):
        if text := getattr(outcome, name, None):
            return str(text)
    return "no address."


def _result(
    said: Sequence[str], *, email: str | None = None, provider: str | None = None, status: str | None = None,
    must_not_contact: bool = False,
) -> dict[str, Any]:  # fmt: skip
    return {
        "email": email, "provider": provider, "status": status, "must_not_contact": must_not_contact,
        "said": list(said),
    }  # fmt: skip
