"""What a running copy says about its version."""

from spadework.core import version


def test_a_copy_that_was_never_installed_says_that_it_does_not_know_its_version() -> None:
    assert version.installed("spadework-that-nobody-installed") == version.UNKNOWN


def test_an_installed_copy_names_its_version() -> None:
    assert version.installed("pytest").partition(".")[0].isdigit()
