"""The permission table, for those who show it or check a name against it."""

from collections.abc import Mapping

from spadework.accounts import rules


def all_permissions() -> Mapping[str, str]:
    """Every permission with what it allows."""
    return rules.all_permissions()


def all_roles() -> Mapping[str, frozenset[str]]:
    """Every role with its permissions."""
    return rules.all_roles()
