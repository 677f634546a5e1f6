"""Workbooks through the web: made, filled by hand, looked at in pages, estimated, run, stopped and decided on."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx2
import pytest

from spadework.app import App
from spadework.core.ids import new_id
from tests.conftest import Person
from tests.web.resources import make_all


@dataclass(frozen=True)
class Sheet:
    """A table with the columns Company and Employees, through Ana's browser."""

    client: httpx2.AsyncClient
    workbook: dict[str, Any]
    columns: dict[str, dict[str, Any]]

    @property
    def path(self) -> str:
        return f"/v3/tables/{self.workbook['default_table_id']}"

    async def add(self, name: str, kind: str, settings: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
        body = {"name": name, "kind": kind, "settings": settings or {}, **more}
        answer = await self.client.post(f"{self.path}/fields", json=body)
        assert answer.status_code == 201, answer.text
        added: dict[str, Any] = answer.json()
        for each in (added, *added["output_fields"]):
            self.columns[each["name"]] = each
        return added

    async def fill(self, *cells: dict[str, Any]) -> list[int]:
        answer = await self.client.post(f"{self.path}/records", json={"records": [{"cells": each} for each in cells]})
        assert answer.status_code == 201, answer.text
        row_ids: list[int] = answer.json()["row_ids"]
        return row_ids

    async def page(self, **query: Any) -> dict[str, Any]:
        asked = {key: value if isinstance(value, str | int) else json.dumps(value) for key, value in query.items()}
        answer = await self.client.get(f"{self.path}/views/{self.workbook['default_view_id']}/records", params=asked)
        assert answer.status_code == 200, answer.text
        page: dict[str, Any] = answer.json()
        return page

    async def companies(self, **query: Any) -> list[str]:
        return [each["values"]["1"] for each in (await self.page(**query))["rows"]]

    async def run(self, body: dict[str, Any]) -> httpx2.Response:
        return await self.client.patch(f"{self.path}/run", json=body, headers={"Idempotency-Key": new_id().hex})

    async def cell(self, row_id: int, name: str) -> dict[str, Any]:
        answer = await self.client.get(f"{self.path}/records/{row_id}/cells/{self.columns[name]['id']}")
        assert answer.status_code == 200, answer.text
        cell: dict[str, Any] = answer.json()
        return cell


@pytest.fixture
async def sheet(client: httpx2.AsyncClient) -> Sheet:
    customer = (await client.post("/v3/clients", json={"name": "Example Client"})).json()
    made = await client.post("/v3/workbooks", json={"client_id": customer["id"], "name": "Prospects"})
    assert made.status_code == 201, made.text
    sheet = Sheet(client, made.json(), {})
    await sheet.add("Company", "text")
    await sheet.add("Employees", "number")
    return sheet


THREE = (
    {"Company": "Acme", "Employees": 5},
    {"Company": "Borealis", "Employees": 50},
    {"Company": "Cirrus", "Employees": None},
)


# --- workbooks and tables ------------------------------------------------------------------------


async def test_a_new_workbook_has_a_first_table_with_a_view_and_is_listed(sheet: Sheet) -> None:
    await sheet.fill(*THREE)
    listed = (await sheet.client.get("/v3/workbooks", params={"search": "prosp"})).json()
    assert listed["next_cursor"] is None
    assert listed["data"][0]["tables"] == [
        {
            "id": sheet.workbook["default_table_id"], "name": "Companies", "kind": "ce", "row_count": 3,
            "field_count": 2, "status": "pending", "progress": None,
        }
    ]  # fmt: skip
    assert (await sheet.client.get("/v3/workbooks", params={"search": "nothing"})).json()["data"] == []


async def test_a_workbook_starts_in_the_accounts_mode_unless_told(client: httpx2.AsyncClient) -> None:
    customer = (await client.post("/v3/clients", json={"name": "Example Client"})).json()
    for switch in (True, False):
        assert (await client.patch("/v3/account", json={"is_training": switch})).status_code == 200
        made = await client.post("/v3/workbooks", json={"client_id": customer["id"], "name": "One"})
        told = await client.post(
            "/v3/workbooks", json={"client_id": customer["id"], "name": "Two", "is_training": not switch}
        )
        assert (made.json()["is_training"], told.json()["is_training"]) == (switch, not switch)


async def test_a_workbook_is_renamed_and_its_mode_stays(sheet: Sheet) -> None:
    path = f"/v3/workbooks/{sheet.workbook['id']}"
    changed = (await sheet.client.patch(path, json={"name": "Targets"})).json()
    assert (changed["name"], changed["is_training"]) == ("Targets", sheet.workbook["is_training"])


async def test_a_deleted_workbook_is_gone_with_its_table(sheet: Sheet) -> None:
    path = f"/v3/workbooks/{sheet.workbook['id']}"
    assert (await sheet.client.delete(path)).status_code == 204
    assert (await sheet.client.get(path)).status_code == 404
    assert (await sheet.client.get(sheet.path)).status_code == 404


async def test_a_further_table_is_made_renamed_and_deleted(sheet: Sheet) -> None:
    made = await sheet.client.post(f"/v3/workbooks/{sheet.workbook['id']}/tables", json={"name": "People"})
    path = f"/v3/tables/{made.json()['id']}"
    renamed = (await sheet.client.patch(path, json={"name": "Contacts"})).json()
    assert (made.status_code, renamed["name"], renamed["kind"], len(renamed["views"])) == (201, "Contacts", "table", 1)
    assert (await sheet.client.delete(path)).status_code == 204
    assert (await sheet.client.get(path)).status_code == 404


# --- columns -------------------------------------------------------------------------------------


async def test_a_column_is_shown_with_the_names_of_what_it_reads_also_after_a_rename(sheet: Sheet) -> None:
    fit = await sheet.add(
        "Fit", "ai", {"prompt": "Is {{ company }} a fit?"}, condition="!!{{Employees}}",
        outputs=[{"name": "Fit score", "output_name": "score"}], position=0,
    )  # fmt: skip
    company, employees = sheet.columns["Company"]["id"], sheet.columns["Employees"]["id"]
    await sheet.client.patch(f"/v3/fields/{company}", json={"name": "Firm"})

    table = (await sheet.client.get(sheet.path)).json()

    assert [each["name"] for each in table["fields"]] == ["Fit", "Fit score", "Firm", "Employees"]
    shown, output = table["fields"][:2]
    assert (shown["settings"]["prompt"], shown["condition"]) == ("Is {{Firm}} a fit?", "!!{{Employees}}")
    assert (shown["is_computed"], shown["depends_on"]) == (True, [company, employees])
    assert (output["output_of"], output["output_name"], output["storage"]) == (fit["id"], "score", "number")
    assert fit["output_fields"][0]["id"] == output["id"]


async def test_an_unknown_column_in_a_prompt_is_refused_with_the_closest_name_and_nothing_is_added(
    sheet: Sheet,
) -> None:
    body = {"name": "Fit", "kind": "ai", "settings": {"prompt": "Is {{Compny}} a fit?"}}
    answer = await sheet.client.post(f"{sheet.path}/fields", json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "unknown_reference")
    assert "Did you mean 'Company'?" in answer.json()["error"]["message"]
    assert len((await sheet.client.get(sheet.path)).json()["fields"]) == 2


async def test_formulas_in_a_ring_are_refused_naming_the_ring(sheet: Sheet) -> None:
    first = await sheet.add("First", "formula", {"expression": "{{Company}}"})
    await sheet.add("Second", "formula", {"expression": "{{First}}"})
    answer = await sheet.client.patch(f"/v3/fields/{first['id']}", json={"settings": {"expression": "{{Second}}"}})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "cyclic_reference")
    assert "Second → First" in answer.json()["error"]["message"]


