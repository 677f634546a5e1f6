"""Files out of a table through the web: the rows the screen shows, and answers instead of broken downloads."""

import csv
import io
import json

import httpx2
import pytest


@pytest.fixture
async def table(client: httpx2.AsyncClient) -> dict[str, str]:
    """A table with the companies c0 to c4 of the sizes 0 to 4: its id, and its view's."""
    made = await client.post("/v3/clients", json={"name": "Example Client"})
    body = {"client_id": made.json()["id"], "name": "Leads"}
    table_id = (await client.post("/v3/workbooks", json=body)).json()["default_table_id"]
    for name, kind in (("Company", "text"), ("Size", "number")):
        await client.post(f"/v3/tables/{table_id}/fields", json={"name": name, "kind": kind})
    records = [{"cells": {"Company": f"c{each}", "Size": each}} for each in range(5)]
    await client.post(f"/v3/tables/{table_id}/records", json={"records": records})
    view_id = (await client.get(f"/v3/tables/{table_id}")).json()["views"][0]["id"]
    return {"id": table_id, "view_id": view_id}


async def test_filter_sort_and_search_of_the_screen_choose_the_files_rows(
    client: httpx2.AsyncClient, table: dict[str, str]
) -> None:
    asked = {
        "filter": json.dumps([{"field": "Size", "op": "lt", "value": 4}]),
        "sort": json.dumps([{"field": "Size", "direction": "desc"}]),
        "search": "c",
    }
    page = await client.get(f"/v3/tables/{table['id']}/views/{table['view_id']}/records", params=asked)
    file = await client.get(f"/v3/tables/{table['id']}/export.csv", params={**asked, "view_id": table["view_id"]})
    assert list(csv.reader(io.StringIO(file.text, newline=""))) == [
        ["Company", "Size"], ["c3", "3"], ["c2", "2"], ["c1", "1"], ["c0", "0"],
    ]  # fmt: skip
    assert len(page.json()["rows"]) == 4
    assert file.headers["content-disposition"].startswith('attachment; filename="Leads')
    assert file.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("asked", "status", "says"),
    [
        ({"filter": "[{"}, 422, "no JSON"),
        ({"filter": '[{"field": "Siz", "op": "is", "value": 1}]'}, 422, "Did you mean 'Size'"),
        ({"sort": '[{"field": "Size", "direction": "up"}]'}, 422, "asc or desc"),
        ({"view_id": "01890000-0000-7000-8000-000000000000"}, 404, "no such view"),
    ],
)
async def test_what_cannot_be_exported_is_an_answer_and_not_a_broken_file(
    client: httpx2.AsyncClient, table: dict[str, str], asked: dict[str, str], status: int, says: str
) -> None:
    answer = await client.get(f"/v3/tables/{table['id']}/export.csv", params=asked)
    assert (answer.status_code, says in answer.text) == (status, True), answer.text
