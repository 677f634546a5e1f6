"""Contacts: matched by index, each once, one primary, copy within its limits."""

from typing import Any

import pytest

from spadework.research.rules import contacts, people
from spadework.research.types.dossiers import Contact

DANA = {"first_name": "Dana", "last_name": "Field", "title": "Vice President", "organization": "Harbor Foods"}
DREW = {"name": "Drew Hill", "company": "Harbor Foods"}
BODY = " ".join(["word"] * 66)


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [("Dana Field", "D. Field", True), ("Dana Field", "Dana R. Field", True), ("Zoë Åkesson", "Zoe Akesson", True),
     ("Dr. Dana Field", "Dana Field", True), ("Dana Field", "Drew Field", False), ("Dana Field", "Dana Hill", False),
     ("Field", "Dana Field", False), ("", "", False)],
)  # fmt: skip
def test_names_agree_as_far_as_both_go(one: str, other: str, is_same: bool) -> None:
    assert people.is_same_name(one, other) is is_same


@pytest.mark.parametrize(
    "again",
    [DANA, {**DANA, "first_name": "D."}, {**DANA, "title": "VP Operations"},
     {"name": "Someone Else", "linkedin_url": "https://linkedin.com/in/dana/"}, {"name": "Other", "email": "DANA@harbor.example"}],
)  # fmt: skip
def test_somebody_listed_twice_is_one_contact(again: dict[str, Any]) -> None:
    first = {**DANA, "linkedin_url": "https://linkedin.com/in/dana", "email": "dana@harbor.example"}
    kept, left_out = contacts.read_list([first, again, DREW])
    assert [(each.index, each.name) for each in kept] == [(0, "Dana Field"), (2, "Drew Hill")]
    assert len(left_out) == 1


def test_the_same_name_at_another_company_is_another_person() -> None:
    kept, _ = contacts.read_list([DANA, {**DANA, "organization": "Borealis"}])
    assert len(kept) == 2


def test_companies_nameless_people_and_excluded_titles_are_left_out() -> None:
    entries = [{"name": "Acme", "type": "company"}, {"title": "CEO"}, {**DANA, "title": "Executive Assistant"}, DREW]
    kept, left_out = contacts.read_list({"contacts": entries}, excluded_titles=["assistant"])
    assert ([each.name for each in kept], len(left_out)) == (["Drew Hill"], 3)


def test_an_excluded_title_is_matched_by_whole_words() -> None:
    kept, _ = contacts.read_list([{**DANA, "title": "Director of Operations"}], excluded_titles=["cto"])
    assert len(kept) == 1


def test_at_most_fifteen_are_kept() -> None:
    entries = [{"name": f"Dana {'abcdefghijklmnopqrst'[number]}field", "organization": "Acme"} for number in range(20)]
    kept, left_out = contacts.read_list(entries)
    assert (len(kept), len(left_out)) == (15, 5)


@pytest.mark.parametrize(
    ("entries", "primary"),
    [([DANA, DREW], 0), ([DANA, {**DREW, "priority": "primary"}], 1),
     ([{**DANA, "is_primary": True}, {**DREW, "is_primary": True}], 0), ([DREW], 0)],
)  # fmt: skip
def test_exactly_one_is_primary(entries: list[dict[str, Any]], primary: int) -> None:
    kept, _ = contacts.read_list(entries)
    assert [each.index for each in kept if each.is_primary] == [primary]


def test_no_contacts_have_no_primary() -> None:
    assert contacts.read_list([]) == ([], [])


def test_an_answer_is_matched_by_its_index_and_not_by_its_name() -> None:
    dana, other = contacts.read_list([DANA, {**DANA, "organization": "Borealis"}])[0]
    answer = {"contact_index": 1, "first_name": "Dana", "last_name": "Field", "bio": "Runs the build."}
    assert contacts.with_answer(other, answer).bio == "Runs the build."
    with pytest.raises(ValueError, match="about contact 1"):
        contacts.with_answer(dana, answer)


