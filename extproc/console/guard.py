"""Who may see the console: people on this machine, or those who know the token.

Headers keep the page from loading or sending anything elsewhere, and a name check keeps another
site from reaching it through a name of its own (DNS rebinding).
"""

import hmac
import os
import secrets
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web

from extproc.config import host_port
from extproc.config.console import Console

COOKIE: Final = "tiergate-console"
TOKEN_BYTES: Final = 32
SENT_BY_PAGE: Final = "x-tiergate-console"
"""A header that no form and no foreign script may send along."""
HEADERS: Final = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_REFUSED: Final = (
    "The console is not shown on an address that others can reach, unless a token is set: "
    "put one into the environment variable {variable}.\n"
)


class Guard:
    """Decides for one admin address. A session is a random cookie that this process knows."""

    def __init__(self, config: Console, address: str) -> None:
        self._variable = config.token_env
        self._token = os.environ.get(config.token_env, "").encode()
        self._is_local = is_loopback(host_port(address)[0])
        self._session = secrets.token_urlsafe(TOKEN_BYTES).encode()

    def around(self, handler: Handler) -> Handler:
        """The handler, for those who may."""

        async def guarded(request: web.Request) -> web.StreamResponse:
            refusal = self._refusal(request)
            response = refusal if refusal is not None else await handler(request)
            if not response.prepared:
                response.headers.update(HEADERS)
            return response

        return guarded

    async def log_in(self, request: web.Request) -> web.StreamResponse:
        """A session for who sends the token in a form."""
        form = await request.post()
        if not self._token or not _is_same(str(form.get("token", "")), self._token):
            return web.Response(status=HTTPStatus.UNAUTHORIZED, text="That is not the token.\n")
        response = web.Response(status=HTTPStatus.SEE_OTHER, headers={"location": "/console"})
        response.set_cookie(
            COOKIE, self._session.decode(), httponly=True, samesite="Strict", path="/"
        )
        return response

    def _refusal(self, request: web.Request) -> web.Response | None:
        if self._token:
            return None if self._is_known(request) else _ask_for_token()
        if not self._is_local:
            text = _REFUSED.format(variable=self._variable)
            return web.Response(status=HTTPStatus.FORBIDDEN, text=text)
        if not is_loopback(urlsplit(f"//{request.host}").hostname or ""):
            return web.Response(status=HTTPStatus.FORBIDDEN, text="This is not its name.\n")
        if request.method == "POST" and SENT_BY_PAGE not in request.headers:
            return web.Response(status=HTTPStatus.FORBIDDEN, text="The page did not send this.\n")
        return None

    def _is_known(self, request: web.Request) -> bool:
        bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
        if _is_same(bearer, self._token):
            return True
        has_session = _is_same(request.cookies.get(COOKIE, ""), self._session)
        return has_session and (request.method != "POST" or SENT_BY_PAGE in request.headers)


def _is_same(given: str, secret: bytes) -> bool:
    """Whatever bytes somebody sends, in the same time."""
    return hmac.compare_digest(given.encode(errors="surrogateescape"), secret)


def is_loopback(host: str) -> bool:
    """Whether only this machine is reached by that name or number."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _ask_for_token() -> web.Response:
    page = (
        '<!doctype html><html lang="en"><meta name="color-scheme" content="light dark"><meta '
        'name="viewport" content="width=device-width"><title>Tiergate</title><form method="post" '
        'action="/console/login"><label>Token <input name="token" type="password" autofocus '
        'autocomplete="current-password"></label> <button>Open</button></form></html>'
    )
    return web.Response(status=HTTPStatus.UNAUTHORIZED, text=page, content_type="text/html")
