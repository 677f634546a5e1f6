"""`recover`: a way back in for whoever runs the installation and cannot sign in any more."""

from typing import Annotated

import typer

from spadework.accounts.actions import accounts
from spadework.cli.acting import Acting, act

app = typer.Typer(add_completion=False)


@app.command("recover")
def make_recovery_link(
    ctx: typer.Context,
    address: Annotated[
        str | None, typer.Option(help="Where people reach Spadework; by default as the settings say.")
    ] = None,
) -> None:
    """Print a link that lets an owner in who lost the password: once, within 30 minutes.

    Whoever opens it gives an e-mail address and a new password. An address the account knows keeps its
    user, who becomes owner and whose other sessions end; another address becomes a further owner.
    An earlier link stops working.
    """
    act(ctx, lambda acting: _recover(acting, address))


async def _recover(acting: Acting, address: str | None) -> None:
    settings = acting.app.settings
    shown = address or settings.public_url or f"http://localhost:{settings.port}"
    link = await accounts.make_bootstrap_link(
        acting.app.database, acting.app.box, address=shown, account_id=acting.account_id, is_recovery=True
    )
    acting.terminal.show({"sign_in_link": link, "minutes": 30})
    acting.terminal.say(
        f"This link lets one person in as owner, once, for 30 minutes. Show it to nobody else:\n  {link}"
    )
