"""Money set aside, spent and given back."""

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spadework.accounts.actions import accounts
from spadework.core.db import Database, Transaction
from spadework.core.errors import Conflict, InvalidInput, NotFound, OutOfBudget
from spadework.core.ids import AccountId, new_id
from spadework.core.secrets import Box
from spadework.spend import actions as spend
from spadework.spend.types import Budget, NewCall, Scopes
from tests.spend.builders import ended, purchase

WORKER = "worker-1"


async def test_a_reservation_is_set_aside_and_its_rest_goes_back_when_it_settles(tx: Transaction) -> None:
    scopes = await _limited(tx, 100)
    call = purchase(30)
    await spend.reserve(tx, scopes, [call], worker_id=WORKER)
    assert _state(await _budget(tx)) == (30, 0, 70)
    await spend.settle(tx, scopes, [ended(call, "ok", 20)])
    assert _state(await _budget(tx)) == (0, 20, 80)


async def test_a_call_that_never_left_gives_everything_back(tx: Transaction) -> None:
    scopes = await _limited(tx, 100)
    call = purchase(30)
    await spend.reserve(tx, scopes, [call], worker_id=WORKER)
    await spend.settle(tx, scopes, [ended(call, "void")])
    assert _state(await _budget(tx)) == (0, 0, 100)


async def test_as_many_purchases_as_fit_are_allowed_in_order_and_the_rest_is_told_what_is_missing(
    tx: Transaction,
) -> None:
    scopes = await _limited(tx, 100)
    calls = [purchase(40), purchase(40), purchase(40), purchase(10)]
    allowed, refusal = await spend.reserve(tx, scopes, calls, worker_id=WORKER)
    assert allowed == calls[:2]
    assert refusal == (
        "The budget of the account has $0.000020 left of $0.0001; this needs $0.000020 more. Raise it under Spend."
    )
    assert {each.id for each in await spend.open_calls(tx)} == {each.id for each in calls[:2]}


async def test_the_tightest_of_nested_budgets_decides_and_every_one_is_charged(tx: Transaction) -> None:
    places = {scope: new_id() for scope in ("client", "workbook", "table", "column", "run")}
    scopes = Scopes(
        account_id=tx.account, client_id=places["client"], workbook_id=places["workbook"],
        table_id=places["table"], field_id=places["column"], run_id=places["run"],
    )  # fmt: skip
    for limit, (scope, scope_id) in enumerate([("account", tx.account), *places.items()], start=1):
        await spend.set_budget(tx, scope, scope_id, 1000 - limit * 100, by=None)
    allowed, refusal = await spend.reserve(tx, scopes, [purchase(300), purchase(200)], worker_id=WORKER)
    assert len(allowed) == 1
    assert refusal is not None and "this run" in refusal
    assert {each.reserved_micro_usd for each in await spend.list_budgets(tx)} == {300}
    assert len(await spend.list_budgets(tx)) == 6


async def test_a_budget_of_another_place_does_not_matter(tx: Transaction) -> None:
    await spend.set_budget(tx, "client", new_id(), 0, by=None)
    allowed, _ = await spend.reserve(tx, Scopes(account_id=tx.account), [purchase(5)], worker_id=WORKER)
    assert len(allowed) == 1


async def test_settling_twice_changes_nothing(tx: Transaction) -> None:
    scopes = await _limited(tx, 100)
    call = purchase(30)
    await spend.reserve(tx, scopes, [call], worker_id=WORKER)
    await spend.settle(tx, scopes, [ended(call, "ok", 20)])
    await spend.settle(tx, scopes, [ended(call, "ok", 20)])
    assert _state(await _budget(tx)) == (0, 20, 80)


async def test_an_unknown_call_keeps_its_money_set_aside_until_a_person_decides(tx: Transaction) -> None:
    scopes = await _limited(tx, 100)
    call = purchase(30)
    await spend.reserve(tx, scopes, [call], worker_id=WORKER)
    await spend.settle(tx, scopes, [ended(call, "unknown")])
    assert _state(await _budget(tx)) == (30, 0, 70)
    assert [each.id for each in (await spend.report(tx)).unknown] == [call.id]
    await spend.reconcile(tx, call.id, "mark_done", by=None)
    assert _state(await _budget(tx)) == (0, 30, 70)
    with pytest.raises(Conflict):
        await spend.reconcile(tx, call.id, "mark_failed", by=None)


