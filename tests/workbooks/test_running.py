"""Starting and stopping runs: what they cover, what they cost, what stands in their way."""

import pytest

from spadework.clients import actions as clients
from spadework.core.errors import Conflict, InvalidInput, OutOfBudget
from spadework.plug import catalog
from spadework.plug.llm import Llm
from spadework.runs import actions as runs
from spadework.spend import actions as spend
from spadework.workbooks.actions import estimates, fields, rows, running
from spadework.workbooks.types import NewField, RunRequest

FIND = {
    "provider": "hunter",
    "capability": "find_email",
    "inputs": {"full_name": "{{Company}}", "domain": "{{Domain}}"},
}


def ask(sheet, *names, **more) -> RunRequest:
    return RunRequest(table_id=sheet.table_id, field_ids=tuple(sheet.columns[each].id for each in names), **more)


@pytest.fixture
async def formulas(sheet):
    await sheet.add("Shout", "formula", {"expression": "{{Company}}"})
    await sheet.add("Twice", "formula", {"expression": "{{Shout}}"})
    await sheet.fill({"Company": "A"}, {"Company": "B"}, {"Company": "C"})
    return sheet


async def test_a_run_fills_its_columns_and_those_that_read_them_in_order(formulas):
    run = await running.start_run(formulas.tx, ask(formulas, "Shout"), by=None)
    assert run.input["field_ids"] == [str(formulas.columns[each].id) for each in ("Shout", "Twice")]
    assert (run.kind, run.state, run.is_simulated) == ("fill_columns", "queued", True)


async def test_without_dependants_only_the_column_itself_is_filled(formulas):
    run = await running.start_run(formulas.tx, ask(formulas, "Shout", with_dependants=False), by=None)
    assert run.input["field_ids"] == [str(formulas.columns["Shout"].id)]


async def test_a_column_is_filled_by_one_run_at_a_time(formulas):
    await running.start_run(formulas.tx, ask(formulas, "Twice"), by=None)
    with pytest.raises(Conflict, match="filling Twice already"):
        await running.start_run(formulas.tx, ask(formulas, "Shout"), by=None)


async def test_a_stopped_run_gives_its_columns_free(formulas):
    run = await running.start_run(formulas.tx, ask(formulas, "Shout"), by=None)
    assert await running.stop(formulas.tx, formulas.table_id, field_ids=[formulas.columns["Twice"].id], by=None) == [
        run.id
    ]
    assert (await runs.get(formulas.tx, run.id)).state == "stopped"
    await running.start_run(formulas.tx, ask(formulas, "Shout"), by=None)


async def test_stopping_everything_stops_runs_of_every_table(formulas, make_sheet):
    other = await make_sheet(("Company",))
    await other.add("Shout", "formula", {"expression": "{{Company}}"})
    await other.fill({"Company": "A"})
    started = {
        (await running.start_run(formulas.tx, ask(formulas, "Shout"), by=None)).id,
        (await running.start_run(other.tx, ask(other, "Shout"), by=None)).id,
    }
    assert set(await running.stop_everything(formulas.tx, by=None)) == started
    assert await running.stop_everything(formulas.tx, by=None) == []


async def test_asking_for_an_output_runs_the_column_it_belongs_to(sheet):
    ai = await sheet.add("Fit", "ai", {"prompt": "{{Company}}"}, outputs=["score"])
    await sheet.fill({"Company": "A"})
    found = await estimates.estimate(sheet.tx, ask(sheet, "score"))
    assert [each.field_id for each in found.fields] == [ai.id]


async def test_a_typed_column_cannot_be_run(formulas):
    with pytest.raises(InvalidInput, match="Company is typed or imported"):
        await running.start_run(formulas.tx, ask(formulas, "Company"), by=None)


async def test_selected_rows_that_are_not_there_are_left_out(formulas):
    row_ids = await formulas.fill({"Company": "D"})
    request = ask(formulas, "Shout", mode="selected", row_ids=(*row_ids, 999_999))
    run = await running.start_run(formulas.tx, request, by=None)
    assert run.input["row_ids"] == row_ids


