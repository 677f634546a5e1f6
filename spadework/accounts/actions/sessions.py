"""Signing in and out, and finding who a session's token belongs to."""

import base64
import binascii
import secrets
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from spadework.accounts import rules
from spadework.accounts.actions import passwords
from spadework.accounts.store import people, tokens
from spadework.accounts.types import SESSION_LIFE, Principal, Session, SessionId, SignedIn, Visitor
from spadework.core.db import Database, ReadOnly, Transaction
from spadework.core.errors import InvalidInput, NotFound, SignInRequired, TooFast
from spadework.core.ids import AccountId, UserId, new_id
from spadework.core.secrets import Box

_TOUCH_EVERY = timedelta(minutes=1)
_DEVICE_SIGNATURE_BYTES = 16


async def sign_in(database: Database, box: Box, email: str, password: str, visitor: Visitor) -> SignedIn:
    """A new session for whoever has this address and password.

    Takes as long and answers the same for an address nobody has. A browser that signed in before is
    counted apart, so that nobody else's guessing locks its owner out.

    Raises:
        SignInRequired: wrong address or password.
        TooFast: too many wrong tries; `details["retry_after_seconds"]` says when to come back.
    """
    subject = box.fingerprint("sign-in", email.strip().lower().encode())
    place = _place(box, subject, visitor)
    await _count_attempt(database, subject, place)
    async with database.read(None) as tx:
        logins = await tokens.find_logins(tx, email.strip())
    found = await _first_right(logins, password)
    if found is None:
        raise SignInRequired("The e-mail address or the password is wrong. Check both and try again.")
    async with database.transaction(found.account_id) as tx:
        await tokens.forget_attempts(tx, subject, place)
        return await open_session(tx, box, found.user_id, visitor)


async def open_session(tx: Transaction, box: Box, user_id: UserId, visitor: Visitor) -> SignedIn:
    """A new session of a user whose identity was just proved."""
    user = await people.find_user(tx, user_id)
    if user is None or user.disabled_at is not None:
        raise SignInRequired("This user cannot sign in any more. Ask an owner of the account.")
    token = secrets.token_urlsafe(32)
    session_id = SessionId(new_id())
    expires_at = await tokens.add_session(
        tx,
        session_id,
        user_id,
        rules.digest(token),
        life=SESSION_LIFE,
        user_agent=visitor.user_agent[:300],
        address=visitor.address[:64],
    )
    return SignedIn(
        principal=_principal(tx.account, user.id, user.role, user.name, session_id),
        token=token,
        device=_make_device(box, box.fingerprint("sign-in", user.email.lower().encode())),
        expires_at=expires_at,
    )


async def find_principal_for_session(database: Database, token: str) -> Principal | None:
    """Whose session the token is, with what their role allows now; None when it ended in any way."""
    async with database.door() as door:
        found = await tokens.find_session(door, rules.digest(token))
    if found is None or found.idle > rules.SESSION_IDLE:
        return None
    if found.idle > _TOUCH_EVERY:
        async with database.transaction(found.account_id) as writing:
            await tokens.touch_session(writing, found.id)
    return _principal(found.account_id, found.user_id, found.role, found.name, SessionId(found.id))


async def list_sessions(tx: ReadOnly, user_id: UserId) -> list[Session]:
    """The user's open sessions, last used first."""
    return await tokens.list_sessions(tx, user_id, idle=rules.SESSION_IDLE)


async def revoke_session(tx: Transaction, user_id: UserId, session_id: UUID) -> None:
    """End one of the user's own sessions, at once.

    Raises:
        NotFound: the user has no such open session.
    """
    if not await tokens.revoke_session(tx, user_id, session_id):
        raise NotFound("There is no such session. It may have ended already.")


async def change_password(
    database: Database, box: Box, principal: Principal, *, current: str, new: str, visitor: Visitor
) -> SignedIn:
    """A new session under the new password; every other session of the user ends.

    Raises:
        InvalidInput: the current password is wrong, or the new one cannot be used; nothing changed.
        TooFast: too many wrong tries.
    """
    async with database.read(principal.account_id) as tx:
        user = await people.find_user(tx, principal.user_id)
        old_hash = await people.get_password_hash(tx, principal.user_id)
    assert user is not None
    rules.require_good_password(new, known=[user.email, user.name])
    subject = box.fingerprint("sign-in", user.email.lower().encode())
    place = _place(box, subject, visitor)
    await _count_attempt(database, subject, place)
    if not await passwords.is_right(current, old_hash):
        raise InvalidInput("The current password is wrong. Nothing was changed.")
    new_hash = await passwords.hash_password(new)
    async with database.transaction(principal.account_id) as writing:
        await tokens.forget_attempts(writing, subject, place)
        await people.set_password_hash(writing, principal.user_id, new_hash)
        await tokens.revoke_sessions(writing, principal.user_id)
        return await open_session(writing, box, principal.user_id, visitor)


async def still_open(tx: ReadOnly, ids: Sequence[UUID]) -> set[UUID]:
    """Those of the sessions and keys that were not revoked, have not expired and whose user is not disabled."""
    return await tokens.living(tx, ids, idle=rules.SESSION_IDLE)


async def _first_right(logins: Sequence[tokens.FoundLogin], password: str) -> tokens.FoundLogin | None:
    if not logins:
        await passwords.is_right(password, None)
    for login in logins:
        if await passwords.is_right(password, login.password_hash):
            return login
    return None


async def _count_attempt(database: Database, subject: bytes, place: str) -> None:
    # Counted before the password is checked and forgiven after, so that many tries at once cannot
    # all slip through before the first failure is written.
    async with database.transaction(None) as tx:
        await tokens.lock_attempts(tx, subject)
        attempts = await tokens.list_attempts(tx, subject)
        here = [at for where, at in attempts if where == place]
        # A known device has its own allowance: what strangers did must not lock it out.
        everywhere = len(here) if place.startswith("device:") else len(attempts)
        wait = rules.seconds_to_wait(here, in_last_hour=everywhere, at=await tokens.database_now(tx))
        if wait:
            raise TooFast(
                f"Too many wrong tries. Wait {wait} seconds, then try again.",
                details={"retry_after_seconds": wait},
            )
        await tokens.add_attempt(tx, subject, place)


def _place(box: Box, subject: bytes, visitor: Visitor) -> str:
    if visitor.device and (device_id := _open_device(box, subject, visitor.device)):
        return f"device:{device_id}"
    return rules.place_of(visitor.address)


def _make_device(box: Box, subject: bytes) -> str:
    device_id = secrets.token_bytes(12)
    return base64.urlsafe_b64encode(device_id + _sign(box, subject, device_id)).decode()


def _open_device(box: Box, subject: bytes, token: str) -> str | None:
    try:
        content = base64.b64decode(token, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    device_id, signature = content[:-_DEVICE_SIGNATURE_BYTES], content[-_DEVICE_SIGNATURE_BYTES:]
    if len(device_id) != 12 or not rules.is_same(signature, _sign(box, subject, device_id)):
        return None
    return device_id.hex()


def _sign(box: Box, subject: bytes, device_id: bytes) -> bytes:
    return box.fingerprint("device", subject + device_id)[:_DEVICE_SIGNATURE_BYTES]


def _principal(account_id: AccountId, user_id: UserId, role: str, name: str, session_id: SessionId) -> Principal:
    return Principal(
        account_id=account_id,
        user_id=user_id,
        role=role,
        permissions=rules.permissions_of(role),
        kind="session",
        name=name,
        session_id=session_id,
    )