async def test_a_null_condition_is_taken_away_and_what_is_left_out_stays(sheet: Sheet) -> None:
    made = await sheet.add("Loud", "formula", {"expression": "{{Company}}"}, condition="!!{{Company}}", width=150)
    changed = (await sheet.client.patch(f"/v3/fields/{made['id']}", json={"condition": None})).json()
    assert changed == {key: value for key, value in {**made, "condition": None}.items() if key != "output_fields"}


async def test_a_column_that_others_read_is_deleted_only_by_force(sheet: Sheet) -> None:
    loud = await sheet.add("Loud", "formula", {"expression": "{{Company}}"})
    path = f"/v3/fields/{sheet.columns['Company']['id']}"
    refused = await sheet.client.delete(path)
    assert (refused.status_code, refused.json()["error"]["details"]) == (409, {"field_ids": [loud["id"]]})
    assert (await sheet.client.delete(path, params={"force": "true"})).status_code == 204


# --- rows, pages and views -----------------------------------------------------------------------


async def test_a_page_has_values_and_states_by_column_number(sheet: Sheet) -> None:
    row_ids = await sheet.fill(*THREE)
    page = await sheet.page(offset=1, limit=1)
    table = (await sheet.client.get(sheet.path)).json()
    assert page == {
        "offset": 1, "total": 3, "version": table["version"], "is_total_exact": True,
        "rows": [{"row_id": row_ids[1], "values": {"1": "Borealis", "2": 50}, "cells": {}}],
    }  # fmt: skip


