"""What a run would cover and cost, before anything is spent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from spadework.accounts.actions import credentials
from spadework.clients import actions as clients
from spadework.core.db import ReadOnly
from spadework.core.errors import InvalidInput, UnknownReference
from spadework.plug import catalog
from spadework.plug.column import Ask, ColumnKind
from spadework.plug.llm import Llm
from spadework.spend import actions as spend
from spadework.spend.types import Budget, Scopes
from spadework.workbooks.actions import dossiers, prompted, tables
from spadework.workbooks.rules import modes, order, prices
from spadework.workbooks.store import cells, filling, rows
from spadework.workbooks.types import (
    Blocker,
    BudgetCheck,
    Estimate,
    Field,
    FieldEstimate,
    Market,
    RowPrice,
    RunRequest,
    Table,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What a request comes to: its columns in the order they are filled, and its rows (None: every row)."""

    table: Table
    fields: tuple[Field, ...]
    asked: frozenset[UUID]
    row_ids: tuple[int, ...] | None

    @property
    def row_count(self) -> int:
        """How many rows the run looks at."""
        return self.table.row_count if self.row_ids is None else len(self.row_ids)


async def estimate(tx: ReadOnly, request: RunRequest) -> Estimate:
    """The run's expected and worst cost per column, dependants included, against every budget above it.

    Free and without effect. `blockers` name columns that could not run, and what to do.

    Raises:
        NotFound: no such table. UnknownReference: no such column. InvalidInput: nothing there can be run.
    """
    return (await estimate_coverage(tx, await cover(tx, request), request))[0]


async def cover(tx: ReadOnly, request: RunRequest) -> Coverage:
    """The columns and rows of a request.

    Raises:
        NotFound: no such table. UnknownReference: no such column. InvalidInput: nothing there can be run.
    """
    table = await tables.get_table(tx, request.table_id)
    asked = {_computed(table, each).id for each in request.field_ids}
    if not asked:
        raise InvalidInput("Name at least one column to run.")
    more = {each.id for each in order.dependants(table, sorted(asked))} if request.with_dependants else set()
    wanted = order.in_order(table, [each for each in table.fields if each.id in asked | more])
    return Coverage(
        table=table, fields=tuple(wanted), asked=frozenset(asked), row_ids=await _row_ids(tx, table, request)
    )


async def estimate_coverage(
    tx: ReadOnly, coverage: Coverage, request: RunRequest
) -> tuple[Estimate, Mapping[UUID, RowPrice]]:
    """The estimate of a coverage, and what one row of each column costs."""
    market = await find_market(tx, coverage.table.client_id, is_training=coverage.table.is_training)
    row_prices: dict[UUID, RowPrice] = {each.id: await _price(tx, each, market) for each in coverage.fields}
    taken = await _taken(tx, coverage, request)
    lines = tuple(_line(each, taken[each.id], row_prices[each.id]) for each in coverage.fields)
    expected, worst = sum(each.expected_micro_usd for each in lines), sum(each.worst_micro_usd for each in lines)
    checks = await _checks(tx, coverage, lines)
    found = Estimate(
        rows=await _rows_taken(tx, coverage, request, lines), fields=lines, expected_micro_usd=expected, worst_micro_usd=worst,
        budgets=checks,
        needs_confirmation=worst > prices.CONFIRM_ABOVE_MICRO_USD or not all(each.fits for each in checks),
        blockers=tuple(
            Blocker(field_id=each.id, message=message)
            for each in coverage.fields
            for message in row_prices[each.id].blockers
        ),
    )  # fmt: skip
    return found, row_prices


def price_row(asks: Sequence[Ask], market: Market, *, name: str) -> RowPrice:
    """What one row costs that asks all this; for plans, which have no table yet."""
    return prices.price_row(asks, market, name=name)


async def find_market(tx: ReadOnly, client_id: UUID, *, is_training: bool) -> Market:
    """The prices that hold for a client: its keys, its language model, and whether vendors are simulated."""
    client = await clients.get(tx, client_id)
    stored = await credentials.list_credentials(tx)
    llms = {each.name: each for each in stored if each.kind == "llm"}
    # The same choice as the toolbox makes: the client's own, else the first one there is a key for.
    key = client.llm if client.llm in llms or client.llm == "scripted" else next(iter(sorted(llms)), None)
    llm = _llm(key)
    features = llms[key].features if key in llms else {}
    fallback = llm.models[0].id if llm and llm.models else ""
    return Market(
        keys={each.name: each.usd_per_credit for each in stored if each.kind == "provider"},
        llm=llm, model=str(client.model or features.get("default_model") or fallback), is_training=is_training,
    )  # fmt: skip