@pytest.mark.parametrize(
    ("mode", "more", "rows_taken"),
    [("empty", {}, 2), ("all", {}, 3), ("failed", {}, 1), ("force", {}, 4), ("first_n", {"first_n": 2}, 1)],
)
async def test_an_estimate_counts_exactly_the_cells_the_mode_takes(formulas, mode, more, rows_taken):
    [fourth] = await formulas.fill({"Company": "D"})
    ids = list(range(fourth - 3, fourth + 1))
    for row_id, state in ((ids[0], "done"), (ids[3], "failed")):
        await formulas.tx.execute(
            "insert into cell_state (account_id, table_id, row_id, field_no, state) values ($1, $2, $3, $4, $5)",
            formulas.tx.account, formulas.table_id, row_id, formulas.columns["Shout"].no, state,
        )  # fmt: skip
    found = await estimates.estimate(formulas.tx, ask(formulas, "Shout", mode=mode, with_dependants=False, **more))
    assert ([each.rows for each in found.fields], found.rows) == ([rows_taken], rows_taken)


@pytest.mark.parametrize(
    ("mode", "more", "taken"),
    [
        ("empty", {}, (2, 2, 3)),
        ("all", {}, (3, 3, 4)),
        ("failed", {}, (1, 1, 2)),
        ("force", {}, (5, 5, 5)),
        ("first_n", {"first_n": 3}, (2, 1, 2)),
    ],
)
async def test_an_estimate_counts_a_row_once_in_which_any_column_is_computed(formulas, mode, more, taken):
    [*_, last] = await formulas.fill({"Company": "D"}, {"Company": "E"})
    first = last - 4
    states = {
        "Shout": {first: "done", first + 1: "failed", first + 3: "done"},
        "Twice": {first: "done", first + 1: "done", first + 4: "failed"},
    }
    for name, row_id, state in ((name, *each) for name, cells in states.items() for each in cells.items()):
        await formulas.tx.execute(
            "insert into cell_state (account_id, table_id, row_id, field_no, state) values ($1, $2, $3, $4, $5)",
            formulas.tx.account, formulas.table_id, row_id, formulas.columns[name].no, state,
        )  # fmt: skip
    found = await estimates.estimate(formulas.tx, ask(formulas, "Shout", mode=mode, **more))
    assert (*(each.rows for each in found.fields), found.rows) == taken


async def test_training_mode_costs_nothing_and_says_so(sheet):
    await sheet.add("Mail", "enrichment", FIND)
    await sheet.fill({"Company": "Ana Example", "Domain": "example.com"})
    found = await estimates.estimate(sheet.tx, ask(sheet, "Mail"))
    assert (found.expected_micro_usd, found.worst_micro_usd, found.blockers) == (0, 0, ())
    assert any("Training mode" in each for each in found.fields[0].warnings)


async def test_a_column_that_asks_several_vendors_says_once_that_they_are_simulated(sheet):
    steps = [{**FIND, "provider": each} for each in ("hunter", "apollo")]
    await sheet.add("Mail", "waterfall", {"steps": steps, "validator": {"provider": "zerobounce"}})
    await sheet.fill({"Company": "Ana Example", "Domain": "example.com"})
    [line] = (await estimates.estimate(sheet.tx, ask(sheet, "Mail"))).fields
    assert line.warnings == ("Training mode: the simulator answers for every vendor, and costs nothing.",)


async def test_without_a_key_and_outside_training_a_column_says_what_is_missing_and_does_not_run(make_sheet):
    sheet = await make_sheet(("Company", "Domain"), is_training=False)
    await sheet.add("Mail", "enrichment", FIND)
    await sheet.fill({"Company": "Ana Example", "Domain": "example.com"})
    assert "no key for Hunter" in (await estimates.estimate(sheet.tx, ask(sheet, "Mail"))).blockers[0].message
    with pytest.raises(InvalidInput, match="Settings › Keys"):
        await running.start_run(sheet.tx, ask(sheet, "Mail"), by=None)


async def test_without_a_language_model_an_ai_column_says_where_to_add_one(sheet):
    await sheet.add("Fit", "ai", {"prompt": "{{Company}}"})
    await sheet.fill({"Company": "A"})
    with pytest.raises(InvalidInput, match="Settings › Language models"):
        await running.start_run(sheet.tx, ask(sheet, "Fit"), by=None)


