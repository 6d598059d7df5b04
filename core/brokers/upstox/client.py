"""Upstox's own client behind two verbs: read, which may be asked again, and write, which may not.

The client's settings copy the first that were ever made in this process, sandbox or not, and name
two hosts. So they are made in one place here, checked, and checked again before each request.
"""

from __future__ import annotations

from threading import Lock
from types import SimpleNamespace
from typing import Any, Final

from core.brokers.client import BrokerClient, id_in
from core.brokers.upstox.errors import MANNERS
from core.brokers.upstox.wire import Pool, kind_of, origin, said_by
from core.brokers.wire import Patience, Said, Wire, is_loopback, session_over
from core.domain.clock import Clock
from core.errors import BadSetting

HOST: Final = "https://api.upstox.com"
ORDER_HOST: Final = "https://api-hft.upstox.com"
VERSION: Final = "2.0"
DONE: Final = frozenset({"success", "partial_success"})
# which part of the client makes each call; the newer one where there are two
PARTS: Final = {
    "place_order": "OrderApiV3",
    "modify_order": "OrderApiV3",
    "cancel_order": "OrderApiV3",
    "place_gtt_order": "OrderApiV3",
    "modify_gtt_order": "OrderApiV3",
    "cancel_gtt_order": "OrderApiV3",
    "get_gtt_order_details": "OrderApiV3",
    "get_order_book": "OrderApi",
    "get_order_status": "OrderApi",
    "get_trade_history": "OrderApi",
    "get_positions": "PortfolioApi",
    "get_holdings": "PortfolioApi",
    "get_profile": "UserApi",
    "get_user_fund_margin": "UserApi",
    "get_payout_history": "UserApi",
    "get_brokerage": "ChargeApi",
    "post_margin": "ChargeApi",
    "get_full_market_quote_v3": "MarketQuoteV3Api",
    "get_historical_candle_data1": "HistoryV3Api",
    "get_intra_day_candle_data": "HistoryV3Api",
    "get_market_data_feed_authorize_v3": "WebsocketApi",
    "token": "LoginApi",
    "logout": "LoginApi",
}
MAKING: Final = Lock()


class Client(BrokerClient):
    """One access token. `root` is another host for everything, without a path."""

    def __init__(
        self,
        *,
        user_id: str,
        token: str,
        clock: Clock,
        root: str | None = None,
        patience: Patience | None = None,
    ) -> None:
        import upstox_client
        from upstox_client.rest import ApiException

        wire = Wire(clock, patience or Patience(), read=said_by, kind=kind_of)
        super().__init__(
            user_id=user_id,
            called="Upstox",
            wire=wire,
            manners=MANNERS,
            raises=ApiException,
            secrets=[token],
            is_sandbox=is_loopback(root),
        )
        self.root = (root or HOST).rstrip("/")
        order_host = self.root if root else ORDER_HOST
        self._settings = settings_for(self.root, order_host, token)
        self._api = _quiet(upstox_client.ApiClient(self._settings))
        self._api.rest_client.pool_manager = Pool(
            session_over(wire, is_loopback=self.is_sandbox),
            frozenset({origin(self.root), origin(order_host)}),
        )

    def read(self, doing: str, method: str, *arguments: Any, **named: Any) -> Any:
        """One question; raises SourceFailed, SourceWrong, Throttled or SessionDead."""
        call = self._part(method)
        return self._asked(doing, lambda: call(*arguments, **named))

    def read_path(self, doing: str, path: str) -> Any:
        """A GET that the client has no words for, through the client all the same."""
        headers = {"Accept": "application/json", "Api-Version": VERSION}
        return self._asked(
            doing,
            lambda: self._api.call_api(
                path, "GET", header_params=headers, auth_settings=["OAUTH2"], _preload_content=True
            ),
        )

    def write(self, doing: str, method: str, *arguments: Any, ids: str) -> str:
        """One request that changes something, sent once; the first id that Upstox gives in `ids`.

        Raises BrokerRefused, Throttled, SessionDead, or OutcomeUnknown.
        """
        call = self._part(method)
        return self._sent(doing, lambda: call(*arguments), lambda answer: id_in(answer[ids]))

    def log_out(self) -> None:
        """End the session at Upstox."""
        self.read("log out", "logout", VERSION)

    @property
    def token(self) -> str:
        """The token now in use; for a new socket alone."""
        return str(self._settings.access_token)

    def replace_token(self, token: str) -> None:
        """Go on with the token of a new login."""
        self._secrets.append(token)
        self._settings.access_token = token
        self.died = ""

    def _part(self, method: str) -> Any:
        """A call of the client's."""
        import upstox_client

        return getattr(getattr(upstox_client, PARTS[method])(self._api), method)

    def _answer(self, said: Said, found: Any, fault: str) -> Any:
        """What came is what counts, also where the client's model cannot hold it."""
        word = said.found.get("status")
        if said.readable and word in DONE:
            return said.found.get("data")
        if said.readable and not word and not said.error_type:
            return said.found
        raise LookupError(fault)


def settings_for(host: str, order_host: str, token: str) -> Any:
    """Fresh settings of the client with both hosts set; raises BadSetting when they are not."""
    import upstox_client

    with MAKING:
        upstox_client.Configuration.set_default(None)  # or the first ever made would be copied
        settings = upstox_client.Configuration()
        upstox_client.Configuration.set_default(None)
    settings.api_key, settings.access_token = {}, token
    settings.host, settings.order_host = host, order_host
    if settings.sandbox or (settings.host, settings.order_host) != (host, order_host):
        raise BadSetting(f"Upstox's client does not speak to {host}; restart the worker")
    return settings


def _quiet(api: Any) -> Any:
    """The client without its threads and without the log handlers it hangs up each time."""
    api.pool.close()
    api.pool.join()
    api.pool = SimpleNamespace(close=lambda: None, join=lambda: None)
    settings = api.configuration
    for logger in settings.logger.values():
        logger.removeHandler(settings.logger_stream_handler)
    return api