async def test_a_page_shows_every_kind_of_value_and_state_in_exactly_these_bytes(
    sheet: Sheet, app: App, ana: Person
) -> None:
    await sheet.add("Seen", "date")
    await sheet.add("Raw", "json")
    await sheet.add("Hiring", "boolean")
    loud = await sheet.add("Loud", "formula", {"expression": "{{Company}}.toUpperCase()"})
    asked = await sheet.add("Asked", "formula", {"expression": "{{Company}}"})
    first, second, third, _ = await sheet.fill(
        {"Company": 'Ünï "Ø" \\ 😀\n</script>', "Employees": 5, "Seen": "2026-01-05T10:00:00.25+01:00",
         "Raw": {"b": [1, 2.5, None, "x"], "a": {}}, "Hiring": True},
        {"Company": "b", "Employees": 2.5, "Seen": "2025-06-01", "Raw": ["é"], "Hiring": False},
        {"Employees": 1e21, "Raw": '"text"'},
        {},
    )  # fmt: skip
    states = (
        (first, 1, "done", 4, None),
        (first, loud["no"], "done", 0, None),
        (second, loud["no"], "failed", 1, 'The formula broke: "é".'),
        (second, asked["no"], "no_data", 3, None),
        (third, loud["no"], "done", 0, None),
        (third, 1, "done", 4, None),
    )
    async with app.database.transaction(ana.account_id) as tx:
        await tx.execute("delete from cell_state where account_id = $1", tx.account)  # what typing has left
        await tx.executemany(
            "insert into cell_state (account_id, table_id, row_id, field_no, state, marks, note)"
            " values ($1, $2, $3, $4, $5, $6, $7)",
            [(tx.account, sheet.workbook["default_table_id"], *each) for each in states],
        )
    started = await sheet.run({"field_ids": [asked["id"]], "mode": "selected", "row_ids": [third, second]})
    assert started.status_code == 202, started.text

    path = f"{sheet.path}/views/{sheet.workbook['default_view_id']}/records"
    answers = [
        (await sheet.client.get(path, params={"sort": json.dumps(sort)} if sort else {})).text
        for sort in ([], [{"field": "Employees", "direction": "desc"}])
    ]

    rows = [
        '{"row_id":1,"values":{"1":"Ünï \\"Ø\\" \\\\ 😀\\n</script>","2":5,"3":"2026-01-05T09:00:00.250000+00:00",'
        '"4":{"a":{},"b":[1,2.5,null,"x"]},"5":true},'
        '"cells":{"1":{"state":"done","marks":4},"6":{"state":"done","marks":0}}}',
        '{"row_id":2,"values":{"1":"b","2":2.5,"3":"2025-06-01T00:00:00+00:00","4":["é"],"5":false},'
        '"cells":{"6":{"state":"failed","marks":1,"note":"The formula broke: \\"é\\"."},"7":{"state":"queued","marks":3}}}',
        '{"row_id":3,"values":{"2":1e+21,"4":"text"},'
        '"cells":{"1":{"state":"done","marks":4},"6":{"state":"done","marks":0},"7":{"state":"queued","marks":0}}}',
        '{"row_id":4,"values":{},"cells":{}}',
    ]
    version = (await sheet.client.get(sheet.path)).json()["version"]
    beginning = f'{{"offset":0,"total":4,"version":{version},"is_total_exact":true,"rows":['
    assert answers == [beginning + ",".join(rows[at] for at in order) + "]}" for order in ((0, 1, 2, 3), (2, 0, 1, 3))]