async def test_dependants_that_cannot_run_are_left_out_of_the_run(formulas):
    await formulas.add("Fit", "ai", {"prompt": "{{Shout}}"})
    run = await running.start_run(formulas.tx, ask(formulas, "Shout"), by=None)
    assert run.input["field_ids"] == [str(formulas.columns[each].id) for each in ("Shout", "Twice")]


async def store_key(tx, kind: str, name: str, usd_per_credit: float | None = None) -> None:
    await tx.execute(
        "insert into credentials (account_id, id, kind, name, ciphertext, version, last_four, fingerprint, usd_per_credit)"
        " values ($1, gen_random_uuid(), $2, $3, '', 1, '1234', 'x', $4)",
        tx.account, kind, name, usd_per_credit,
    )  # fmt: skip


async def test_the_accounts_own_price_per_credit_decides_the_estimate_and_a_budget_below_one_row_refuses(make_sheet):
    sheet = await make_sheet(("Company", "Domain"), is_training=False)
    await sheet.add("Mail", "enrichment", FIND)
    await sheet.fill(*({"Company": f"Ana {each}", "Domain": "example.com"} for each in range(100)))
    await store_key(sheet.tx, "provider", "hunter", 0.5)

    found = await estimates.estimate(sheet.tx, ask(sheet, "Mail"))
    assert (found.fields[0].worst_micro_usd, found.needs_confirmation) == (100 * 500_000, True)

    table = await sheet.table()
    await spend.set_budget(sheet.tx, "table", table.id, 600_000, by=None)
    found = await estimates.estimate(sheet.tx, ask(sheet, "Mail"))
    assert [(each.scope, each.left_micro_usd, each.fits) for each in found.budgets] == [("table", 600_000, False)]

    await spend.set_budget(sheet.tx, "column", sheet.columns["Mail"].id, 400_000, by=None)
    with pytest.raises(OutOfBudget):
        await running.start_run(sheet.tx, ask(sheet, "Mail"), by=None)


async def test_a_language_model_is_priced_by_its_tokens_and_the_worst_case_is_never_below_the_expected(
    sheet, client_id
):
    await sheet.add("Fit", "ai", {"prompt": "Is {{Company}} a fit?", "max_tokens": 1000})
    await sheet.fill(*({"Company": str(each)} for each in range(10)))
    await store_key(sheet.tx, "llm", "openai")
    model = next(each for each in catalog.get(Llm, "llm", "openai").models if each.output_micro_usd_per_mtok)
    await clients.update(sheet.tx, client_id, llm="openai", model=model.id)

    found = await estimates.estimate(sheet.tx, ask(sheet, "Fit"))

    assert found.worst_micro_usd >= 10 * 1000 * model.output_micro_usd_per_mtok // 1_000_000
    assert 0 < found.expected_micro_usd <= found.worst_micro_usd


async def test_a_run_can_carry_its_own_budget(formulas):
    run = await running.start_run(formulas.tx, ask(formulas, "Shout", budget_micro_usd=5), by=None)
    assert [(each.scope, each.scope_id, each.limit_micro_usd) for each in await spend.list_budgets(formulas.tx)] == [
        ("run", run.id, 5)
    ]


async def test_a_run_over_no_rows_is_started_and_takes_none(sheet):
    await fields.add_field(
        sheet.tx,
        sheet.table_id,
        NewField(name="Shout", kind="formula", settings={"expression": "{{Company}}"}),
        by=None,
    )
    shout = (await sheet.table()).fields[-1]
    found = await estimates.estimate(sheet.tx, RunRequest(table_id=sheet.table_id, field_ids=(shout.id,)))
    assert (found.rows, found.fields[0].rows, found.needs_confirmation) == (0, 0, False)


async def test_a_single_cell_needs_its_row_named(formulas):
    with pytest.raises(InvalidInput, match="needs the ids of the rows"):
        await running.start_run(formulas.tx, ask(formulas, "Shout", mode="cell"), by=None)
    assert await rows.delete_rows(formulas.tx, formulas.table_id, []) == 0