def test_an_answer_about_somebody_else_is_refused() -> None:
    [dana] = contacts.read_list([DANA])[0]
    with pytest.raises(ValueError, match="Drew Hill"):
        contacts.with_answer(dana, {"contact_index": 0, "name": "Drew Hill", "bio": "Another life"})


def test_pages_about_a_namesake_leave_the_contact_unverified_and_as_it_was() -> None:
    [dana] = contacts.read_list([DANA])[0]
    found = contacts.with_answer(dana, {"contact_index": 0, "is_same_person": False, "bio": "Another life"})
    assert (found.bio, found.is_verified, len(found.problems)) == (None, False, 1)


def test_what_an_answer_leaves_empty_stays() -> None:
    [dana] = contacts.read_list([{**DANA, "email": "dana@harbor.example"}])[0]
    found = contacts.with_answer(
        dana, {"email": None, "title": "", "phone": "+1 937 555 0123", "interesting_facts": [{"fact": "Sails"}]}
    )
    assert (found.email, found.title, found.phone, found.interesting_facts) == (
        "dana@harbor.example", "Vice President", "+1 937 555 0123", ("Sails",)
    )  # fmt: skip


@pytest.mark.parametrize(
    "url", ["https://evil.example/in/dana", "https://linkedin.com.evil.example/x", "javascript:1", 7]
)
def test_a_profile_is_an_address_of_linkedin(url: Any) -> None:
    assert contacts.read_one({**DANA, "linkedin_url": url}, index=0).linkedin_url is None


@pytest.mark.parametrize(
    ("mail", "linkedin", "problem"),
    [
        ({"subject": "s" * 49, "body": BODY}, "l" * 249, None),
        ({"subject": "s" * 50, "body": BODY}, "", "the subject has 50 characters"),
        ({"subject": "s", "body": "word " * 59}, "", "the text has 59 words"),
        ({"subject": "s", "body": "word " * 76}, "", "the text has 76 words"),
        ({"subject": "s", "body": BODY}, "l" * 250, "the LinkedIn message has 250 characters"),
        ({"subject": "Hello {{first_name}}", "body": BODY}, "", "a placeholder was left"),
        (None, "Hi", "no subject or no text"),
    ],
)
def test_copy_keeps_its_limits_or_says_where_it_does_not(mail: Any, linkedin: str, problem: str | None) -> None:
    contact = contacts.with_copy(Contact(index=0), {"email_copy": mail, "linkedin_copy": linkedin})
    assert [problem in each for each in contact.problems] == ([True] if problem else [])


def test_a_clients_own_copy_stands_beside_the_general_one() -> None:
    first = contacts.with_copy(Contact(index=0), {"email_copy": {"subject": "a", "body": BODY}, "linkedin_copy": "b"})
    both = contacts.with_copy(first, {"email_copy": {"subject": "c", "body": "short"}}, is_override=True)
    assert (both.email_copy, both.client_email_copy) == (
        {"subject": "a", "body": BODY}, {"subject": "c", "body": "short"}
    )  # fmt: skip
    assert [each.startswith("Client copy:") for each in both.problems] == [True]


@pytest.mark.parametrize("name", ["harbor.example", "Harbor Foods", "Dana Field", "DANA@harbor.example"])
def test_somebody_to_be_left_alone_is_left_out_by_company_domain_name_or_address(name: str) -> None:
    dana = {**DANA, "email": "dana@harbor.example"}
    kept, left_out = contacts.read_list([dana, DREW], excluded=[name])
    assert [each.name for each in kept if each.first_name == "Dana"] == []
    assert "Dana Field: the client wants them or their company left alone." in left_out


def test_a_list_of_those_to_be_left_alone_does_not_touch_others() -> None:
    kept, left_out = contacts.read_list([DANA], excluded=["harbor-tools.example", "Field", "Harbor Foods Group"])
    assert ([each.name for each in kept], left_out) == (["Dana Field"], [])