async def test_rows_are_filtered_sorted_and_searched(sheet: Sheet) -> None:
    await sheet.fill(*THREE)
    employees = sheet.columns["Employees"]["id"]
    large = {"field": employees, "op": "gt", "value": 10}
    blank = {"field": employees, "op": "is_empty"}
    assert await sheet.companies(filter=[large]) == ["Borealis"]
    assert await sheet.companies(filter={"or": [[large], [blank]]}) == ["Borealis", "Cirrus"]
    assert await sheet.companies(filter=[large, blank]) == []
    assert await sheet.companies(sort=[{"field": employees, "direction": "desc"}]) == ["Borealis", "Acme", "Cirrus"]
    assert await sheet.companies(search="CME") == ["Acme"]


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({"filter": "[{]"}, "is no JSON"),
        ({"filter": '[{"field":"Employes","op":"gt","value":1}]'}, "Did you mean 'Employees'"),
        ({"filter": '[{"field":"Employees","op":"like","value":1}]'}, "There is no filter 'like'"),
        ({"filter": '[{"field":"Employees","op":"gt","value":1' + "0" * 400 + "}]"}, "number"),
        ({"sort": '[{"field":"Employees","direction":"up"}]'}, "asc or desc"),
        ({"limit": 1001}, "less than or equal to 1000"),
    ],
)
async def test_a_page_that_cannot_be_given_is_refused_with_the_reason(
    sheet: Sheet, query: dict[str, Any], says: str
) -> None:
    path = f"{sheet.path}/views/{sheet.workbook['default_view_id']}/records"
    answer = await sheet.client.get(path, params=query)
    assert (answer.status_code, says in answer.json()["error"]["message"]) == (422, True), answer.text


async def test_a_views_own_filter_holds_until_another_is_given(sheet: Sheet) -> None:
    await sheet.fill(*THREE)
    employees = sheet.columns["Employees"]["id"]
    filters = [{"field": employees, "op": "is_empty"}]
    made = await sheet.client.post(f"{sheet.path}/views", json={"name": "Unsized", "filters": filters})
    assert (made.status_code, made.json()["filters"]) == (201, filters)
    path = f"{sheet.path}/views/{made.json()['id']}/records"
    assert [each["values"]["1"] for each in (await sheet.client.get(path)).json()["rows"]] == ["Cirrus"]
    assert (await sheet.client.get(path, params={"filter": "[]"})).json()["total"] == 3


async def test_a_view_is_changed_in_part_and_the_last_one_stays(sheet: Sheet) -> None:
    path = f"/v3/views/{sheet.workbook['default_view_id']}"
    layout = {"order": [sheet.columns["Employees"]["id"]], "widths": {}, "hidden": []}
    changed = (await sheet.client.patch(path, json={"columns": layout})).json()
    assert (changed["columns"], changed["name"], changed["filters"]) == (layout, "All rows", [])
    assert (await sheet.client.delete(path)).status_code == 409


async def test_a_hidden_column_is_left_out_unless_the_view_shows_it(sheet: Sheet) -> None:
    await sheet.fill(THREE[0])
    employees = sheet.columns["Employees"]["id"]
    await sheet.client.patch(f"/v3/fields/{employees}", json={"is_hidden": True})
    assert (await sheet.page())["rows"][0]["values"] == {"1": "Acme"}
    layout = {"order": [employees], "widths": {}, "hidden": []}
    await sheet.client.patch(f"/v3/views/{sheet.workbook['default_view_id']}", json={"columns": layout})
    assert (await sheet.page())["rows"][0]["values"] == {"1": "Acme", "2": 5}


async def test_a_view_of_another_table_is_not_found(sheet: Sheet) -> None:
    other = await sheet.client.post(f"/v3/workbooks/{sheet.workbook['id']}/tables", json={"name": "People"})
    answer = await sheet.client.get(f"{sheet.path}/views/{other.json()['views'][0]['id']}/records")
    assert answer.status_code == 404


