"""The sites of the invented web, as the page reader asks for them: the whole address behind the prefix."""

import re

from spadework.simulator import web
from spadework.simulator.wire import Asked, Reply, VendorFault

_ADDRESS = re.compile(r"/?(https?):/+(.+)")
_HTML = {"content-type": "text/html; charset=utf-8"}


def answer(asked: Asked) -> Reply:
    """The page's HTML, or the site's own 404."""
    address = _ADDRESS.fullmatch(asked.path)
    if address is None:
        return Reply(status=400, body={"error": "Ask for /https://host/path."})
    page = web.read(f"{address[1]}://{address[2]}", asked.seed)
    if page is None:
        return Reply(status=404, body="<h1>There is no such page (simulated)</h1>", headers=_HTML)
    return Reply(body=page.html, headers=_HTML)


def refusal(kind: VendorFault, retry_after_seconds: float = 1.0) -> Reply:
    """How sites refuse: by status alone."""
    status = {"bad_key": 401, "out_of_credits": 402, "rate_limited": 429, "forbidden": 403, "vendor_down": 503}[kind]
    pause = {"retry-after": f"{retry_after_seconds:g}"} if kind == "rate_limited" else {}
    return Reply(status=status, body=f"<h1>{kind} (simulated)</h1>", headers={**_HTML, **pause})
