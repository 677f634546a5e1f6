"""The formula sandbox: what a hostile or broken expression can and cannot do."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from spadework.plug.javascript import sandbox
from spadework.plug.javascript.sandbox import Computed, check, evaluate


def values(code: str, cells: list[object], **more: object) -> list[object]:
    """What the code gives for one column `a` holding these cells; an error as its text."""
    computed = evaluate(code, ["a"], [[cell] for cell in cells], **{"row_seconds": 0.2, **more})
    return [each.error or each.value for each in computed]


def test_every_row_has_its_own_result_or_its_own_error():
    assert values("a.name.toUpperCase()", [{"name": "ann"}, None, {"name": "cy"}]) == [
        "ANN",
        "TypeError: Cannot read properties of undefined (reading 'name')",
        "CY",
    ]


def test_an_empty_cell_is_undefined_so_that_optional_chaining_and_defaults_work():
    assert values("a?.size ?? 'none'", [{"size": 5}, None, {}]) == [5, "none", "none"]


@pytest.mark.parametrize(
    "endless",
    [
        "(() => { while (true) {} })()",
        "/(a+)+$/.test('a'.repeat(40) + 'b')",
        "new Array(2 ** 26).fill(0).length",
        "'x'.repeat(2 ** 28).split('').length",
        "(() => { const all = []; while (true) all.push(all); })()",
        "(() => { const all = new Map(); for (let i = 0; ; i++) all.set(i, i); })()",
    ],
)
def test_a_row_that_does_not_end_or_fills_the_memory_fails_alone(endless):
    before, stopped, after = values(f"a === 2 ? {endless} : a", [1, 2, 3])

    assert (before, after) == (1, 3)
    assert "took longer than" in str(stopped) or "needed more than" in str(stopped)


def test_a_formula_that_never_ends_is_given_up_after_three_rows():
    given = values("(() => { while (true) {} })()", list(range(500)))

    assert [str(each)[:11] for each in given[:4]] == ["took longer"] * 3 + ["not tried: "]
    assert len(given) == 500


def test_slow_rows_that_end_are_all_computed():
    slow = "(() => { const s = Date.now(); while (Date.now() - s < 300) {} return a; })()"

    assert values(slow, [1, 2, 3, 4], row_seconds=0.5) == [1, 2, 3, 4]


def test_one_row_leaves_nothing_behind_for_the_next():
    for attempt in ("globalThis.kept = a", "kept = a", "Array.prototype.kept = a", "Object.kept = a", "Math.kept = a"):
        assert str(values(f"({attempt}, 'kept')", [1])[0]).split(":")[0] in ("TypeError", "ReferenceError"), attempt
    assert values("typeof kept + typeof [].kept", [1]) == ["undefinedundefined"]


def test_one_formula_sees_nothing_of_anothers_rows():
    values("/secret-(.*)/.test(a)", ["secret-42"])

    assert values("RegExp.$1 + RegExp.input", ["x"]) == [None]


@pytest.mark.parametrize(
    "name",
    [
        "require",
        "process",
        "fetch",
        "setTimeout",
        "WebAssembly",
        "SharedArrayBuffer",
        "Atomics",
        "Uint8Array",
        "console",
    ],
)
def test_nothing_but_the_language_is_within_reach(name):
    assert values(f"typeof {name} + typeof Function('return this')().{name}", [1]) == ["undefinedundefined"]


def test_the_process_holds_none_of_our_environment():
    sandbox.check("1", ())
    assert sandbox._process is not None

    environment = Path(f"/proc/{sandbox._process.pid}/environ").read_bytes()
    names = {each.partition(b"=")[0] for each in environment.split(b"\0") if each}
    assert names <= {b"PATH", b"LC_ALL", b"TZ", b"LC_CTYPE"}


def test_a_killed_process_is_replaced_without_losing_a_row():
    assert values("a + 1", [1]) == [2]
    assert sandbox._process is not None
    os.kill(sandbox._process.pid, signal.SIGKILL)
    sandbox._process.wait()

    assert values("a + 1", [1, 2]) == [2, 3]


def test_many_threads_get_their_own_results():
    with ThreadPoolExecutor(8) as pool:
        asked = list(pool.map(lambda number: values(f"a + {number}", [1, 2]), range(24)))

    assert asked == [[1 + number, 2 + number] for number in range(24)]


@pytest.mark.parametrize(
    ("code", "result", "computed"),
    [
        ("'12.5'", "number", Computed(12.5)),
        ("true", "number", Computed(1)),
        ("'abc'", "number", Computed(error="TypeError: The result is no number: abc")),
        ("0 / 0", "number", Computed(is_not_a_number=True)),
        ("({x: 1})", "text", Computed('{"x":1}')),
        ("7", "text", Computed("7")),
        ("new Date(0)", "timestamp", Computed("1970-01-01T00:00:00.000Z")),
        ("'soon'", "timestamp", Computed(error="TypeError: The result is no date: soon")),
        ("[1, {a: null}]", "json", Computed([1, {"a": None}])),
        ("''", "json", Computed()),
        ("null", "text", Computed()),
        (
            "() => 1",
            "json",
            Computed(error="TypeError: The result is a function. Call it, or name what you want."),
        ),
        ("Promise.resolve(1)", "json", Computed(error="TypeError: A formula cannot wait for a promise.")),
        ("'a\\0b\\ud800'", "text", Computed("ab\ufffd")),
    ],
)
def test_a_result_becomes_what_the_column_stores(code, result, computed):
    assert evaluate(code, [], [[]], result=result) == [computed]


def test_a_result_too_long_for_a_cell_is_an_error():
    assert str(values("'x'.repeat(1000001)", [1])[0]).startswith("RangeError: The result is longer than 1000000")


def test_only_one_whole_expression_parses():
    assert check("a + 1", ("a",)) is None
    for broken in ("a +", "1); more(2", "if (a) 1", "a /* open", "}"):
        assert check(broken, ("a",)), broken


def test_the_two_helpers_read_addresses_and_tidy_text():
    assert values("domainOf(a)", ["https://www.Example.com/x", "jane@example.co.uk", "example.com:80", "nope", None]) == [
        "example.com", "example.co.uk", "example.com", None, None,
    ]  # fmt: skip
    assert values("clean(a)", ["  a \n b ", None]) == ["a b", None]