@pytest.mark.parametrize("value", ["many", 10**400, True])
async def test_a_value_that_does_not_fit_its_column_adds_no_row_at_all(sheet: Sheet, value: Any) -> None:
    records = [{"cells": {"Company": "Acme"}}, {"cells": {"Employees": value}}]
    answer = await sheet.client.post(f"{sheet.path}/records", json={"records": records})
    assert (answer.status_code, (await sheet.page())["total"]) == (422, 0), answer.text


async def test_editing_a_cell_makes_what_was_computed_from_it_stale(sheet: Sheet) -> None:
    loud = await sheet.add("Loud", "formula", {"expression": "{{Company}}.toUpperCase()"})
    acme, borealis, _ = await sheet.fill(*THREE)
    by_hand = [{"row_id": each, "cells": {"Loud": "ACME"}} for each in (acme, borealis)]
    await sheet.client.patch(f"{sheet.path}/records", json={"records": by_hand})

    edit = [{"row_id": acme, "cells": {sheet.columns["Company"]["id"]: "Apex"}}]
    answer = await sheet.client.patch(f"{sheet.path}/records", json={"records": edit})

    assert (answer.status_code, answer.json()) == (200, {"row_ids": [acme]})
    row = (await sheet.page(limit=1))["rows"][0]
    assert row["values"] == {"1": "Apex", "2": 5, "3": "ACME"}
    assert row["cells"] == {"1": {"state": "done", "marks": 4}, "3": {"state": "stale", "marks": 4}}
    assert await sheet.companies(filter=[{"field": loud["id"], "op": "state_is", "value": "stale"}]) == ["Apex"]
    counts = (await sheet.client.get(f"{sheet.path}/counts")).json()["fields"]
    assert counts[loud["id"]] == {"done": 1, "stale": 1, "empty": 1}
    assert counts[sheet.columns["Employees"]["id"]] == {"done": 2, "empty": 1}


async def test_deleted_rows_are_gone_and_unknown_ones_passed_over(sheet: Sheet) -> None:
    acme, _, _ = await sheet.fill(*THREE)
    answer = await sheet.client.request("DELETE", f"{sheet.path}/records", json={"row_ids": [acme, 999]})
    assert (answer.json(), await sheet.companies()) == ({"deleted": 1}, ["Borealis", "Cirrus"])


# --- one cell ------------------------------------------------------------------------------------


async def test_a_cell_tells_where_it_came_from_and_goes_back_to_what_it_was(sheet: Sheet) -> None:
    acme, _, _ = await sheet.fill(*THREE)
    assert (await sheet.cell(acme, "Company"))["source"]["kind"] == "typed"
    edit = [{"row_id": acme, "cells": {"Company": "Apex"}}]
    await sheet.client.patch(f"{sheet.path}/records", json={"records": edit})

    edited = await sheet.cell(acme, "Company")
    assert (edited["value"], edited["state"], edited["marks"], edited["attempts"]) == ("Apex", "done", 4, [])
    assert [each["value"] for each in edited["history"]] == ["Acme"]

    path = f"{sheet.path}/records/{acme}/cells/{sheet.columns['Company']['id']}/restore"
    restored = (await sheet.client.post(path, json={"version": edited["history"][0]["id"]})).json()
    assert (restored["value"], [each["value"] for each in restored["history"]]) == ("Acme", ["Apex", "Acme"])


async def test_a_paid_cell_shows_each_question_with_its_call(sheet: Sheet, app: App, ana: Person) -> None:
    find = {"provider": "hunter", "capability": "verify_email", "inputs": {"email": "{{Company}}"}}
    await sheet.add("Checked", "enrichment", find)
    [row_id] = await sheet.fill({"Company": "ana@example.com"})
    call_id = await _bought(app, ana, sheet, row_id, "Checked", call_state="ok", cell_state="done")

    cell = await sheet.cell(row_id, "Checked")

    assert (cell["source"]["kind"], cell["source"]["label"], cell["cost_micro_usd"]) == ("provider", "Hunter", 4900)
    attempt = cell["attempts"][0]
    assert {key: attempt[key] for key in ("provider", "call_id", "state", "outcome", "cost_micro_usd")} == {
        "provider": "hunter", "call_id": str(call_id), "state": "ok", "outcome": "not_found", "cost_micro_usd": 4900,
    }  # fmt: skip
    assert (attempt["request"], attempt["response"]) == ({"url": "asked"}, {"status": 200})


