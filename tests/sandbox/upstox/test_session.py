"""Login, tokens, quotes, candles, costs and the books of two days through the official client."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
import upstox_client
from upstox_client.rest import ApiException

from core.domain.clock import IST
from core.domain.money import Money
from core.sandbox.faults import Fault, FaultKind
from core.sandbox.kite.state import Bill
from tests.made import MIDCO, rs
from tests.sandbox.upstox.bench import KEY, VERSION, Bench, bench, client_at


def bill(product, side, qty, price, on) -> Bill:
    return Bill(stt=3.0, exchange=1.5, sebi=0.05, brokerage=20.0, stamp=1.35, gst=4.1)


def candles(isin, interval, start, end):
    one = Money(50_000)
    at, step = start, timedelta(days=1) if interval == "day" else timedelta(hours=6)
    while at <= end:
        yield at, one, one, one, one, 10
        at += step


@pytest.fixture
def at() -> Iterator[Bench]:
    with bench(charging=bill, candles=candles) as made:
        yield made


def code(at: Bench, **changes: str) -> str:
    app = at.sandbox.registered
    asked = {"response_type": "code", "client_id": app.client_id, "state": "s&1",
             "redirect_uri": app.redirect_uri, "user_id": "7AB123", "pin": "1"}  # fmt: skip
    page = f"{at.served.base}/v2/login/authorization/dialog"
    found = requests.post(page, data=asked | changes, allow_redirects=False, timeout=5)
    if found.status_code != 302:
        return ""
    back = dict(parse_qsl(urlsplit(found.headers["Location"]).query))
    assert back["state"] == "s&1"
    return back["code"]


def exchange(at: Bench, word: str, **changes: str) -> upstox_client.TokenResponse:
    app = at.sandbox.registered
    asked = {"code": word, "client_id": app.client_id, "client_secret": app.client_secret,
             "redirect_uri": app.redirect_uri, "grant_type": "authorization_code"}  # fmt: skip
    return upstox_client.LoginApi(at.client).token(VERSION, **(asked | changes))


def test_a_code_becomes_a_token_once_and_a_new_login_ends_the_old(at: Bench) -> None:
    word = code(at)
    found = exchange(at, word)
    assert (found.user_id, found.broker, found.is_active) == ("7AB123", "UPSTOX", True)
    with pytest.raises(ApiException):
        exchange(at, word)
    with pytest.raises(ApiException) as told:
        at.book()
    assert told.value.status == 401
    fresh = client_at(at.served.base, found.access_token)
    assert upstox_client.UserApi(fresh).get_profile(VERSION).data.user_name == "Asha Rao"
    upstox_client.LoginApi(fresh).logout(VERSION)
    with pytest.raises(ApiException):
        upstox_client.UserApi(fresh).get_profile(VERSION)


@pytest.mark.parametrize("wrong", ["client_id", "client_secret", "redirect_uri", "grant_type"])
def test_another_apps_words_open_nothing(at: Bench, wrong: str) -> None:
    with pytest.raises(ApiException):
        exchange(at, code(at), **{wrong: "another"})


def test_a_dialog_of_another_app_or_without_a_pin_gives_no_code(at: Bench) -> None:
    assert code(at, client_id="another") == code(at, pin="") == code(at, user_id="nobody") == ""


def test_a_code_is_too_old_after_five_minutes(at: Bench) -> None:
    word = code(at)
    at.clock.pass_seconds(301)
    with pytest.raises(ApiException):
        exchange(at, word)


def test_a_token_dies_at_half_past_three_in_india(at: Bench) -> None:
    night = datetime(2026, 11, 24, 3, 30, tzinfo=IST)
    at.clock.pass_seconds((night - at.clock.now()).total_seconds() - 1)
    assert at.book() == []
    at.clock.pass_seconds(1)
    with pytest.raises(ApiException) as told:
        at.book()
    assert told.value.status == 401


def test_the_books_of_two_days(at: Bench) -> None:
    folio, user = upstox_client.PortfolioApi(at.client), upstox_client.UserApi(at.client)
    at.place()
    at.price("499")
    (position,) = folio.get_positions(VERSION).data
    assert (position.quantity, position.average_price, position.product) == (100, 499.05, "D")
    assert folio.get_holdings(VERSION).data == []
    # ₹25,00,000 less 100 at ₹499.05
    assert user.get_user_fund_margin(VERSION).data["equity"].available_margin == 2_450_095.0
    at.clock.pass_seconds(86_400)
    at.client.configuration.access_token = at.sandbox.log_in("7AB123")
    at.price("499")
    assert folio.get_positions(VERSION).data == [] and at.book() == []
    (held,) = folio.get_holdings(VERSION).data
    assert (held.quantity, held.t1_quantity, held.cnc_used_quantity) == (100, 100, 0)
    at.place(transaction_type="SELL", quantity=40, price=520.0)
    assert folio.get_holdings(VERSION).data[0].cnc_used_quantity == 40  # set aside by the order


def test_quotes_of_both_versions(at: Bench) -> None:
    v2, v3 = upstox_client.MarketQuoteApi(at.client), upstox_client.MarketQuoteV3Api(at.client)
    name = "NSE_EQ:MIDCO"
    assert v2.ltp(KEY, VERSION).data[name].last_price == 501.0
    assert v3.get_ltp(instrument_key=KEY).data[name].cp == 500.0
    assert v2.get_market_quote_ohlc(KEY, "1d", VERSION).data[name].ohlc.close == 501.0
    assert v3.get_market_quote_ohlc("1d", instrument_key=KEY).data[name].live_ohlc.high >= 501.0
    full = v3.get_full_market_quote_v3(instrument_key=f"{KEY},NSE_EQ|NOBODY").data
    assert list(full) == [name] and full[name].prev_close_price == 500.0
    assert v2.get_full_market_quote(KEY, VERSION).data[name].depth.buy[0].price == 500.95


def test_candles_come_newest_first_and_today_apart(at: Bench) -> None:
    history = upstox_client.HistoryV3Api(at.client)
    past = history.get_historical_candle_data1(KEY, "days", 1, "2026-11-23", "2026-11-18")
    days = [row[0][:10] for row in past.data.candles]
    assert days == [f"2026-11-{day}" for day in (22, 21, 20, 19, 18)]  # the 23rd is not over
    today = history.get_intra_day_candle_data(KEY, "minutes", 30).data.candles
    assert {row[0][:10] for row in today} == {"2026-11-23"} and today[0][0] > today[-1][0]


@pytest.mark.parametrize(
    ("unit", "size", "since"),
    [("minutes", 1, "2026-10-01"), ("minutes", 30, "2026-07-01"), ("days", 1, "2016-01-01")],
)
def test_a_span_too_long_is_refused(at: Bench, unit: str, size: int, since: str) -> None:
    with pytest.raises(ApiException) as told:
        upstox_client.HistoryV3Api(at.client).get_historical_candle_data1(
            KEY, unit, size, "2026-11-22", since
        )
    assert told.value.status == 400


def test_what_an_order_blocks_and_costs(at: Bench) -> None:
    api = upstox_client.ChargeApi(at.client)
    one = upstox_client.Instrument(KEY, 100, "D", "BUY", 500.0)
    found = api.post_margin(upstox_client.MarginRequest(instruments=[one])).data
    assert (found.required_margin, found.final_margin) == (50_000.0, 50_000.0)
    cost = api.get_brokerage(KEY, 100, "D", "BUY", 500.0, VERSION).data.charges
    assert (cost.total, cost.brokerage, cost.taxes.stt) == (30.0, 20.0, 3.0)


def test_left_alone_the_client_sends_a_cancel_that_is_cut_four_times(at: Bench) -> None:
    # why the desk gives it a pool of its own
    order_id = at.place(price=480.0)
    at.sandbox.faults.script(Fault(FaultKind.DROP_BEFORE_ACCEPT, "cancel", times=9))
    with pytest.raises(Exception):  # noqa: B017
        at.v3.cancel_order(order_id)
    assert len(at.sandbox.faults.sends("cancel")) == 4


def test_an_unknown_path_is_said_in_upstoxs_words(at: Bench) -> None:
    found = requests.get(f"{at.served.base}/v2/nowhere", timeout=5)
    assert (found.status_code, found.json()["errors"][0]["errorCode"]) == (404, "UDAPI10000")


def test_secrets_are_not_kept_with_the_requests(at: Bench) -> None:
    word = code(at)
    exchange(at, word)
    kept = str(at.sandbox.faults.requests)
    assert word not in kept and at.sandbox.registered.client_secret not in kept


def test_shares_brought_in_can_be_sold(at: Bench) -> None:
    at.sandbox.house.credit("7AB123", MIDCO.isin, 10)
    at.place(transaction_type="SELL", quantity=10, price=490.0)
    at.price("499")
    assert at.sandbox.house.client("7AB123").paper.holdings() == {}


def test_what_went_to_the_bank_is_a_payout_and_no_margin_in_use(at: Bench) -> None:
    user = upstox_client.UserApi(at.client)
    assert user.get_payout_history().data == []
    at.sandbox.house.move_money("7AB123", rs("-500000"))
    [out] = user.get_payout_history().data
    assert (out["amount"], out["status"]) == (500_000.0, "COMPLETED")
    equity = user.get_user_fund_margin(VERSION).data["equity"]
    assert (equity.available_margin, equity.used_margin) == (2_000_000.0, 0.0)
