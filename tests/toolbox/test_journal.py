"""The call journal: what a process knows of its own calls before the database does."""

from pathlib import Path

from spadework.core.ids import new_id
from spadework.toolbox.journal import Journal, Trace


def test_a_process_finds_its_open_calls_with_their_newest_record_and_none_it_has_forgotten(tmp_path: Path) -> None:
    journal = Journal(tmp_path, "worker")
    sent, answered, forgotten = new_id(), new_id(), new_id()
    for each in (sent, answered, forgotten):
        journal.sent(each)
    journal.reply(answered, b'{"status":200}')
    journal.reply(forgotten, b"{}")
    journal.forget([forgotten])
    assert journal.traces() == {sent: Trace(sent, None), answered: Trace(answered, b'{"status":200}')}
    journal.close()


def test_traces_are_found_after_they_moved_to_another_area(tmp_path: Path) -> None:
    journal = Journal(tmp_path, "worker")
    first, large = new_id(), new_id()
    journal.reply(first, b"first")
    journal.reply(large, b"x" * 9_000_000)
    assert journal.traces() == {first: Trace(first, b"first"), large: Trace(large, b"x" * 9_000_000)}
    journal.close()
