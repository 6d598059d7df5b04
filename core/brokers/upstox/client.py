"""Upstox's own client behind two verbs: read, which may be asked again, and write, which may not.

The client's settings copy the first that were ever made in this process, sandbox or not, and name
two hosts. So they are made in one place here, checked, and checked again before each request.
Whatever the client raises becomes one of our errors, chained to nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from types import SimpleNamespace
from typing import Any, Final

import requests
import urllib3

from core.brokers.kite.wire import Dated, Patience, Use, is_loopback, kite_session
from core.brokers.upstox.errors import Attempt, is_about_address, judged
from core.brokers.upstox.wire import Pool, UpstoxWire, origin
from core.domain.clock import Clock
from core.errors import BadSetting, SessionDead

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


class Client:
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

        self.user_id = user_id
        self.is_sandbox = is_loopback(root)
        self.root = (root or HOST).rstrip("/")
        self.died = ""  # the sentence with which the session ended; reads and writes stop then
        self.address_refused: str | None = None  # by the last order; empty once one was taken
        self._secrets = [token]
        self._wire = UpstoxWire(clock, patience or Patience())
        order_host = self.root if root else ORDER_HOST
        self._settings = settings_for(self.root, order_host, token)
        self._api = _quiet(upstox_client.ApiClient(self._settings))
        self._api.rest_client.pool_manager = Pool(
            kite_session(self._wire, is_loopback=self.is_sandbox),
            frozenset({origin(self.root), origin(order_host)}),
        )

    def __repr__(self) -> str:
        return f"Client({self.user_id})"

    def read(self, doing: str, method: str, *arguments: Any, **named: Any) -> Any:
        """One question; raises SourceFailed, SourceWrong, Throttled or SessionDead."""
        return self._through(Attempt(self._who, doing, False), method, arguments, named)

    def read_path(self, doing: str, path: str) -> Any:
        """A GET that the client has no words for, through the client all the same."""
        attempt = Attempt(self._who, doing, False)
        headers = {"Accept": "application/json", "Api-Version": VERSION}
        return self._judged(
            attempt,
            lambda: self._api.call_api(
                path, "GET", header_params=headers, auth_settings=["OAUTH2"], _preload_content=True
            ),
        )

    def write(self, doing: str, method: str, *arguments: Any, ids: str) -> str:
        """One request that changes something, sent once; the first id that Upstox gives in `ids`.

        Raises BrokerRefused, Throttled, SessionDead, or OutcomeUnknown.
        """
        attempt = Attempt(self._who, doing, True)
        found = self._through(attempt, method, arguments, {})
        named = found.get(ids) if isinstance(found, dict) else None
        first = named[0] if isinstance(named, list) and named else named
        if isinstance(first, str) and first:
            self.address_refused = ""
            return first
        raise judged(attempt, self._wire.answer, fault="no id", secrets=self._secrets)

    def keep_secret(self, *texts: str) -> None:
        """Never show these in a sentence."""
        self._secrets += texts

    def log_out(self) -> None:
        """End the session at Upstox."""
        self.read("log out", "logout", VERSION)

    def uses(self) -> tuple[Use, ...]:
        """How much of each rate limit is used now."""
        return self._wire.uses()

    @property
    def requests_of_last_call(self) -> int:
        """HTTP requests that this thread's last call sent."""
        return self._wire.sent

    @property
    def skew_seconds(self) -> float | None:
        """Upstox's clock less ours, good to about a second; None before the first answer."""
        return self._wire.skew_seconds

    @property
    def dated(self) -> Dated | None:
        """The time of the last answer that told one, to judge this machine's clock by."""
        return self._wire.dated

    @property
    def token(self) -> str:
        """The token now in use; for a new socket alone."""
        return str(self._settings.access_token)

    def replace_token(self, token: str) -> None:
        """Go on with the token of a new login."""
        self._secrets.append(token)
        self._settings.access_token = token
        self.died = ""

    @property
    def _who(self) -> str:
        return f"Upstox {self.user_id}"

    def _through(
        self, attempt: Attempt, method: str, arguments: tuple[Any, ...], named: dict[str, Any]
    ) -> Any:
        import upstox_client

        part = getattr(upstox_client, PARTS[method])(self._api)
        return self._judged(attempt, lambda: getattr(part, method)(*arguments, **named))

    def _judged(self, attempt: Attempt, call: Callable[[], Any]) -> Any:
        if self.died:
            raise SessionDead(self.died)
        fault = self._tried(call)
        said = self._wire.answer
        if said is not None and said.readable and said.status < 400:
            # what came is what counts, also where the client's model cannot hold it
            if said.word in DONE:
                return said.found.get("data")
            if not said.word and not said.error_type:
                return said.found
        error = judged(
            attempt,
            said,
            fault=fault or "an error status",
            was_sent=self._wire.sent > 0,
            secrets=self._secrets,
        )
        if isinstance(error, SessionDead) and said is not None:
            if is_about_address(said):
                self.address_refused = str(error)  # which refuses writes alone; reads go on
            else:
                self.died = str(error)
        raise error

    def _tried(self, call: Callable[[], Any]) -> str:
        """The name of what went wrong, empty for nothing."""
        from upstox_client.rest import ApiException

        self._wire.forget()
        try:
            call()
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            return type(error).__name__
        except ApiException as error:
            return type(error).__name__
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            return type(error).__name__  # the client stumbled over what it did not expect
        return ""


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