def scopes_of(tx: ReadOnly, table: Table, *, field_id: UUID | None = None) -> Scopes:
    """Every place above a purchase for this table where a budget may be set."""
    return Scopes(
        account_id=tx.account, client_id=table.client_id, workbook_id=table.workbook_id, table_id=table.id,
        field_id=field_id,
    )  # fmt: skip


def _llm(key: str | None) -> Llm | None:
    if key is None:
        return None
    try:
        return catalog.get(Llm, "llm", key)()  # type: ignore[type-abstract]  # the catalogue holds whole classes only
    except UnknownReference:
        return None


def _computed(table: Table, field_id: UUID) -> Field:
    """The column whose run fills the given one: itself, or the one it is an output of."""
    field = table.find_field(field_id)
    if field is None:
        raise UnknownReference(f"{table.name} has no column of the id {field_id}. It may have been deleted.")
    if field.output_of is not None and (parent := table.find_field(field.output_of)):
        return parent
    if not order.is_computed(field):
        raise InvalidInput(f"{field.name} is typed or imported, so there is nothing to run. Choose a computed column.")
    return field


async def _row_ids(tx: ReadOnly, table: Table, request: RunRequest) -> tuple[int, ...] | None:
    if request.mode == "first_n":
        if request.first_n < 1:
            raise InvalidInput("The number of rows to run is at least 1.")
        return tuple(await filling.first_row_ids(tx, table.id, request.first_n))
    if request.mode in ("cell", "selected") and not request.row_ids:
        raise InvalidInput(f"The mode {request.mode} needs the ids of the rows to run.")
    if not request.row_ids:
        return None
    return tuple(sorted(await rows.existing(tx, table.id, request.row_ids)))


async def _price(tx: ReadOnly, field: Field, market: Market) -> RowPrice:
    kind = catalog.get(ColumnKind, "column", field.kind)()
    try:
        asks = await prompted.asks(tx, kind, kind.settings.model_validate(dict(field.settings)))
        if kind.makes_dossiers:
            asks = [*asks, *await dossiers.asks(tx, is_training=market.is_training)]
            market = dossiers.market_of(market)
    except UnknownReference as error:
        return RowPrice(blockers=(f"{field.name} cannot run: {error.message}",))
    return prices.price_row(asks, market, name=field.name)


async def _taken(tx: ReadOnly, coverage: Coverage, request: RunRequest) -> dict[UUID, int]:
    """How many cells of each column the mode takes now."""
    ids = list(coverage.row_ids) if coverage.row_ids is not None else None
    nos = [each.no for each in coverage.fields]
    states = await cells.count_states(tx, coverage.table.id, field_nos=nos, row_ids=ids)
    return {
        each.id: coverage.row_count * modes.takes(request.mode, "empty")
        + sum(
            count * (modes.takes(request.mode, state) - modes.takes(request.mode, "empty"))
            for state, count in states.get(each.no, {}).items()
        )
        for each in coverage.fields
    }


async def _rows_taken(tx: ReadOnly, coverage: Coverage, request: RunRequest, lines: Sequence[FieldEstimate]) -> int:
    """In how many rows the mode takes a cell of any of the columns now."""
    most = max(each.rows for each in lines)
    if len(lines) == 1 or most in (0, coverage.row_count):
        return most
    ids = list(coverage.row_ids) if coverage.row_ids is not None else None
    nos = [each.no for each in coverage.fields]
    states = modes.taken(request.mode)
    if "empty" not in states:
        return await cells.count_rows_with(tx, coverage.table.id, nos, states, row_ids=ids)
    passed_over = await cells.count_rows_without(tx, coverage.table.id, nos, states, row_ids=ids)
    return coverage.row_count - passed_over


def _line(field: Field, rows: int, price: RowPrice) -> FieldEstimate:
    return FieldEstimate(
        field_id=field.id, name=field.name, rows=rows, price_micro_usd_per_row=price.expected_micro_usd,
        expected_micro_usd=rows * price.expected_micro_usd, worst_micro_usd=rows * price.worst_micro_usd,
        provider=", ".join(price.providers), warnings=price.warnings,
    )  # fmt: skip


async def _checks(tx: ReadOnly, coverage: Coverage, lines: Sequence[FieldEstimate]) -> tuple[BudgetCheck, ...]:
    """Each budget against what would be spent under it: all of the run, or the one column it is set on."""
    found: dict[UUID, tuple[Budget, int]] = {}
    whole = sum(each.worst_micro_usd for each in lines)
    for line in lines:
        for budget in await spend.budgets_over(tx, scopes_of(tx, coverage.table, field_id=line.field_id)):
            found[budget.id] = (budget, line.worst_micro_usd if budget.scope == "column" else whole)
    return tuple(
        BudgetCheck(scope=budget.scope, left_micro_usd=budget.left_micro_usd, fits=worst <= budget.left_micro_usd)
        for budget, worst in found.values()
    )