async def test_an_output_comes_from_the_column_that_fills_it(sheet: Sheet, app: App, ana: Person) -> None:
    rules = [{"label": "Named", "field": "{{Company}}", "op": "is_filled", "weight": 1}]
    await sheet.add("Score", "rubric", {"rules": rules}, outputs=[{"name": "Why", "output_name": "reasons"}])
    [row_id] = await sheet.fill({"Company": "Acme"})
    why = sheet.columns["Why"]
    async with app.database.transaction(ana.account_id) as tx:
        run_id = (await make_all(tx, ana, app.settings.home))["run"]
        await tx.execute(
            "insert into cell_runs (account_id, id, table_id, row_id, field_no, run_id, state, value)"
            " values ($1, $2, $3, $4, $5, $6, 'done', '[\"Named\"]')",
            tx.account, new_id(), sheet.workbook["default_table_id"], row_id, why["no"], run_id,
        )  # fmt: skip

    source = (await sheet.cell(row_id, "Why"))["source"]

    assert (source["kind"], source["label"]) == ("formula", "ICP score")


# --- runs ----------------------------------------------------------------------------------------


async def test_a_free_column_is_estimated_run_shown_as_queued_and_stopped(sheet: Sheet) -> None:
    loud = await sheet.add("Loud", "formula", {"expression": "{{Company}}.toUpperCase()"})
    longer = await sheet.add("Longer", "formula", {"expression": "{{Loud}} + '!'"})
    await sheet.fill(*THREE)

    asked = {"field_ids": [loud["id"]], "mode": "first_n", "first_n": 2}
    estimate = (await sheet.client.post(f"{sheet.path}/estimate", json=asked)).json()
    assert [(each["name"], each["rows"], each["worst_micro_usd"]) for each in estimate["fields"]] == [
        ("Loud", 2, 0), ("Longer", 2, 0),
    ]  # fmt: skip
    assert (estimate["rows"], estimate["needs_confirmation"], estimate["blockers"]) == (2, False, [])
    alone = await sheet.client.post(f"{sheet.path}/estimate", json={**asked, "with_dependants": False})
    assert [each["name"] for each in alone.json()["fields"]] == ["Loud"]

    started = await sheet.run(asked)
    assert (started.status_code, started.json()["state"]) == (202, "queued")
    assert started.json()["subject"]["field_ids"] == [loud["id"], longer["id"]]
    states = [{no: cell["state"] for no, cell in each["cells"].items()} for each in (await sheet.page())["rows"]]
    assert states == [{"3": "queued", "4": "queued"}, {"3": "queued", "4": "queued"}, {}]
    table = (await sheet.client.get(sheet.path)).json()
    assert [each["id"] for each in table["active_runs"]] == [started.json()["id"]]
    assert (await sheet.run(asked)).status_code == 409

    stopped = await sheet.client.post(f"{sheet.path}/stop", json={"field_ids": [longer["id"]]})
    assert stopped.json() == {"stopped_run_ids": [started.json()["id"]]}
    assert (await sheet.client.get(f"/v3/runs/{started.json()['id']}")).json()["state"] == "stopped"


async def test_a_run_needs_an_idempotency_key_and_starts_once_for_each(sheet: Sheet) -> None:
    loud = await sheet.add("Loud", "formula", {"expression": "{{Company}}"})
    body = {"field_ids": [loud["id"]]}
    without = await sheet.client.patch(f"{sheet.path}/run", json=body)
    assert (without.status_code, without.json()["error"]["code"]) == (400, "idempotency_key_required")
    answers = [
        await sheet.client.patch(f"{sheet.path}/run", json=body, headers={"Idempotency-Key": "once"}) for _ in range(2)
    ]
    assert [each.status_code for each in answers] == [202, 202]
    assert answers[0].json()["id"] == answers[1].json()["id"]


