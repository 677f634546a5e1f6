"""A workbook to work on: made through the product's own actions, undone with the test's transaction."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from spadework.clients import actions as clients
from spadework.core.db import Transaction
from spadework.workbooks.actions import fields, rows, tables, workbooks
from spadework.workbooks.types import Field, NewField, NewOutput, Table


@dataclass
class Sheet:
    """One table under test, by the names of its columns."""

    tx: Transaction
    table_id: Any
    columns: dict[str, Field] = field(default_factory=dict)

    async def add(self, name: str, kind: str = "text", settings: Any = None, **more: Any) -> Field:
        """One more column."""
        outputs = tuple(NewOutput(name=each, output_name=each) for each in more.pop("outputs", ()))
        new = NewField(name=name, kind=kind, settings=settings or {}, outputs=outputs, **more)
        added = await fields.add_field(self.tx, self.table_id, new, by=None)
        for each in (added.field, *added.outputs):
            self.columns[each.name] = each
        return added.field

    async def fill(self, *records: dict[str, Any]) -> list[int]:
        """More rows, values by column name."""
        given = [{self.columns[name].id: value for name, value in each.items()} for each in records]
        return await rows.add_rows(self.tx, self.table_id, given, source="typed")

    async def table(self) -> Table:
        return await tables.get_table(self.tx, self.table_id)


@pytest.fixture
async def client_id(tx: Transaction) -> Any:
    return (await clients.create(tx, "Example Client")).id


@pytest.fixture
def make_sheet(tx: Transaction, client_id: Any) -> Callable[..., Awaitable[Sheet]]:
    """Makes a table with plain text columns of these names in a new workbook in training mode."""

    async def make(names: Sequence[str] = ("Company", "Domain"), *, is_training: bool = True) -> Sheet:
        made = await workbooks.create_workbook(tx, client_id, "Example", is_training=is_training, by=None)
        sheet = Sheet(tx, made.table.id)
        for name in names:
            await sheet.add(name)
        return sheet

    return make


@pytest.fixture
async def sheet(make_sheet: Callable[..., Awaitable[Sheet]]) -> Sheet:
    return await make_sheet()
