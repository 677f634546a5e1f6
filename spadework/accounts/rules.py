"""Decisions about roles, passwords, keys and throttling; pure, and the permission table is `roles.json` beside it."""

import hashlib
import hmac
import ipaddress
import json
import re
import secrets
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib import resources
from itertools import takewhile

from zxcvbn import zxcvbn

from spadework.core.errors import Forbidden, InvalidInput

MIN_PASSWORD_CHARACTERS = 12
MAX_PASSWORD_CHARACTERS = 1024
SESSION_IDLE = timedelta(hours=12)
BOOTSTRAP_LIFE = timedelta(minutes=30)
KEY_LIFE_DAYS = 90
MAX_KEY_LIFE_DAYS = 366
ATTEMPT_WINDOW = timedelta(minutes=15)
MAX_FAILURES_PER_PLACE = 5
MAX_FAILURES_PER_HOUR = 100

_PRODUCT_WORDS = ("spadework", "spade", "workbook", "enrichment")
_MIN_CHARACTERS_BESIDE_KNOWN_WORDS = 8
_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CRC_CHARACTERS = 6
_SECRET_CHARACTERS = 30  # 178 bits
_ID_CHARACTERS = 12
_KEY = re.compile(r"sw_(live|test)_([0-9A-Za-z]{12})_([0-9A-Za-z]{30})([0-9A-Za-z]{6})")
_EMAIL = re.compile(r"[^@\s\x00-\x1f]{1,64}@[^@\s\x00-\x1f]{1,189}")


@dataclass(frozen=True, slots=True)
class _Table:
    permissions: Mapping[str, str]
    never_by_key: frozenset[str]
    roles: Mapping[str, frozenset[str]]


@cache
def _table() -> _Table:
    content = json.loads(resources.files("spadework.accounts").joinpath("roles.json").read_text("utf-8"))
    every = content["permissions"]
    roles = {role: frozenset(every) if "*" in names else frozenset(names) for role, names in content["roles"].items()}
    return _Table(permissions=every, never_by_key=frozenset(content["never_by_key"]), roles=roles)


# Roles ------------------------------------------------------------------------------------------------------


def all_permissions() -> Mapping[str, str]:
    """Every permission with what it allows."""
    return _table().permissions


def all_roles() -> Mapping[str, frozenset[str]]:
    """Every role with its permissions."""
    return _table().roles


def permissions_of(role: str) -> frozenset[str]:
    """What the role may do; a role nobody described may do nothing."""
    return _table().roles.get(role, frozenset())


def permissions_of_key(scopes: Iterable[str], role: str) -> frozenset[str]:
    """What a key may do: its scopes, as far as its maker's role reaches now, and never what keys may not."""
    return frozenset(scopes) & permissions_of(role) - _table().never_by_key


def require_known_role(role: str) -> None:
    """Raise InvalidInput for a role that is not in the table."""
    if role not in _table().roles:
        raise InvalidInput(f"There is no role {role!r}. There are: {', '.join(_table().roles)}.")


def require_grantable(role: str, *, by: frozenset[str]) -> None:
    """Raise Forbidden when the role may do something its giver may not."""
    require_known_role(role)
    if not permissions_of(role) <= by:
        raise Forbidden(f"You cannot give the role {role!r}: it may do more than you may. Ask an owner.")


def require_grantable_scopes(scopes: Iterable[str], *, by: frozenset[str]) -> None:
    """Raise when a key would get what no key may have, or more than its maker has."""
    wanted = set(scopes)
    if unknown := sorted(wanted - set(all_permissions())):
        raise InvalidInput(f"There is no scope {unknown[0]!r}. There are: {', '.join(all_permissions())}.")
    if never := sorted(wanted & _table().never_by_key):
        raise Forbidden(f"No key may have the scope {never[0]!r}: a person has to do that. Leave it out.")
    if wider := sorted(wanted - by):
        raise Forbidden(f"You cannot give a key the scope {wider[0]!r}, because you do not have it. Leave it out.")


# Passwords and addresses ------------------------------------------------------------------------------------


def require_email(text: str) -> str:
    """The address without surrounding space; InvalidInput when it cannot be one."""
    address = text.strip()
    if not _EMAIL.fullmatch(address):
        raise InvalidInput(f"{text[:80]!r} is not an e-mail address. Write it like ana@example.com.")
    return address


