"""Waterfall column: in order, validated, and always saying why it went on."""

from typing import get_args

import pytest
from pydantic import ValidationError

from spadework.columns.waterfall import WaterfallColumn, WaterfallSettings
from spadework.core.errors import Halted
from spadework.plug.column import Cell, Row
from spadework.plug.provider import Found, NotFound, Refused
from spadework.plug.questions import EmailFound, EmailVerdict, EmailVerdictStatus

DOMAIN, NAME = ("f_" + each * 32 for each in "ab")
ROW = Row(1, {DOMAIN: "example.com", NAME: "Ann Bell"})
INPUTS = {"domain": f"{{{{{DOMAIN}}}}}", "full_name": f"{{{{{NAME}}}}}"}


def step(provider):
    return {"provider": provider, "capability": "find_email", "inputs": INPUTS}


def settings(*providers, **given):
    return WaterfallSettings(
        **{
            "steps": [step(each) for each in providers or ("hunter",)],
            "validator": {"provider": "zerobounce"},
            **given,
        }
    )


def found(email, **more):
    return Found(EmailFound(email=email, **more))


def verdict(status, **more):
    return Found(EmailVerdict(email="x@example.com", status=status, **more))


async def fill(toolbox, chosen=None, row=ROW):
    return await WaterfallColumn().value(row, chosen or settings(), toolbox)


async def test_the_first_valid_answer_ends_the_waterfall(answering):
    toolbox = answering(hunter=found("ann@example.com"), zerobounce=verdict("valid", confidence_percent=98))

    cell = await fill(toolbox, settings("hunter", "email_patterns"))

    assert cell == Cell(
        value="ann@example.com",
        note="Hunter: found, ZeroBounce says it is valid.",
        outputs={"provider": "hunter", "status": "valid", "confidence_percent": 98},
        confidence_percent=98,
    )
    assert [provider for provider, _ in toolbox.asked] == ["hunter", "zerobounce"]


async def test_the_note_says_at_every_step_why_it_went_on(answering):
    toolbox = answering(
        hunter=found("ann@example.com"),
        zerobounce=[verdict("invalid", detail="mailbox_not_found"), verdict("valid")],
    )

    cell = await fill(toolbox, settings("hunter", "email_patterns"))

    assert cell.value == "ann.bell@example.com" and cell.outputs["provider"] == "email_patterns"
    assert cell.note == (
        "Hunter: found, but ZeroBounce says it is invalid (mailbox not found)."
        " E-mail pattern guess: found, ZeroBounce says it is valid."
    )
    assert cell.is_guess is False


async def test_a_provider_that_refuses_is_passed_over_with_its_reason(answering):
    toolbox = answering(hunter=Refused("out_of_credits", "Hunter has no credits left."), zerobounce=verdict("valid"))

    cell = await fill(toolbox, settings("hunter", "email_patterns"))

    assert cell.state == "done" and cell.note.startswith("Hunter has no credits left. E-mail pattern guess: found")


async def test_somebody_who_asked_not_to_be_processed_ends_the_waterfall(answering):
    toolbox = answering(hunter=Refused("do_not_contact", "The person asked not to be processed."))

    cell = await fill(toolbox, settings("hunter", "email_patterns"))

    assert (cell.state, cell.value) == ("no_data", None) and "asked not to be processed" in cell.note
    assert [provider for provider, _ in toolbox.asked] == ["hunter"]


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (NotFound(), "no_data"),
        (Refused("rate_limited", "Slow down."), "rate_limited"),
        (Refused("vendor_down", "Down."), "failed"),
        (Refused("bad_key", "Replace the key."), "failed"),
        (Found(EmailFound(email="")), "no_data"),
    ],
)
async def test_without_an_answer_the_state_tells_whether_trying_again_may_help(answering, outcome, state):
    cell = await fill(answering(hunter=outcome), settings("hunter"))

    assert (cell.state, cell.value) == (state, None) and cell.note.startswith("Hunter:")


async def test_an_answer_nobody_could_validate_is_not_taken(answering):
    toolbox = answering(hunter=found("ann@example.com"), zerobounce=Refused("vendor_down", "Down."))

    cell = await fill(toolbox, settings("hunter"))

    assert (cell.state, cell.value) == ("failed", None)
    assert cell.note == "Hunter: found, but ZeroBounce could not validate it: Down."


@pytest.mark.parametrize("status", get_args(EmailVerdictStatus))
async def test_the_note_gives_a_verdict_in_words_and_never_by_its_key(answering, status):
    toolbox = answering(hunter=found("ann@example.com"), zerobounce=verdict(status, detail=status))

    cell = await fill(toolbox, settings("hunter"))

    assert cell.note.startswith("Hunter: found, ") and "ZeroBounce " in cell.note and "_" not in cell.note


@pytest.mark.parametrize(("accepts", "state"), [(False, "no_data"), (True, "done")])
async def test_a_catch_all_domain_counts_only_when_the_settings_say_so(answering, accepts, state):
    toolbox = answering(hunter=found("ann@example.com"), zerobounce=verdict("catch_all"))

    cell = await fill(toolbox, settings("hunter", accept_catch_all=accepts))

    assert cell.state == state and cell.outputs["status"] == "catch_all"


async def test_without_a_validator_the_finders_own_verdict_counts_and_a_guess_stays_one(answering):
    toolbox = answering(hunter=found("old@example.com", status="invalid"))

    cell = await fill(toolbox, settings("hunter", "email_patterns", validator=None))

    assert cell.value == "ann.bell@example.com" and cell.is_guess
    assert cell.note == "Hunter: found, but Hunter itself says it is invalid. E-mail pattern guess: found."


async def test_a_row_without_input_asks_nobody(answering):
    toolbox = answering()

    cell = await fill(toolbox, settings("hunter", "email_patterns"), Row(1, {}))

    assert cell.state == "missing_input" and toolbox.asked == []


async def test_a_stopped_run_passes_through_to_the_job(answering):
    with pytest.raises(Halted):
        await fill(answering(hunter=Halted("Stopped.")), settings("hunter"))


def test_later_steps_are_expected_to_be_asked_less_often():
    asks = WaterfallColumn().asks(settings("hunter", "email_patterns"))

    assert [(each.provider, each.likelihood) for each in asks] == [
        ("hunter", 1.0), ("zerobounce", 0.5), ("email_patterns", 0.5), ("zerobounce", 0.25),
    ]  # fmt: skip
    assert WaterfallColumn().references(settings("hunter")) == {DOMAIN, NAME}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"steps": []}, "at least 1 item"),
        ({"accept": ["valid", "invalid"]}, "must not be used"),
        ({"validator": {"provider": "hunter", "capability": "find_email"}}, "gives no verdict"),
        (
            {"steps": [step("hunter"), {"provider": "directory", "capability": "enrich_company"}]},
            "choose one capability",
        ),
    ],
)
def test_settings_that_could_never_work_are_refused(given, said):
    with pytest.raises(ValidationError, match=said):
        settings("hunter", **given)
