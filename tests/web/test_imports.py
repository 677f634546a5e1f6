"""Files through the web: uploaded, looked at, mapped, imported; what cannot be used is refused in words."""

from pathlib import Path

import httpx2
import pytest

from spadework.app import App
from spadework.core.ids import new_id
from spadework.workbooks import uploads
from tests.conftest import Person

CSV = 'Company,Employees,\nExample Inc,"1,200",x\nSample Ltd,80,y\n'
FORM = {"X-Spadework": "1"}  # what the cross-site rule asks of a body that is no JSON
FILE = {"Content-Type": "text/csv", **FORM}


@pytest.fixture
async def table_id(client: httpx2.AsyncClient) -> str:
    made = await client.post("/v3/clients", json={"name": "Example Client"})
    body = {"client_id": made.json()["id"], "name": "Leads"}
    return str((await client.post("/v3/workbooks", json=body)).json()["default_table_id"])


async def test_a_form_and_a_plain_body_are_looked_at_alike(client: httpx2.AsyncClient) -> None:
    form = await client.post(
        "/v3/imports/preview", files={"file": ("companies.csv", CSV.encode(), "text/csv")}, headers=FORM
    )
    plain = await client.post("/v3/imports/preview", content=CSV.encode(), headers=FILE)
    for answer in (form, plain):
        assert {**answer.json(), "upload_id": None} == {
            "upload_id": None, "encoding": "utf-8", "delimiter": ",", "rows_seen": 2,
            "columns": [
                {"name": "Company", "samples": ["Example Inc", "Sample Ltd"], "guess_kind": "text"},
                {"name": "Employees", "samples": ["1,200", "80"], "guess_kind": "number"},
                {"name": "Column 3", "samples": ["x", "y"], "guess_kind": "text"},
            ],
        }  # fmt: skip


@pytest.mark.parametrize(
    ("content", "status", "says"),
    [
        (b"", 422, "empty"),
        (b"\x00" * 500, 422, "no text file"),
        (b"x" * 3_000_000, 413, "first line"),
        (b'a,"b\n1,2\n', 422, "first line"),
    ],
)
async def test_a_file_that_cannot_be_used_is_refused_and_not_kept(
    client: httpx2.AsyncClient, app: App, ana: Person, content: bytes, status: int, says: str
) -> None:
    answer = await client.post("/v3/imports/preview", content=content, headers=FILE)
    assert (answer.status_code, says in answer.json()["error"]["message"]) == (status, True), answer.text
    kept: list[Path] = list(uploads.folder(app.settings.home, ana.account_id).glob("*"))
    assert kept == []


async def test_a_form_without_a_file_says_so(client: httpx2.AsyncClient) -> None:
    answer = await client.post(
        "/v3/imports/preview", data={"file": "text"}, files={"other": ("a.csv", b"a\n1\n")}, headers=FORM
    )
    assert (answer.status_code, "field `file`" in answer.text) == (422, True)


async def test_an_import_is_a_run_and_its_new_columns_are_there_at_once(
    client: httpx2.AsyncClient, table_id: str
) -> None:
    seen = await client.post("/v3/imports/preview", content=CSV.encode(), headers=FILE)
    body = {
        "upload_id": seen.json()["upload_id"],
        "mapping": [
            {"column": "Company", "new_field": {"name": "Name", "kind": "text"}},
            {"column": "Employees", "new_field": {"name": "Size", "kind": "number"}},
        ],
    }
    run = await client.post(f"/v3/tables/{table_id}/import", json=body)
    assert (run.status_code, run.json()["kind"], run.json()["subject"]["table_id"]) == (202, "import_csv", table_id)
    names = [each["name"] for each in (await client.get(f"/v3/tables/{table_id}")).json()["fields"]]
    assert names == ["Name", "Size"]
    rejects = await client.get(f"/v3/runs/{run.json()['id']}/rejects.csv")
    assert (rejects.status_code, rejects.text) == (200, "line,reason,content\r\n")


async def test_an_upload_or_a_column_that_is_not_there_is_not_found(client: httpx2.AsyncClient, table_id: str) -> None:
    seen = await client.post("/v3/imports/preview", content=CSV.encode(), headers=FILE)
    mapping = [{"column": "Company", "field_id": str(new_id())}]
    for body in (
        {"upload_id": str(new_id())},
        {"upload_id": seen.json()["upload_id"], "mapping": mapping},
        {"upload_id": seen.json()["upload_id"], "mode": "upsert", "key_field_id": str(new_id())},
    ):
        assert (await client.post(f"/v3/tables/{table_id}/import", json=body)).status_code == 404, body


async def test_a_mapping_of_a_column_the_file_lacks_is_refused_with_the_closest(
    client: httpx2.AsyncClient, table_id: str
) -> None:
    seen = await client.post("/v3/imports/preview", content=CSV.encode(), headers=FILE)
    body = {"upload_id": seen.json()["upload_id"], "mapping": [{"column": "Compny", "new_field": {"name": "x"}}]}
    answer = await client.post(f"/v3/tables/{table_id}/import", json=body)
    assert (answer.status_code, "Did you mean 'Company'" in answer.text) == (422, True)
    assert (await client.get(f"/v3/tables/{table_id}")).json()["fields"] == []
