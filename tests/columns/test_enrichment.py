"""Enrichment column: the question it puts, the value it keeps, and the state of everything else."""

import pytest
from pydantic import ValidationError

from spadework.columns.enrichment import EnrichmentColumn, EnrichmentSettings
from spadework.core.errors import OutOfBudget
from spadework.plug.column import Ask, Cell, Row
from spadework.plug.provider import Found, NotFound, Refused
from spadework.plug.questions import Company, EmailFound, EnrichCompany, FindCompanies, FindEmail, Place

DOMAIN, FIRST, LAST = ("f_" + each * 32 for each in "abc")
COMPANY = Company(name="Example", domain="example.com", headquarters=Place(city="Fremont"), employees=120)


def ref(field):
    return f"{{{{{field}}}}}"


def settings(**given):
    return EnrichmentSettings(
        **{"provider": "directory", "capability": "enrich_company", "inputs": {"domain": ref(DOMAIN)}, **given}
    )


async def fill(toolbox, values, **given):
    return await EnrichmentColumn().value(Row(1, values), settings(**given), toolbox)


async def test_the_value_and_further_outputs_are_parts_of_the_answer(answering):
    toolbox = answering(directory=Found(COMPANY))

    cell = await fill(toolbox, {DOMAIN: "example.com"}, output="headquarters.city", outputs={"People": "employees"})

    assert cell == Cell(value="Fremont", outputs={"People": 120})
    assert toolbox.asked == [("directory", EnrichCompany(domain="example.com"))]


async def test_a_part_the_answer_lacks_is_no_data(answering):
    cell = await fill(
        answering(directory=Found(COMPANY)), {DOMAIN: "example.com"}, output="ceo", outputs={"Name": "name"}
    )

    assert cell == Cell(state="no_data", note="Found, but without ceo.", outputs={"Name": "Example"})


async def test_nothing_is_asked_of_a_row_without_input(answering):
    toolbox = answering()

    cell = await fill(toolbox, {DOMAIN: None})

    assert cell == Cell(state="missing_input", note="Not asked: domain or name is not filled in this row.")
    assert toolbox.asked == []


async def test_one_filled_group_of_needed_fields_is_enough(answering):
    inputs = {"domain": ref(DOMAIN), "first_name": ref(FIRST), "last_name": ref(LAST)}
    given = {"provider": "email_patterns", "capability": "find_email", "inputs": inputs}

    filled = await fill(answering(), {DOMAIN: "example.com", FIRST: "Ann", LAST: "Bell"}, **given)
    half = await fill(answering(), {DOMAIN: "example.com", FIRST: "Ann"}, **given)

    assert filled == Cell(value="ann.bell@example.com", confidence_percent=31, is_guess=True)
    assert half.state == "missing_input" and "first name and last name" in half.note


@pytest.mark.parametrize(
    ("outcome", "state", "note"),
    [
        (NotFound("no match"), "no_data", "Not found: no match."),
        (Refused("rate_limited", "Slow down."), "rate_limited", "Slow down."),
        (Refused("invalid_request", "Bad domain."), "invalid", "Bad domain."),
        (Refused("do_not_contact", "Asked not to be processed."), "no_data", "Asked not to be processed."),
        (Refused("bad_key", "Replace the key."), "failed", "Replace the key."),
        (Refused("vendor_down", "Down."), "failed", "Down."),
    ],
)
async def test_what_is_no_answer_is_a_state_with_its_reason(answering, outcome, state, note):
    assert await fill(answering(directory=outcome), {DOMAIN: "example.com"}) == Cell(state=state, note=note)


async def test_an_exhausted_budget_passes_through_to_the_job(answering):
    with pytest.raises(OutOfBudget):
        await fill(answering(directory=OutOfBudget("Nothing left.")), {DOMAIN: "example.com"})


async def test_inputs_take_mixed_text_lists_and_numbers(answering):
    toolbox = answering(directory=NotFound())
    given = {
        "capability": "find_companies",
        "inputs": {"locations": [ref(FIRST), "Texas"], "industries": ref(LAST), "limit": "25", "founded_from": 1990.0},
    }

    await fill(toolbox, {FIRST: "San Jose, California", LAST: "Software; Internet"}, **given)

    assert toolbox.asked == [
        (
            "directory",
            FindCompanies(
                locations=("San Jose, California", "Texas"),
                industries=("Software", "Internet"),
                limit=25,
                founded_from=1990,
            ),
        )
    ]


async def test_text_where_a_number_belongs_is_invalid_and_not_asked(answering):
    toolbox = answering()

    cell = await fill(toolbox, {FIRST: "many"}, capability="find_companies", inputs={"limit": ref(FIRST)})

    assert cell == Cell(state="invalid", note="limit: 'many' is no number") and toolbox.asked == []


async def test_mixed_text_of_empty_columns_is_blank(answering):
    inputs = {"domain": "example.com", "full_name": f"{ref(FIRST)} {ref(LAST)}"}
    given = {"provider": "email_patterns", "capability": "find_email", "inputs": inputs}

    cell = await fill(answering(), {}, **given)
    toolbox = answering(email_patterns=Found(EmailFound(email="a@example.com")))
    await fill(toolbox, {FIRST: "Ann", LAST: "Bell"}, **given)

    assert cell.state == "missing_input"
    assert toolbox.asked == [("email_patterns", FindEmail(domain="example.com", full_name="Ann Bell"))]


def test_storage_references_outputs_and_cost_are_known_before_a_run():
    column = EnrichmentColumn()
    chosen = settings(output="employees", outputs={"City": "headquarters.city", "All": "headquarters", "More": "raw.x"})

    assert column.storage(chosen) == "number" and column.references(chosen) == {DOMAIN}
    assert column.outputs(chosen) == {"City": "text", "All": "json", "More": "json"}
    assert column.asks(chosen) == (Ask(provider="directory", capability="enrich_company"),)
    assert column.storage(settings(provider="email_checks", capability="verify_email", inputs={})) == "text"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"provider": "nobody"}, "There is no provider 'nobody'"),
        ({"capability": "verify_email"}, "cannot do 'verify_email'"),
        ({"inputs": {"website": "x"}}, "has no input 'website'"),
        ({"output": "headquarters.street"}, "has no 'headquarters.street'"),
        ({"outputs": {"x": "name.first"}}, "has no 'name.first'"),
    ],
)
def test_settings_that_could_never_work_are_refused(given, said):
    with pytest.raises(ValidationError, match=said):
        settings(**given)
