"""Kite Connect's REST routes: who asks, how often, and which part of the house answers."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Scope

from core.domain.clock import IST
from core.errors import MunimError
from core.sandbox.house import Client
from core.sandbox.kite import costs, gtts, login, market, orders, portfolio
from core.sandbox.kite.answers import KiteError, done, refused
from core.sandbox.kite.state import Kite
from core.sandbox.logins import Login
from core.sandbox.wire import MET

Handler = Callable[[Kite, Client, Request], Awaitable[Any]]
EXCHANGES = ["NSE"]
PRODUCTS = ["CNC", "MIS"]
ORDER_TYPES = ["MARKET", "LIMIT", "SL", "SL-M"]


def routes(kite: Kite) -> list[Route]:
    """Every route of the dialect."""

    def at(path: str, group: str, **methods: Handler) -> Route:
        return Route(path, _answering(kite, group, methods), methods=[*methods])

    return [
        Route("/connect/login", _login_page(kite), methods=["GET", "POST"]),
        Route("/session/token", _session(kite), methods=["POST", "DELETE"]),
        at("/user/profile", "other", GET=_profile),
        at("/user/margins", "other", GET=_margins),
        at("/user/margins/{segment}", "other", GET=_margins),
        at("/orders", "other", GET=_orders),
        at("/orders/{order_id}/trades", "other", GET=_order_trades),
        at("/orders/{variety}/{order_id}", "write", PUT=_modify, DELETE=_cancel),
        at("/orders/{variety}", "write", POST=_place),
        at("/orders/{order_id}", "other", GET=_history),
        at("/trades", "other", GET=_trades),
        at("/portfolio/positions", "other", GET=_positions, PUT=_convert),
        at("/portfolio/holdings", "other", GET=_holdings),
        at("/portfolio/holdings/auctions", "other", GET=_auctions),
        at("/margins/orders", "other", POST=_order_margins),
        at("/margins/basket", "other", POST=_basket),
        at("/charges/orders", "other", POST=_charges),
        at("/gtt/triggers", "other", GET=_gtts, POST=_place_gtt),
        at("/gtt/triggers/{trigger_id}", "other", GET=_gtt, PUT=_modify_gtt, DELETE=_delete_gtt),
        at("/quote", "quote", GET=_quote),
        at("/quote/ohlc", "quote", GET=_ohlc),
        at("/quote/ltp", "quote", GET=_ltp),
        at("/instruments", "other", GET=_instruments),
        at("/instruments/{exchange}", "other", GET=_instruments),
        at("/instruments/historical/{token}/{interval}", "historical", GET=_candles),
    ]


def credentials(scope: Scope) -> tuple[str, str]:
    """Api key and access token of the Authorization header; empty where there is none."""
    header = dict(scope["headers"]).get(b"authorization", b"").decode(errors="replace")
    scheme, _, pair = header.partition(" ")
    key, _, token = pair.partition(":")
    return (key, token) if scheme == "token" else ("", "")


def _answering(
    kite: Kite, group: str, methods: dict[str, Handler]
) -> Callable[[Request], Awaitable[Response]]:
    """Log the caller in, count the request, and word what comes out."""

    async def answer(request: Request) -> Response:
        try:
            user_id = kite.sessions.user_of(*credentials(request.scope))
            if broken := kite.windows.why_not(group, user_id):
                raise KiteError("NetworkException", f"Too many requests ({broken})", status=429)
            value = await methods[request.method](kite, kite.house.client(user_id), request)
        except KiteError as error:
            return refused(error)
        except MunimError as error:
            return refused(KiteError("GeneralException", str(error)))
        finally:
            kite.house.tell()
        return value if isinstance(value, Response) else done(value)

    return answer


def _login_page(kite: Kite) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        try:
            if request.method == "GET":
                return login.form(kite, request.query_params)
            return login.submit(kite, await _fields(request))
        except KiteError as error:
            return refused(error)

    return answer


def _session(kite: Kite) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        fields = await _fields(request)
        try:
            if request.method == "DELETE":
                kite.sessions.user_of(fields.get("api_key", ""), fields.get("access_token", ""))
                kite.sessions.end(fields["access_token"])
                return done(True)
            opened = kite.sessions.exchange(
                fields.get("api_key", ""),
                fields.get("request_token", ""),
                fields.get("checksum", ""),
            )
        except KiteError as error:
            return refused(error)
        return done(_session_row(kite, opened))

    return answer


def _session_row(kite: Kite, opened: Login) -> dict[str, Any]:
    from datetime import datetime

    at = datetime.fromisoformat(opened.login_at).astimezone(IST)
    return {
        **_profile_row(kite, kite.house.client(opened.user_id)),
        "api_key": kite.app.api_key,
        "access_token": opened.access_token,
        "public_token": opened.access_token[::-1],
        "enctoken": "",
        "refresh_token": "",
        "silo": "",
        "login_time": f"{at:%Y-%m-%d %H:%M:%S}",
    }


def _profile_row(kite: Kite, client: Client) -> dict[str, Any]:
    return {
        "user_id": client.user.user_id,
        "user_type": "individual",
        "email": f"{client.user.user_id.lower()}@sandbox.invalid",
        "user_name": client.user.name,
        "user_shortname": client.user.name.split()[0],
        "broker": "ZERODHA",
        "exchanges": EXCHANGES,
        "products": PRODUCTS,
        "order_types": ORDER_TYPES,
        "avatar_url": None,
        "meta": {"demat_consent": "physical"},
    }


async def _fields(request: Request) -> dict[str, str]:
    """Query and form fields together, as text."""
    fields = dict(request.query_params)
    if request.method in ("POST", "PUT"):
        form = await request.form()
        fields.update({name: str(value) for name, value in form.items()})
    return fields


async def _rows(request: Request) -> list[dict[str, Any]]:
    """The orders of a JSON body; raises InputException."""
    try:
        rows = json.loads(await request.body())
    except ValueError:
        rows = None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise KiteError("InputException", "Invalid JSON: a list of orders is expected.")
    return rows


async def _profile(kite: Kite, client: Client, request: Request) -> Any:
    return _profile_row(kite, client)


async def _margins(kite: Kite, client: Client, request: Request) -> Any:
    found = portfolio.margins(kite, client)
    segment = request.path_params.get("segment")
    if segment is None:
        return found
    if segment not in found:
        raise KiteError("InputException", "Invalid `segment`.")
    return found[segment]


async def _orders(kite: Kite, client: Client, request: Request) -> Any:
    client.paper.orders()  # brings the exchange to the present
    return orders.book(kite, client)


async def _history(kite: Kite, client: Client, request: Request) -> Any:
    client.paper.orders()
    return orders.history(kite, client, request.path_params["order_id"])


async def _trades(kite: Kite, client: Client, request: Request) -> Any:
    client.paper.orders()
    return orders.trades(kite, client)


async def _order_trades(kite: Kite, client: Client, request: Request) -> Any:
    client.paper.orders()
    return orders.trades(kite, client, request.path_params["order_id"])


async def _place(kite: Kite, client: Client, request: Request) -> Any:
    fault = request.scope.get("state", {}).get(MET)
    fields = await _fields(request)
    return orders.place(kite, client, request.path_params["variety"], fields, fault)


async def _modify(kite: Kite, client: Client, request: Request) -> Any:
    asked = request.path_params
    fields = await _fields(request)
    return orders.modify(kite, client, asked["variety"], asked["order_id"], fields)


async def _cancel(kite: Kite, client: Client, request: Request) -> Any:
    asked = request.path_params
    return orders.cancel(kite, client, asked["variety"], asked["order_id"])


async def _positions(kite: Kite, client: Client, request: Request) -> Any:
    client.paper.orders()
    return portfolio.positions(kite, client)


async def _convert(kite: Kite, client: Client, request: Request) -> Any:
    return portfolio.convert(kite, client, await _fields(request))


async def _holdings(kite: Kite, client: Client, request: Request) -> Any:
    return portfolio.holdings(kite, client)


async def _auctions(kite: Kite, client: Client, request: Request) -> Any:
    return []


async def _order_margins(kite: Kite, client: Client, request: Request) -> Any:
    return costs.order_margins(kite, await _rows(request))


async def _basket(kite: Kite, client: Client, request: Request) -> Any:
    return costs.basket(kite, client, await _rows(request))


async def _charges(kite: Kite, client: Client, request: Request) -> Any:
    return costs.contract_note(kite, await _rows(request))


async def _gtts(kite: Kite, client: Client, request: Request) -> Any:
    client.paper.orders()
    return gtts.all_of(kite, client)


async def _gtt(kite: Kite, client: Client, request: Request) -> Any:
    return gtts.one(kite, client, request.path_params["trigger_id"])


async def _place_gtt(kite: Kite, client: Client, request: Request) -> Any:
    return gtts.place(kite, client, await _fields(request))


async def _modify_gtt(kite: Kite, client: Client, request: Request) -> Any:
    return gtts.modify(kite, client, request.path_params["trigger_id"], await _fields(request))


async def _delete_gtt(kite: Kite, client: Client, request: Request) -> Any:
    return gtts.delete(kite, client, request.path_params["trigger_id"])


async def _quote(kite: Kite, client: Client, request: Request) -> Any:
    return market.full_quotes(kite, request.query_params.getlist("i"))


async def _ohlc(kite: Kite, client: Client, request: Request) -> Any:
    return market.ohlc(kite, request.query_params.getlist("i"))


async def _ltp(kite: Kite, client: Client, request: Request) -> Any:
    return market.ltp(kite, request.query_params.getlist("i"))


async def _instruments(kite: Kite, client: Client, request: Request) -> Any:
    exchange = request.path_params.get("exchange", "")
    text = market.instruments_csv(kite.house, exchange)
    return PlainTextResponse(text, media_type="text/csv")


async def _candles(kite: Kite, client: Client, request: Request) -> Any:
    asked = request.query_params
    return market.candles(
        kite,
        request.path_params["token"],
        request.path_params["interval"],
        asked.get("from", ""),
        asked.get("to", ""),
    )