def require_good_password(password: str, *, known: Iterable[str]) -> None:
    """Raise InvalidInput for a password that is short, common, or built from what is `known` of the person.

    There are no rules about kinds of characters. Source of the limits: OWASP ASVS 5.0, 6.2.
    """
    if len(password) < MIN_PASSWORD_CHARACTERS:
        raise InvalidInput(f"The password is too short. Use at least {MIN_PASSWORD_CHARACTERS} characters.")
    if len(password) > MAX_PASSWORD_CHARACTERS:
        raise InvalidInput(f"The password is too long. Use at most {MAX_PASSWORD_CHARACTERS} characters.")
    words = [part.lower() for text in known for part in (text, *re.split(r"[^\w]+", text)) if len(part) > 2]
    words += _PRODUCT_WORDS
    rest = password.lower()
    for word in words:
        rest = rest.replace(word, "")
    # The estimator's time grows with the square of the length, and a long start says enough.
    guesses = zxcvbn(password[:64], user_inputs=words, max_length=64)
    if len(rest) < _MIN_CHARACTERS_BESIDE_KNOWN_WORDS or guesses["score"] < 2:
        raise InvalidInput(
            "The password is easy to guess: it is made of common words, names or patterns. "
            "Use a few unrelated words, or let a password manager make one."
        )


def place_of(address: str) -> str:
    """The neighbourhood failures are counted for: an IPv4 /24 or an IPv6 /64."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped:
        parsed = parsed.ipv4_mapped
    return str(ipaddress.ip_network(f"{parsed}/{24 if parsed.version == 4 else 64}", strict=False))


def seconds_to_wait(failures: Iterable[datetime], *, in_last_hour: int, at: datetime) -> int:
    """How long a further try from this place must wait; 0 when it may go on.

    `failures` are this place's within the last hour, newest first; `in_last_hour` counts all places. More
    than five within fifteen minutes make each next try wait twice as long, from 30 seconds to 15 minutes.
    """
    recent = list(takewhile(lambda each: at - each < ATTEMPT_WINDOW, failures))
    delay = timedelta(0)
    if len(recent) > MAX_FAILURES_PER_PLACE:
        doublings = min(len(recent) - MAX_FAILURES_PER_PLACE - 1, 5)
        delay = min(timedelta(seconds=30) * 2**doublings, ATTEMPT_WINDOW) - (at - recent[0])
    if in_last_hour >= MAX_FAILURES_PER_HOUR:
        delay = max(delay, ATTEMPT_WINDOW)
    return max(0, -int(-delay.total_seconds() // 1))


# Tokens and keys --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class KeyText:
    """A key as its holder has it."""

    environment: str
    public_id: str
    secret: str

    def __str__(self) -> str:
        body = f"{key_prefix(self.environment, self.public_id)}_{self.secret}"
        return body + _checksum(body)


def make_key(*, is_test: bool) -> KeyText:
    """A fresh key of 178 random bits; the last six characters are a checksum of the rest."""
    return KeyText(key_environment(is_test=is_test), _random(_ID_CHARACTERS), _random(_SECRET_CHARACTERS))


def key_environment(*, is_test: bool) -> str:
    """The word in a key that tells where it was made."""
    return "test" if is_test else "live"


def key_prefix(environment: str, public_id: str) -> str:
    """What comes before a key's secret, which may be shown."""
    return f"sw_{environment}_{public_id}"


def parse_key(text: str) -> KeyText | None:
    """The parts of a key; None when it cannot be one of ours, found without asking the database."""
    found = _KEY.fullmatch(text)
    if found is None or _checksum(text[:-_CRC_CHARACTERS]) != found[4]:
        return None
    return KeyText(found[1], found[2], found[3])


def digest(token: str) -> bytes:
    """SHA-256, which is enough at rest for tokens of 128 random bits and more."""
    return hashlib.sha256(token.encode()).digest()


def is_same(left: bytes, right: bytes) -> bool:
    """Whether both are equal, in a time that does not tell where they differ."""
    return hmac.compare_digest(left, right)


def _random(characters: int) -> str:
    return "".join(secrets.choice(_BASE62) for _ in range(characters))


def _checksum(text: str) -> str:
    value, digits = zlib.crc32(text.encode()), ""
    for _ in range(_CRC_CHARACTERS):
        value, digit = divmod(value, 62)
        digits = _BASE62[digit] + digits
    return digits