@pytest.mark.parametrize("action", ["mark_failed", "retry_and_pay_again"])
async def test_deciding_that_an_unknown_call_was_not_charged_gives_its_money_back(tx: Transaction, action: str) -> None:
    scopes = await _limited(tx, 100)
    call = purchase(30)
    await spend.reserve(tx, scopes, [call], worker_id=WORKER)
    await spend.settle(tx, scopes, [ended(call, "unknown")])
    await spend.reconcile(tx, call.id, action, by=None)  # type: ignore[arg-type]
    assert _state(await _budget(tx)) == (0, 0, 100)


async def test_a_budget_set_late_counts_what_was_spent_before(tx: Transaction) -> None:
    scopes = Scopes(account_id=tx.account)
    call, open_call = purchase(30), purchase(7)
    await spend.reserve(tx, scopes, [call, open_call], worker_id=WORKER)
    await spend.settle(tx, scopes, [ended(call, "ok", 20)])
    assert _state(await spend.set_budget(tx, "account", tx.account, 100, by=None)) == (7, 20, 73)


async def test_no_room_is_told_with_the_budget_and_what_is_missing(tx: Transaction) -> None:
    scopes = await _limited(tx, 100)
    with pytest.raises(OutOfBudget) as refusal:
        await spend.require_room(tx, scopes, 130)
    assert refusal.value.details == {
        "missing_micro_usd": 30,
        "budget": {
            "scope": "account", "scope_id": str(tx.account), "limit_micro_usd": 100, "left_micro_usd": 100,
        },
    }  # fmt: skip
    await spend.require_room(tx, scopes, 100)


@pytest.mark.parametrize(("scope", "limit"), [("galaxy", 1), ("account", -1)])
async def test_a_budget_of_no_known_scope_or_below_zero_is_refused(tx: Transaction, scope: str, limit: int) -> None:
    with pytest.raises(InvalidInput):
        await spend.set_budget(tx, scope, tx.account, limit, by=None)


async def test_removing_a_budget_that_is_not_there_is_told(tx: Transaction) -> None:
    with pytest.raises(NotFound):
        await spend.remove_budget(tx, new_id())


async def test_simulated_calls_are_listed_apart_and_count_in_no_sum(tx: Transaction) -> None:
    scopes = Scopes(account_id=tx.account)
    real, simulated = purchase(30), purchase(0, is_simulated=True, provider="apollo")
    await spend.reserve(tx, scopes, [real, simulated], worker_id=WORKER)
    await spend.settle(tx, scopes, [ended(real, "ok", 30), ended(simulated, "ok")])
    report = await spend.report(tx)
    assert report.settled_micro_usd == 30
    assert [(each.provider, each.calls, each.is_simulated) for each in report.by_provider] == [
        ("hunter", 1, False),
        ("apollo", 1, True),
    ]


async def test_another_account_sees_no_call_and_no_budget(tx: Transaction, database: Database, box: Box) -> None:
    stranger = await accounts.create_account(database, box, "Somebody Else")
    async with database.transaction(stranger) as other:
        await spend.set_budget(other, "account", stranger, 5, by=None)
        call = purchase(1)
        await spend.reserve(other, Scopes(account_id=stranger), [call], worker_id=WORKER)
    assert await spend.list_budgets(tx) == []
    assert await spend.find_call(tx, call.id) is None
    with pytest.raises(NotFound):
        await spend.reconcile(tx, call.id, "mark_done", by=None)


