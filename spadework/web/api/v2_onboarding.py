"""Onboardings carried out by the language model: begun, and gone on with after a failure."""

from fastapi import Request

from spadework.accounts.types import Principal
from spadework.research.actions import onboarding
from spadework.web.api.v2_clients import AnyOnboarding, OnboardingReply
from spadework.web.auth import app_of, require
from spadework.web.routes import Body, Router

router = Router("research-clients")


class OnboardingRun(Body):
    """With `is_training` a recorded example is played, and what it makes is marked."""

    is_training: bool = False


@router.post("/v2/onboardings/{onboarding_id}/run", status_code=202)
async def run_onboarding(
    onboarding_id: AnyOnboarding, body: OnboardingRun, request: Request,
    who: Principal = require("runs.start", effects="spend"),
) -> OnboardingReply:  # fmt: skip
    """Have the model take the intake through its stages; `run_id` names the run, whose steps show each question."""
    async with app_of(request).database.transaction(who.account_id) as tx:
        started = await onboarding.start(tx, onboarding_id, is_training=body.is_training, by=who.user_id)
    return OnboardingReply.model_validate(started)
