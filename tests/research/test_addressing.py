"""A person's work address: which source is asked, what is done with a doubtful answer, and when nobody is asked."""

from collections.abc import Mapping
from typing import Any

from spadework.core.errors import ProviderUnavailable
from spadework.plug.provider import Found, NotFound, Outcome, Refused
from spadework.plug.questions import EmailFound, EmailVerdict, EmailVerdictStatus, FindEmail, Question
from spadework.research import addressing
from spadework.research.addressing import Addressing
from spadework.research.rules import contacts
from spadework.research.types.dossiers import Contact

ANA = FindEmail(domain="heron.example", full_name="Ana Sample", first_name="Ana", last_name="Sample")
ADDRESS = "ana.sample@heron.example"


class Sources:
    """A toolbox whose providers answer as told; `asked` lists who was asked what."""

    def __init__(self, answers: Mapping[str, Outcome | Exception]) -> None:
        self._answers = answers
        self.asked: list[str] = []

    async def ask(self, provider: str, question: Question) -> Outcome:
        self.asked.append(f"{provider} {question.capability}")
        answer = self._answers[provider]
        if isinstance(answer, Exception):
            raise answer
        return answer


def found(status: EmailVerdictStatus = "unknown") -> Found:
    return Found(EmailFound(email=ADDRESS, status=status))


def verdict(status: EmailVerdictStatus) -> Found:
    return Found(EmailVerdict(email=ADDRESS, status=status))


async def look(
    answers: Mapping[str, Any], *finders: str, verifier: str | None = None
) -> tuple[dict[str, Any], list[str]]:
    sources = Sources(answers)
    made = await Addressing(finders=finders, verifier=verifier).find(sources, ANA)  # type: ignore[arg-type]
    return made, sources.asked


async def test_the_first_address_that_passes_is_taken_and_nobody_else_is_asked() -> None:
    made, asked = await look({"a": found(), "check": verdict("valid"), "b": found()}, "a", "b", verifier="check")
    assert asked == ["a find_email", "check verify_email"]
    assert made == {
        "email": ADDRESS, "provider": "a", "status": "valid", "must_not_contact": False, "said": ["a: found, valid."]
    }  # fmt: skip


async def test_an_address_that_a_check_refuses_is_passed_over_for_the_next_source() -> None:
    made, asked = await look(
        {"a": found("valid"), "check": verdict("invalid"), "b": NotFound()}, "a", "b", verifier="check"
    )
    assert asked == ["a find_email", "check verify_email", "b find_email"]
    assert (made["email"], made["said"]) == (
        None, ["a: found an address that is not to be used (invalid).", "b: no match"]
    )  # fmt: skip


async def test_a_source_that_fails_is_passed_over_with_its_reason() -> None:
    made, _ = await look({"a": ProviderUnavailable("It is down."), "b": found("catch_all")}, "a", "b")
    assert (made["email"], made["status"]) == (ADDRESS, "catch_all")
    assert made["said"] == ["a: It is down.", "b: found, catch_all."]


async def test_a_person_who_asked_not_to_be_contacted_is_asked_about_nowhere_else() -> None:
    made, asked = await look({"a": Refused("do_not_contact", "The person objects."), "b": found()}, "a", "b")
    assert asked == ["a find_email"]
    assert (made["email"], made["must_not_contact"]) == (None, True)
    marked = contacts.with_address(
        Contact(index=1, first_name="Ana", last_name="Sample"), {"name": "Ana Sample", **made}
    )
    assert (marked.email, marked.problems) == (None, ("This person has asked not to be written to.",))


def test_an_address_found_for_somebody_else_changes_nothing() -> None:
    contact = Contact(index=1, first_name="Ben", last_name="Other")
    assert contacts.with_address(contact, {"name": "Ana Sample", "email": ADDRESS, "status": "valid"}) == contact


def test_nobody_is_asked_without_a_source_a_domain_or_certainty_who_it_is() -> None:
    person = {"name": "Ana Sample", "domain": "heron.example"}
    assert addressing.why_not(person, ["a"]) is None
    assert "Add a key" in str(addressing.why_not(person, []))
    assert "domain" in str(addressing.why_not({"name": "Ana Sample"}, ["a"]))
    assert "somebody else" in str(addressing.why_not({**person, "is_same_person": False}, ["a"]))
