"""Contacts that research found: of a run while it grows, of a dossier, or all."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query, Request

from spadework.accounts.types import Principal
from spadework.research.actions import contacts
from spadework.research.types.dossiers import ContactRecord, ContactSource
from spadework.web.auth import app_of, require
from spadework.web.routes import MAX_PAGE, AnyClient, AnyRun, Reply, Router, resource

router = Router("contacts")
AnyContact = Annotated[UUID, resource("contact")]
AnyDossier = Annotated[UUID, resource("dossier")]


class ContactReply(Reply):
    """One person. `error` says why they could not be enriched; `problems` what is wrong with their copy.

    `email_source` is the provider that gave the address, and `email_status` what a check, or else that provider,
    says of it.
    """

    id: AnyContact
    run_id: AnyRun
    dossier_id: AnyDossier | None
    contact_index: int
    first_name: str
    last_name: str
    name: str
    email: str | None
    email_source: str | None
    email_status: str | None
    phone: str | None
    title: str | None
    organization: str | None
    linkedin_url: str | None
    bio: str | None
    tenure: str | None
    why_they_matter: str | None
    relation_to_signal: str | None
    interesting_facts: list[str]
    email_copy: dict[str, str] | None
    linkedin_copy: str | None
    client_email_copy: dict[str, str] | None
    client_linkedin_copy: str | None
    is_primary: bool
    is_verified: bool
    confidence: str
    source: ContactSource
    problems: list[str]
    error: str | None
    company_name: str | None
    is_simulated: bool
    created_at: datetime
    updated_at: datetime


class Contacts(Reply):
    """Contacts of a run or dossier in the order they were found, else newest first."""

    data: list[ContactReply]
    next_cursor: str | None


@router.get("/v2/contacts")
async def list_contacts(
    request: Request,
    run_id: AnyRun | None = None,
    dossier_id: AnyDossier | None = None,
    client_id: AnyClient | None = None,
    is_primary: bool | None = None,
    is_verified: bool | None = None,
    has_email: bool | None = None,
    search: Annotated[str, Query(max_length=200)] = "",
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 100,
    cursor: Annotated[str | None, Query(max_length=100)] = None,
    who: Principal = require("research.read"),
) -> Contacts:
    """Contacts; of a run the list grows while people are enriched."""
    async with app_of(request).database.read(who.account_id) as tx:
        page = await contacts.list_contacts(
            tx, run_id=run_id, dossier_id=dossier_id, client_id=client_id, is_primary=is_primary,
            is_verified=is_verified, has_email=has_email, search=search, limit=limit, cursor=cursor,
        )  # fmt: skip
    return Contacts(data=[contact_reply(each) for each in page.contacts], next_cursor=page.next_cursor)


@router.get("/v2/contacts/{contact_id}")
async def get_contact(
    contact_id: AnyContact, request: Request, who: Principal = require("research.read")
) -> ContactReply:
    """One contact."""
    async with app_of(request).database.read(who.account_id) as tx:
        return contact_reply(await contacts.get_contact(tx, contact_id))


@router.post("/v2/contacts/{contact_id}/primary")
async def make_primary(
    contact_id: AnyContact, request: Request, who: Principal = require("research.write")
) -> ContactReply:
    """Let this contact be the primary one of its run, and no other."""
    async with app_of(request).database.transaction(who.account_id) as tx:
        return contact_reply(await contacts.make_primary(tx, contact_id))


def contact_reply(record: ContactRecord) -> ContactReply:
    """A contact as every screen shows it."""
    own = ("id", "run_id", "dossier_id", "contact_index", "company_name", "is_simulated", "created_at", "updated_at")
    values = {name: getattr(record.contact, name) for name in ContactReply.model_fields if name not in own}
    return ContactReply(
        **values, id=record.id, run_id=record.run_id, dossier_id=record.dossier_id, contact_index=record.contact.index,
        company_name=record.company_name, is_simulated=record.is_simulated,
        created_at=record.created_at, updated_at=record.updated_at,
    )  # fmt: skip