async def test_a_run_asked_for_as_clay_does_takes_the_top_of_the_view_as_it_is_sorted(sheet: Sheet) -> None:
    loud = await sheet.add("Loud", "formula", {"expression": "{{Company}}"})
    _, borealis, _ = await sheet.fill(*THREE)
    view_id = sheet.workbook["default_view_id"]
    sorts = [{"field": sheet.columns["Employees"]["id"], "direction": "desc"}]
    await sheet.client.patch(f"/v3/views/{view_id}", json={"sorts": sorts})
    records = {"viewIdTopRecords": {"viewId": view_id, "numRecords": 1}}

    started = await sheet.run({"fieldIds": [loud["id"]], "runRecords": records, "callerName": "API"})

    assert started.status_code == 202, started.text
    run = (await sheet.client.get(f"/v3/runs/{started.json()['id']}")).json()
    assert (run["input"]["row_ids"], run["input"]["mode"]) == ([borealis], "all")


async def test_a_run_over_a_view_that_shows_nothing_is_refused_and_not_taken_for_every_row(sheet: Sheet) -> None:
    loud = await sheet.add("Loud", "formula", {"expression": "{{Company}}"})
    await sheet.fill(*THREE)
    view_id = sheet.workbook["default_view_id"]
    filters = [{"field": sheet.columns["Company"]["id"], "op": "is", "value": "Nobody"}]
    await sheet.client.patch(f"/v3/views/{view_id}", json={"filters": filters})
    records = {"viewIdTopRecords": {"viewId": view_id, "numRecords": 10}}
    answer = await sheet.run({"fieldIds": [loud["id"]], "runRecords": records})
    assert (answer.status_code, "shows no row" in answer.text) == (422, True)


@pytest.mark.parametrize("body", [{}, {"fieldIds": [], "mode": "all"}, {"row_ids": []}])
async def test_a_run_that_names_nothing_is_refused(sheet: Sheet, body: dict[str, Any]) -> None:
    assert (await sheet.run(body)).status_code == 422


async def test_both_forms_of_a_run_at_once_are_refused(sheet: Sheet) -> None:
    loud = await sheet.add("Loud", "formula", {"expression": "{{Company}}"})
    answer = await sheet.run({"fieldIds": [loud["id"]], "mode": "force"})
    assert (answer.status_code, "not both" in answer.text) == (422, True)


async def test_a_column_without_a_language_model_says_so_before_and_when_it_is_run(sheet: Sheet) -> None:
    fit = await sheet.add("Fit", "ai", {"prompt": "{{Company}}"})
    await sheet.fill(*THREE)
    asked = {"field_ids": [fit["id"]], "mode": "all"}
    estimate = (await sheet.client.post(f"{sheet.path}/estimate", json=asked)).json()
    refused = await sheet.run(asked)
    assert [each["field_id"] for each in estimate["blockers"]] == [fit["id"]]
    assert (refused.status_code, refused.json()["error"]["details"]) == (422, {"blockers": estimate["blockers"]})


async def test_a_run_that_does_not_fit_the_budget_is_refused_with_what_is_missing(sheet: Sheet) -> None:
    await sheet.client.patch(f"/v3/workbooks/{sheet.workbook['id']}", json={"is_training": False})
    await sheet.client.put("/v3/credentials/provider/hunter", json={"values": {"api_key": "hunter-secret-key-9876"}})
    find = {"provider": "hunter", "capability": "verify_email", "inputs": {"email": "{{Company}}"}}
    checked = await sheet.add("Checked", "enrichment", find)
    await sheet.fill({"Company": "ana@example.com"})
    limit = {"scope": "workbook", "scope_id": sheet.workbook["id"], "limit_micro_usd": 1}
    await sheet.client.put("/v3/budgets", json=limit)
    asked = {"field_ids": [checked["id"]], "mode": "all"}

    estimate = (await sheet.client.post(f"{sheet.path}/estimate", json=asked)).json()
    refused = await sheet.run(asked)

    assert estimate["budgets"] == [{"scope": "workbook", "left_micro_usd": 1, "fits": False}]
    assert estimate["needs_confirmation"] is True
    details = refused.json()["error"]["details"]
    assert (refused.status_code, details["missing_micro_usd"]) == (402, estimate["worst_micro_usd"] - 1)
    assert details["budget"]["scope_id"] == sheet.workbook["id"]


