"""The attacks on the local sandbox: none reaches anything, each is stopped, nothing is left behind."""

from pathlib import Path

import pytest

from tests.sandbox.conftest import Attack

ATTACKS = sorted((Path(__file__).parent / "attacks").glob("*.py"))
SMALL = {"seconds": 3, "cpu_seconds": 2, "memory_bytes": 200 << 20}
ROOMY = {"seconds": 30, "cpu_seconds": 15, "memory_bytes": 300 << 20}


def expected(path: Path) -> str:
    """`held` or `stopped`, as the attack itself says."""
    (line,) = [each for each in path.read_text().splitlines() if each.startswith("# expect: ")]
    return line.removeprefix("# expect: ")


@pytest.mark.parametrize("path", ATTACKS, ids=lambda path: path.stem)
def test_an_attack_reaches_nothing_and_leaves_nothing(path: Path, attack: Attack) -> None:
    expect = expected(path)
    attacked = attack(path.read_text(), **(SMALL if expect == "stopped" else ROOMY))
    (run,) = attacked.runs
    assert "unavailable" not in run, run
    assert "ESCAPED" not in run["log"] + run["output"], run["log"]
    assert not run["has_canary"], run
    assert run["success"] is (expect == "held"), run
    assert attacked.victim_lives
    assert attacked.left == []


def test_there_are_at_least_forty_attacks() -> None:
    assert len(ATTACKS) >= 40
    assert {expected(each) for each in ATTACKS} == {"held", "stopped"}