async def test_32_tasks_on_one_budget_spend_all_of_it_and_not_a_micro_dollar_more(
    database: Database, account: AccountId
) -> None:
    async with database.transaction(account) as tx:
        scopes = await _limited(tx, 1000)

    async def shop() -> int:
        spent = 0
        for _ in range(5):
            call = purchase(30)
            async with database.transaction(account) as tx:
                allowed, _ = await spend.reserve(tx, scopes, [call], worker_id=WORKER)
            if allowed:
                async with database.transaction(account) as tx:
                    await spend.settle(tx, scopes, [ended(call, "ok", 30)])
                spent += 30
        return spent

    spent = sum(await asyncio.gather(*(shop() for _ in range(32))))
    async with database.read(account) as tx:
        assert _state(await _budget(tx)) == (0, spent, 1000 - spent)
        assert all(each.holds for each in await spend.audit(tx))
    assert spent == 990


async def test_the_end_of_a_call_that_cost_nothing_waits_for_nobodys_budget(
    database: Database, account: AccountId
) -> None:
    free = purchase(0)
    async with database.transaction(account) as tx:
        scopes = await _limited(tx, 1000)
        await spend.reserve(tx, scopes, [free], worker_id=WORKER)
    async with database.transaction(account) as holder:
        await spend.reserve(holder, scopes, [purchase(30)], worker_id=WORKER)
        async with database.within(5).transaction(account) as tx:
            await spend.settle(tx, scopes, [ended(free, "ok")])
    async with database.read(account) as tx:
        assert _state(await _budget(tx)) == (30, 0, 970)


_STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("reserve"), st.lists(st.integers(0, 60), min_size=1, max_size=4)),
        st.tuples(st.sampled_from(["ok", "failed", "void", "unknown"]), st.integers(0, 60)),
        st.tuples(st.just("limit"), st.integers(0, 300)),
    ),
    max_size=25,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=_STEPS)
async def test_whatever_happens_in_whatever_order_the_books_hold(
    database: Database, box: Box, steps: list[tuple[str, object]]
) -> None:
    account = await accounts.create_account(database, box, "Example Agency")
    table_id, run_id = new_id(), new_id()
    scopes = Scopes(account_id=account, table_id=table_id, run_id=run_id)
    under_way: list[NewCall] = []
    async with database.transaction(account) as tx:
        await spend.set_budget(tx, "account", account, 200, by=None)
        await spend.set_budget(tx, "table", table_id, 150, by=None)
    for what, value in steps:
        async with database.transaction(account) as tx:
            if what == "limit":
                assert isinstance(value, int)
                await spend.set_budget(tx, "account", account, value, by=None)
            elif what == "reserve":
                assert isinstance(value, list)
                allowed, refusal = await spend.reserve(tx, scopes, [purchase(p) for p in value], worker_id=WORKER)
                assert (refusal is None) == (len(allowed) == len(value))
                under_way += allowed
            elif under_way:
                assert isinstance(value, int)
                call = under_way.pop(0)
                cost = min(value, call.reserved_micro_usd) if what in ("ok", "failed") else 0
                await spend.settle(tx, scopes, [ended(call, what, cost)])
    async with database.read(account) as tx:
        findings = {each.name: each.wrong for each in await spend.audit(tx) if each.name != "open_calls"}
    assert findings == {"within_limits": 0, "reservations": 0, "budget_sums": 0, "settled_sums": 0}


async def test_the_audit_finds_a_budget_that_was_tampered_with(tx: Transaction) -> None:
    scopes = await _limited(tx, 100)
    await spend.reserve(tx, scopes, [purchase(30)], worker_id=WORKER)
    await tx.execute("update budgets set reserved_micro_usd = 10, spent_micro_usd = 5")
    wrong = {each.name for each in await spend.audit(tx) if not each.holds}
    assert wrong == {"reservations", "budget_sums", "open_calls"}


async def _limited(tx: Transaction, limit_micro_usd: int) -> Scopes:
    await spend.set_budget(tx, "account", tx.account, limit_micro_usd, by=None)
    return Scopes(account_id=tx.account)


async def _budget(tx: object) -> Budget:
    return (await spend.list_budgets(tx))[0]  # type: ignore[arg-type]


def _state(budget: Budget) -> tuple[int, int, int]:
    return budget.reserved_micro_usd, budget.spent_micro_usd, budget.left_micro_usd