# --- calls whose fate is not known ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "call_state", "cell_state", "runs_again"),
    [
        ("mark_done", "ok", "no_data", False),
        ("mark_failed", "failed", "failed", False),
        ("retry_and_pay_again", "failed", "queued", True),
    ],
)
async def test_a_decision_on_an_unknown_call_frees_its_cell(
    sheet: Sheet, app: App, ana: Person, action: str, call_state: str, cell_state: str, runs_again: bool
) -> None:
    find = {"provider": "hunter", "capability": "verify_email", "inputs": {"email": "{{Company}}"}}
    checked = await sheet.add("Checked", "enrichment", find)
    await sheet.client.patch(f"/v3/workbooks/{sheet.workbook['id']}", json={"is_training": True})
    [row_id] = await sheet.fill({"Company": "ana@example.com"})
    call_id = await _bought(app, ana, sheet, row_id, "Checked", call_state="unknown", cell_state="unknown")

    told_before = await _told(app, ana, sheet)
    path = f"/v3/calls/{call_id}/reconcile"
    answer = await sheet.client.post(path, json={"action": action}, headers={"Idempotency-Key": new_id().hex})

    assert answer.status_code == 200, answer.text
    assert (answer.json()["state"], answer.json()["run"] is not None) == (call_state, runs_again)
    assert (await sheet.page())["rows"][0]["cells"]["3"]["state"] == cell_state
    assert len(await _told(app, ana, sheet)) == len(told_before) + 1
    if runs_again:
        assert answer.json()["run"]["subject"]["field_ids"] == [checked["id"]]
    again = await sheet.client.post(path, json={"action": action}, headers={"Idempotency-Key": new_id().hex})
    assert again.status_code == 409


async def _told(app: App, person: Person, sheet: Sheet) -> list[Any]:
    """What live pages that show the table were told of its rows."""
    async with app.database.read(person.account_id) as tx:
        return await tx.fetch(
            "select payload from events where account_id = $1 and topic = $2 and payload ->> 'type' = 'rows'",
            tx.account, f"table:{sheet.workbook['default_table_id']}",
        )  # fmt: skip


async def _bought(
    app: App, person: Person, sheet: Sheet, row_id: int, column: str, *, call_state: str, cell_state: str
) -> UUID:
    """A paid call and the cell it was made for, as a run leaves them."""
    field = sheet.columns[column]
    table_id, call_id = sheet.workbook["default_table_id"], new_id()
    async with app.database.transaction(person.account_id) as tx:
        run_id = (await make_all(tx, person, app.settings.home))["run"]
        await tx.execute(
            "insert into calls (account_id, id, key, question_sha256, run_id, table_id, row_id, field_id, provider,"
            " capability, call_class, state, request, response, reserved_micro_usd)"
            " values ($1, $2, uuid_send($2), uuid_send($2), $3, $4, $5, $6, 'hunter', 'verify_email', 'B', $7,"
            ' \'{"url": "asked"}\', \'{"status": 200}\', 4900)',
            tx.account, call_id, run_id, table_id, row_id, field["id"], call_state,
        )  # fmt: skip
        evidence = [
            {
                "provider": "hunter", "capability": "verify_email", "call_class": "B", "outcome": "NotFound",
                "cost_micro_usd": 4900, "is_simulated": False, "call_id": str(call_id),
            }
        ]  # fmt: skip
        await tx.execute(
            "insert into cell_runs (account_id, id, table_id, row_id, field_no, run_id, state, value, provider,"
            " cost_micro_usd, evidence) values ($1, $2, $3, $4, $5, $6, $7, '\"valid\"', 'hunter', 4900, $8)",
            tx.account, new_id(), table_id, row_id, field["no"], run_id, cell_state, evidence,
        )  # fmt: skip
        await tx.execute(
            "insert into cell_state (account_id, table_id, row_id, field_no, state, run_id)"
            " values ($1, $2, $3, $4, $5, $6)",
            tx.account, table_id, row_id, field["no"], cell_state, run_id,
        )  # fmt: skip
    return call_id
