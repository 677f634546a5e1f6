"""The people of an account: invited, given roles, disabled."""

from uuid import UUID

from spadework.accounts import rules
from spadework.accounts.actions import passwords
from spadework.accounts.store import people, tokens
from spadework.accounts.types import Principal, User
from spadework.core.db import Database, ReadOnly, Transaction
from spadework.core.errors import Conflict, Forbidden, InvalidInput, NotFound
from spadework.core.ids import UserId, new_id


async def add_user(database: Database, *, email: str, name: str, role: str, password: str, by: Principal) -> User:
    """A new person in the inviter's account, who signs in with the password they are told.

    Raises:
        InvalidInput: address, name, role or password cannot be used.
        Forbidden: the role may do something the inviter may not.
        Conflict: the account has somebody with that address.
    """
    email = rules.require_email(email)
    rules.require_grantable(role, by=by.permissions)
    rules.require_good_password(password, known=[email, name])
    if not 1 <= len(name.strip()) <= 200:
        raise InvalidInput("A name has 1 to 200 characters. Write one.")
    password_hash = await passwords.hash_password(password)
    async with database.transaction(by.account_id) as tx:
        user_id = UserId(new_id())
        if not await people.add_user(
            tx, user_id, email=email, name=name.strip(), role=role, password_hash=password_hash
        ):
            raise Conflict(f"{email} is in this account already. Change their role instead.")
        return await get_user(tx, user_id)


async def get_user(tx: ReadOnly, user_id: UUID) -> User:
    """The user of that id.

    Raises:
        NotFound: the account has no such user.
    """
    found = await people.find_user(tx, user_id)
    if found is None:
        raise NotFound("There is no such user in this account.")
    return found


async def list_users(tx: ReadOnly) -> list[User]:
    """Everybody of the account, disabled ones too, oldest first."""
    return await people.list_users(tx)


async def update_user(
    tx: Transaction,
    user_id: UUID,
    *,
    role: str | None = None,
    is_disabled: bool | None = None,
    by: Principal,
) -> User:
    """The user with the role or the disabling changed; it holds from their next request on.

    Disabling or a change of role ends their sessions.

    Raises:
        NotFound: no such user. Forbidden: their role, or the new one, may do more than the caller.
        Conflict: nobody would be left who is owner.
    """
    owners = await people.lock_owners(tx)
    user = await get_user(tx, user_id)
    if not rules.permissions_of(user.role) <= by.permissions:
        raise Forbidden("You cannot change somebody who may do more than you. Ask an owner.")
    if role is not None:
        rules.require_grantable(role, by=by.permissions)
    new_role = role if role is not None else user.role
    disabled = is_disabled if is_disabled is not None else user.disabled_at is not None
    if owners == [user.id] and (disabled or new_role != "owner"):
        raise Conflict("This is the last owner. Make somebody else owner first.")
    await people.update_user(tx, user_id, role=new_role, is_disabled=disabled)
    if disabled or new_role != user.role:
        await tokens.revoke_sessions(tx, user_id)
    return await get_user(tx, user_id)
