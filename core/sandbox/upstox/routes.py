"""Upstox's REST routes: who asks, how often, and which part of the house answers."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from core.errors import MunimError
from core.sandbox.house import Client
from core.sandbox.upstox import costs, gtts, login, market, orders, portfolio
from core.sandbox.upstox.answers import FAILED, INVALID, UpstoxError, done, refused
from core.sandbox.upstox.brackets import Brackets
from core.sandbox.upstox.sockets import bearer
from core.sandbox.upstox.state import Upstox
from core.sandbox.wire import MET

Handler = Callable[[Upstox, Client, Request], Awaitable[Any]]
EXCHANGES: Final = ["NSE"]
PRODUCTS: Final = ["D", "I"]
ORDER_TYPES: Final = ["MARKET", "LIMIT", "SL", "SL-M"]
PUBLIC: Final = "public"
FEED_PATHS: Final = {"market": "/feed/market", "portfolio": "/feed/portfolio"}


def routes(upstox: Upstox, brackets: Brackets) -> list[Route]:
    """Every route of the dialect."""

    def at(path: str, group: str, *, timed: bool = False, **methods: Handler) -> Route:
        return Route(path, _answering(upstox, group, methods, timed=timed), methods=[*methods])

    gtt = Gtts(brackets)
    return [
        Route("/v2/login/authorization/dialog", _dialog(upstox), methods=["GET", "POST"]),
        Route("/v2/login/authorization/token", _token(upstox), methods=["POST"]),
        at("/v2/logout", "other", DELETE=_logout),
        at("/v2/user/profile", "other", GET=_profile),
        at("/v2/user/get-funds-and-margin", "other", GET=_funds),
        at("/v2/user/payments/payout", "other", GET=_payouts),
        at("/v3/order/place", "write", timed=True, POST=_place),
        at("/v3/order/modify", "write", timed=True, PUT=_modify),
        at("/v3/order/cancel", "write", timed=True, DELETE=_cancel),
        at("/v2/order/place", "write", POST=_place_v2),
        at("/v2/order/modify", "write", PUT=_modify),
        at("/v2/order/cancel", "write", DELETE=_cancel),
        at("/v2/order/retrieve-all", "other", GET=_orders),
        at("/v2/order/details", "other", GET=_details),
        at("/v2/order/history", "other", GET=_history),
        at("/v2/order/trades", "other", GET=_order_trades),
        at("/v2/order/trades/get-trades-for-day", "other", GET=_trades),
        at("/v3/order/gtt/place", "write", timed=True, POST=gtt.place),
        at("/v3/order/gtt/modify", "write", timed=True, PUT=gtt.modify),
        at("/v3/order/gtt/cancel", "write", timed=True, DELETE=gtt.cancel),
        at("/v3/order/gtt", "other", timed=True, GET=gtt.read),
        at("/v2/portfolio/short-term-positions", "other", GET=_positions),
        at("/v2/portfolio/convert-position", "other", PUT=_convert),
        at("/v2/portfolio/long-term-holdings", "other", GET=_holdings),
        at("/v2/charges/brokerage", "other", GET=_brokerage),
        at("/v2/charges/margin", "other", POST=_margin),
        *market_routes(at),
        at("/v3/feed/market-data-feed/authorize", "other", GET=_authorize("market")),
        at("/v2/feed/portfolio-stream-feed/authorize", "other", GET=_authorize("portfolio")),
    ]


def market_routes(at: Callable[..., Route]) -> list[Route]:
    """Quotes and candles; keys are comma separated, and candles are for everybody."""
    rows = {
        "/v2/market-quote/quotes": market.full_v2,
        "/v2/market-quote/ltp": market.ltp_v2,
        "/v2/market-quote/ohlc": market.ohlc_v2,
        "/v3/market-quote/quotes": market.full_v3,
        "/v3/market-quote/ltp": market.ltp_v3,
        "/v3/market-quote/ohlc": market.ohlc_v3,
    }
    history = "/v3/historical-candle"
    return [
        *(at(path, "other", GET=_quotes(row)) for path, row in rows.items()),
        at(history + "/intraday/{key}/{unit}/{size}", PUBLIC, GET=_today),
        at(history + "/{key}/{unit}/{size}/{until}/{since}", PUBLIC, GET=_past),
    ]


class Gtts:
    """The GTT calls, which two parts of the sandbox share."""

    def __init__(self, brackets: Brackets) -> None:
        self._brackets = brackets

    async def place(self, upstox: Upstox, client: Client, request: Request) -> Any:
        """One GTT, or one that others follow."""
        asked = gtts.asked_of(upstox, await _body(request))
        single = len(asked.rules) == 1
        made = gtts.place(upstox, client, asked) if single else self._brackets.place(client, asked)
        return {"gtt_order_ids": [made]}

    async def modify(self, upstox: Upstox, client: Client, request: Request) -> Any:
        """Change what has not fired."""
        body = await _body(request)
        if self._brackets.has(client, str(body.get("gtt_order_id"))):
            return {"gtt_order_ids": [self._brackets.modify(client, body)]}
        return {"gtt_order_ids": [gtts.modify(upstox, client, body)]}

    async def cancel(self, upstox: Upstox, client: Client, request: Request) -> Any:
        """Take away what has not fired."""
        gtt_id = str((await _body(request)).get("gtt_order_id"))
        if self._brackets.has(client, gtt_id):
            return {"gtt_order_ids": [self._brackets.cancel(client, gtt_id)]}
        return {"gtt_order_ids": [gtts.cancel(upstox, client, gtt_id)]}

    async def read(self, upstox: Upstox, client: Client, request: Request) -> Any:
        """Every GTT, or one."""
        client.paper.orders()
        rows = gtts.all_of(upstox, client, but=self._brackets.names(client))
        rows += self._brackets.rows(client)
        wanted = request.query_params.get("gtt_order_id")
        return [row for row in rows if wanted in (None, row["gtt_order_id"])]


def _answering(
    upstox: Upstox, group: str, methods: dict[str, Handler], *, timed: bool
) -> Callable[[Request], Awaitable[Response]]:
    """Log the caller in, count the request, and word what comes out."""

    async def answer(request: Request) -> Response:
        try:
            user_id = _caller(upstox, request, is_public=group == PUBLIC)
            if upstox.windows.why_not(group, user_id):
                raise UpstoxError("UDAPI10005", "Too Many Request Sent")
            value = await methods[request.method](upstox, upstox.house.client(user_id), request)
        except UpstoxError as error:
            return refused(error)
        except MunimError as error:
            return refused(UpstoxError(FAILED, str(error)))
        finally:
            upstox.house.tell()
        return value if isinstance(value, Response) else done(value, timed=timed)

    return answer


def _caller(upstox: Upstox, request: Request, *, is_public: bool) -> str:
    """Who asks; the official client shows no token when it asks for candles."""
    token = bearer(dict(request.scope["headers"]))
    if is_public and not token:
        return upstox.house.users[0].user_id
    return upstox.sessions.user_of(token)


def _dialog(upstox: Upstox) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        try:
            if request.method == "GET":
                return login.form(upstox, request.query_params)
            return login.submit(upstox, await _form(request))
        except UpstoxError as error:
            return refused(error)

    return answer


def _token(upstox: Upstox) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        fields = await _form(request)
        try:
            if fields.get("grant_type") != "authorization_code":
                raise UpstoxError(INVALID, "The 'grant_type' is invalid")
            opened = upstox.sessions.exchange(
                client_id=fields.get("client_id", ""),
                secret=fields.get("client_secret", ""),
                code=fields.get("code", ""),
                redirect_uri=fields.get("redirect_uri", ""),
            )
        except UpstoxError as error:
            return refused(error)
        row = _profile_row(upstox.house.client(opened.user_id))
        whole = {**row, "access_token": opened.access_token, "extended_token": None}
        return Response(json.dumps(whole), media_type="application/json")

    return answer


async def _form(request: Request) -> dict[str, str]:
    """Query and form fields together, as text."""
    form = await request.form()
    return dict(request.query_params) | {name: str(value) for name, value in form.items()}


async def _body(request: Request) -> dict[str, Any]:
    """A JSON object; raises UpstoxError."""
    try:
        found = json.loads(await request.body())
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise UpstoxError(INVALID, "Invalid Input: a JSON object is expected")
    return found


def _profile_row(client: Client) -> dict[str, Any]:
    return {
        "email": f"{client.user.user_id.lower()}@sandbox.invalid",
        "exchanges": EXCHANGES,
        "products": PRODUCTS,
        "broker": "UPSTOX",
        "user_id": client.user.user_id,
        "user_name": client.user.name,
        "order_types": ORDER_TYPES,
        "user_type": "individual",
        "poa": False,
        "is_active": True,
    }


async def _logout(upstox: Upstox, client: Client, request: Request) -> Any:
    upstox.sessions.end(bearer(dict(request.scope["headers"])))
    return True


async def _profile(upstox: Upstox, client: Client, request: Request) -> Any:
    return _profile_row(client)


async def _payouts(upstox: Upstox, client: Client, request: Request) -> Any:
    return portfolio.payouts(upstox, client)


async def _funds(upstox: Upstox, client: Client, request: Request) -> Any:
    return portfolio.funds(upstox, client)


async def _place(upstox: Upstox, client: Client, request: Request) -> Any:
    fault = request.scope.get("state", {}).get(MET)
    return {"order_ids": orders.place(upstox, client, await _body(request), fault)}


async def _place_v2(upstox: Upstox, client: Client, request: Request) -> Any:
    fault = request.scope.get("state", {}).get(MET)
    return {"order_id": orders.place(upstox, client, await _body(request), fault)[0]}


async def _modify(upstox: Upstox, client: Client, request: Request) -> Any:
    return {"order_id": orders.modify(upstox, client, await _body(request))}


async def _cancel(upstox: Upstox, client: Client, request: Request) -> Any:
    return {"order_id": orders.cancel(upstox, client, request.query_params.get("order_id", ""))}


async def _orders(upstox: Upstox, client: Client, request: Request) -> Any:
    client.paper.orders()  # brings the exchange to the present
    return orders.book(upstox, client)


async def _details(upstox: Upstox, client: Client, request: Request) -> Any:
    client.paper.orders()
    return orders.details(upstox, client, request.query_params.get("order_id", ""))


async def _history(upstox: Upstox, client: Client, request: Request) -> Any:
    client.paper.orders()
    asked = request.query_params
    return orders.history(
        upstox, client, number=asked.get("order_id", ""), tag=asked.get("tag", "")
    )


async def _trades(upstox: Upstox, client: Client, request: Request) -> Any:
    client.paper.orders()
    return orders.trades(upstox, client)


async def _order_trades(upstox: Upstox, client: Client, request: Request) -> Any:
    client.paper.orders()
    return orders.trades(upstox, client, request.query_params.get("order_id", ""))


async def _positions(upstox: Upstox, client: Client, request: Request) -> Any:
    client.paper.orders()
    return portfolio.positions(upstox, client)


async def _convert(upstox: Upstox, client: Client, request: Request) -> Any:
    portfolio.convert(upstox, client, await _body(request))
    return {"status": "complete"}


async def _holdings(upstox: Upstox, client: Client, request: Request) -> Any:
    return portfolio.holdings(upstox, client)


async def _brokerage(upstox: Upstox, client: Client, request: Request) -> Any:
    return costs.brokerage(upstox, request.query_params)


async def _margin(upstox: Upstox, client: Client, request: Request) -> Any:
    return costs.margin(upstox, await _body(request))


def _quotes(row: market.Row) -> Handler:
    async def answer(upstox: Upstox, client: Client, request: Request) -> Any:
        asked = request.query_params
        return market.found(upstox, asked.get("instrument_key") or asked.get("symbol", ""), row)

    return answer


async def _past(upstox: Upstox, client: Client, request: Request) -> Any:
    asked = request.path_params
    return market.history(
        upstox,
        asked["key"],
        asked["unit"],
        asked["size"],
        since=asked["since"],
        until=asked["until"],
    )


async def _today(upstox: Upstox, client: Client, request: Request) -> Any:
    asked = request.path_params
    return market.intraday(upstox, asked["key"], asked["unit"], asked["size"])


def _authorize(kind: str) -> Handler:
    """The address of a socket with a pass that opens it once."""

    async def answer(upstox: Upstox, client: Client, request: Request) -> Any:
        word = upstox.sessions.socket_pass(client.user.user_id, kind)
        base = str(request.base_url).rstrip("/").replace("http", "ws", 1)
        types = request.query_params.get("update_types")
        more = f"&update_types={types}" if types else ""
        where = f"{base}{FEED_PATHS[kind]}?code={word}{more}"
        return {"authorized_redirect_uri": where, "authorizedRedirectUri": where}

    return answer
