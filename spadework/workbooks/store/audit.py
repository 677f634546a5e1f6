"""What must always hold of cells, as questions to `cell_state` and `cell_runs`."""

from spadework.core.db import ReadOnly


async def repeated_versions(tx: ReadOnly) -> tuple[int, int]:
    """How many values runs have written, and how many of these are a second one of the same run for its cell."""
    row = await tx.fetchrow(
        "select coalesce(sum(n), 0)::bigint as checked, coalesce(sum(n - 1), 0)::bigint as repeated from ("
        " select count(*) as n from cell_runs where account_id = $1 and run_id is not null"
        " group by table_id, row_id, field_no, run_id) as written",
        tx.account,
    )  # fmt: skip
    assert row is not None
    return row["checked"], row["repeated"]


async def states_without_version(tx: ReadOnly) -> tuple[int, int]:
    """How many cells a run has filled, and how many of these lack that run's version."""
    row = await tx.fetchrow(
        "select count(*) as checked, count(*) filter (where not exists (select from cell_runs v"
        " where v.account_id = s.account_id and v.table_id = s.table_id and v.row_id = s.row_id"
        " and v.field_no = s.field_no and v.run_id = s.run_id)) as bare"
        " from cell_state s where s.account_id = $1 and s.run_id is not null and s.state = 'done'",
        tx.account,
    )  # fmt: skip
    assert row is not None
    return row["checked"], row["bare"]
