"""A sealed text opens for its own row and nobody else's, and the installation's key is made once."""

import dataclasses
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from spadework.core import config
from spadework.core.errors import Misconfigured
from spadework.core.ids import new_id
from spadework.core.secrets import Box, Label, load_secret_key

KEK = bytes(range(32))
TEXT = b'{"api_key": "very-secret"}'


def label() -> Label:
    return Label(new_id(), "provider", "apollo", 1)


def test_a_sealed_text_opens_under_its_own_label() -> None:
    box, place = Box(KEK), label()
    key = box.make_account_key(place.account_id)
    assert box.open(box.seal(TEXT, place, wrapped_key=key), place, wrapped_key=key) == TEXT


@pytest.mark.parametrize("change", [{"name": "hunter"}, {"kind": "llm"}, {"version": 2}])
def test_a_sealed_text_copied_to_another_row_does_not_open(change: dict[str, object]) -> None:
    box, place = Box(KEK), label()
    key = box.make_account_key(place.account_id)
    sealed = box.seal(TEXT, place, wrapped_key=key)
    with pytest.raises(Misconfigured):
        box.open(sealed, dataclasses.replace(place, **change), wrapped_key=key)  # type: ignore[arg-type]


def test_a_sealed_text_copied_to_another_account_does_not_open_even_with_the_key_copied_along() -> None:
    box, place = Box(KEK), label()
    key = box.make_account_key(place.account_id)
    sealed = box.seal(TEXT, place, wrapped_key=key)
    elsewhere = dataclasses.replace(place, account_id=new_id())
    for wrapped_key in (key, box.make_account_key(elsewhere.account_id)):
        with pytest.raises(Misconfigured):
            box.open(sealed, elsewhere, wrapped_key=wrapped_key)


def test_an_altered_or_cut_text_does_not_open() -> None:
    box, place = Box(KEK), label()
    key = box.make_account_key(place.account_id)
    sealed = box.seal(TEXT, place, wrapped_key=key)
    for broken in (sealed[:-1] + bytes([sealed[-1] ^ 1]), sealed[:9], b"", b"\x02" + sealed[1:]):
        with pytest.raises(Misconfigured):
            box.open(broken, place, wrapped_key=key)


def test_another_installations_key_opens_nothing() -> None:
    box, place = Box(KEK), label()
    key = box.make_account_key(place.account_id)
    sealed = box.seal(TEXT, place, wrapped_key=key)
    with pytest.raises(Misconfigured):
        Box(bytes(32)).open(sealed, place, wrapped_key=key)


def test_sealing_twice_gives_different_bytes_that_never_hold_the_text() -> None:
    box, place = Box(KEK), label()
    key = box.make_account_key(place.account_id)
    first, second = (box.seal(TEXT, place, wrapped_key=key) for _ in range(2))
    assert first != second
    assert b"secret" not in first


def test_fingerprints_are_equal_for_equal_content_and_differ_by_purpose() -> None:
    box = Box(KEK)
    assert box.fingerprint("credential", b"x") == box.fingerprint("credential", b"x")
    assert box.fingerprint("credential", b"x") != box.fingerprint("sign-in", b"x")


def test_the_first_start_makes_a_private_key_file_and_later_starts_read_it(tmp_path: Path) -> None:
    settings = config.load({"SPADEWORK_HOME": str(tmp_path / "new")})
    first = load_secret_key(settings)
    file = tmp_path / "new" / "secret.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert load_secret_key(settings) == first
    assert [each.name for each in file.parent.iterdir()] == ["secret.key"]


def test_processes_that_start_at_once_agree_on_one_key(tmp_path: Path) -> None:
    settings = config.load({"SPADEWORK_HOME": str(tmp_path)})
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(load_secret_key, [settings] * 8))
    assert len(keys) == 1


def test_a_key_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    settings = config.load({"SPADEWORK_HOME": str(tmp_path)})
    load_secret_key(settings)
    (tmp_path / "secret.key").chmod(0o640)
    with pytest.raises(Misconfigured, match="chmod 600"):
        load_secret_key(settings)


@pytest.mark.parametrize("text", [KEK.hex(), "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="])
def test_a_key_in_the_environment_counts_in_hexadecimal_and_base64(tmp_path: Path, text: str) -> None:
    settings = config.load({"SPADEWORK_HOME": str(tmp_path), "SPADEWORK_SECRET_KEY": text})
    assert load_secret_key(settings) == KEK
    assert not (tmp_path / "secret.key").exists()


def test_a_short_key_in_the_environment_is_refused_with_the_way_to_make_one(tmp_path: Path) -> None:
    settings = config.load({"SPADEWORK_HOME": str(tmp_path), "SPADEWORK_SECRET_KEY": "hunter2"})
    with pytest.raises(Misconfigured, match="openssl rand -hex 32") as caught:
        load_secret_key(settings)
    assert "hunter2" not in caught.value.message
