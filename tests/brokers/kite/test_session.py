"""The session over real HTTP: one request a write, every fault in its own class, nothing leaks."""

import traceback
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from core.brokers.errors import Attempt, clean, judged
from core.brokers.kite.client import Client
from core.brokers.kite.errors import MANNERS
from core.brokers.kite.session import KiteSession
from core.brokers.kite.shares import shares_from
from core.brokers.kite.verified import VERIFIED
from core.brokers.wire import Patience, Said, Wire, is_loopback
from core.domain.clock import IST, SteppedClock
from core.domain.listed import Kind, Listed
from core.domain.money import Money
from core.domain.order import OrderType, Product, Side
from core.errors import (
    BadInput,
    BrokerRefused,
    MunimError,
    NotFound,
    OutcomeUnknown,
    SessionDead,
    SourceFailed,
    SourceWrong,
    Throttled,
)
from tests.brokers.kite.wire_server import MOCKS, Reply, error, ok, serving
from tests.made import LISTED, MIDCO, T0, an_instrument, an_order, quote, rs

KEY, TOKEN = "canarykey7781", "canarytoken5512"
QUICK = Patience(connect_seconds=0.5, read_seconds=0.3, total_seconds=1.0)
ORDER = an_order(login_id="zerodha-1")


def listed(called, token, *, series="EQ", tick=5):
    return Listed(
        broker="kite", exchange="NSE", called=called, symbol=called.split("-")[0], name=called,
        isin="", token=str(token), series=series,
        kind=Kind.SHARE if series == "EQ" else Kind.OTHER_SHARE, tick_paise=tick, lot=1,
    )  # fmt: skip


def a_session(root, clock=None, *, universe=LISTED):
    clock = clock or SteppedClock(T0)
    names = {share.symbol for share in universe.values()}
    lines = [listed(name, 100 * n + 1) for n, name in enumerate(sorted(names), start=1)]
    client = Client(
        user_id="AB1234", api_key=KEY, token=TOKEN, clock=clock, root=root, patience=QUICK
    )
    return KiteSession(
        client, login_id="zerodha-1", shares=shares_from(lines, universe), clock=clock
    )


@pytest.fixture
def server():
    with serving() as running:
        yield running


@pytest.fixture
def session(server):
    return a_session(server.root)


def quoted(ltp=500.0, low=450.0, high=550.0, token=101):
    level = {"price": ltp, "quantity": 40, "orders": 1}
    return ok(
        {
            "NSE:MIDCO": {
                "instrument_token": token, "timestamp": "2026-11-23 10:30:00",
                "last_price": ltp, "volume": 1000,
                "ohlc": {"open": 500, "high": 505, "low": 495, "close": 500},
                "depth": {"buy": [level], "sell": [level]},
                "lower_circuit_limit": low, "upper_circuit_limit": high,
            }
        }
    )  # fmt: skip


PLACED = ok({"order_id": "9001"})


# Writes


def test_an_order_is_one_request_with_our_tag_and_its_id_comes_back(server, session):
    server.say("POST /orders/regular", PLACED)
    assert session.place(ORDER) == "9001"
    (got,) = server.got
    assert got.fields == {
        "variety": "regular", "exchange": "NSE", "tradingsymbol": "MIDCO",
        "transaction_type": "BUY", "quantity": "100", "product": "CNC", "order_type": "LIMIT",
        "validity": "DAY", "tag": ORDER.tag, "price": "500.00",
    }  # fmt: skip
    assert got.headers["Authorization"] == f"token {KEY}:{TOKEN}"
    assert got.headers["X-Kite-Version"] == "3"
    assert session.client.requests_of_last_call == 1


def test_a_market_order_never_goes_without_protection(server, session):
    server.say("POST /orders/regular", PLACED)
    session.place(replace(ORDER, order_type=OrderType.MARKET, limit_price=None))
    assert server.got[0].fields["market_protection"] == "-1"


@pytest.mark.realdata
def test_the_recorded_answers_to_writes(server, session):
    server.say_mock("POST /orders/regular", "order_response.json")
    server.say_mock("PUT /orders/regular/151220000000000", "order_modify.json")
    server.say_mock("DELETE /orders/regular/151220000000000", "order_cancel.json")
    server.say_mock("DELETE /gtt/triggers/123", "gtt_delete_order.json")
    server.say_mock("POST /gtt/triggers", "gtt_place_order.json")
    server.say("GET /quote", quoted())
    order_id = session.place(ORDER)
    assert order_id == "151220000000000"
    session.modify(order_id, limit=rs("499.95"))
    session.cancel(order_id)
    assert rest(session) == "123"
    session.cancel_gtt("123")
    assert [(one.method, one.path) for one in server.writes()] == [
        ("POST", "/orders/regular"),
        ("PUT", "/orders/regular/151220000000000"),
        ("DELETE", "/orders/regular/151220000000000"),
        ("POST", "/gtt/triggers"),
        ("DELETE", "/gtt/triggers/123"),
    ]
    assert server.writes()[1].fields["price"] == "499.95"


def test_an_order_of_another_login_or_share_leaves_nothing(server, session):
    with pytest.raises(BrokerRefused, match="is for login paper-1 and this session is zerodha-1"):
        session.place(an_order())
    with pytest.raises(BrokerRefused, match="MIDCO: Kite's instrument list has no share for INE9"):
        session.place(replace(ORDER, isin="INE999A01011"))
    assert server.got == []


def test_an_after_market_order_is_cancelled_under_its_own_variety(server, session):
    row = {
        "order_id": "7", "status": "AMO REQ RECEIVED", "exchange": "NSE", "variety": "amo",
        "tradingsymbol": "MIDCO", "transaction_type": "BUY", "quantity": 1, "price": 500,
    }  # fmt: skip
    server.say("GET /orders", ok([row]))
    server.say("DELETE /orders/amo/7", ok({"order_id": "7"}))
    session.orders()
    session.cancel("7")
    assert server.writes()[0].path == "/orders/amo/7"


NO = "insufficient funds, need 50000.00, have 1200.00"
DEFINITE = [
    error(400, "InputException", NO),
    error(400, "OrderException", NO),
    error(400, "MarginException", NO),
    error(400, "HoldingException", NO),
    error(403, "PermissionException", NO),
]
UNKNOWN = [
    Reply(seconds=5.0),
    Reply(reset=True),
    error(500, "GeneralException", "Something broke"),
    error(400, "GeneralException", "Something broke"),
    error(503, "NetworkException", "the OMS cannot be reached"),
    error(502, "DataException", "the OMS answered oddly"),
    error(500, "OrderException", "corrupt fetch"),
    error(400, "NewException", "a word nobody knows"),
    error(200, "InputException", "an error under a 200"),
    Reply(b"<html>Bad gateway</html>", 502, "text/html"),
    Reply(b"<html>Blocked</html>", 403, "text/html"),
    Reply(b'{"status":"success","data":{"order', 200),
    Reply(b'{"status":"success","data":{"order_id":"1"}}', 200, claims=400),
    Reply(b'{"status":"success","data":{"order_id":"1"}}', 502),
    Reply(b'{"status":"success","data":{}}'),
    Reply(b'{"status":"success","data":null}'),
    Reply(b'{"status":"success","data":{"order_id":""}}'),
    Reply(b'{"status":"error","error_type":"InputException"}', 500),
    Reply(b"[]"),
    Reply(b"", 204, "text/plain"),
    Reply(b"", 307, headers={"Location": "/orders/regular"}),
]


@pytest.mark.parametrize("reply", DEFINITE)
def test_a_definite_no_says_why_and_is_sent_once(server, session, reply):
    server.say("POST /orders/regular", reply)
    with pytest.raises(BrokerRefused) as refusal:
        session.place(ORDER)
    assert str(refusal.value) == (
        f"Zerodha AB1234: Kite refused to place BUY 100 MIDCO LIMIT at ₹500.00: {NO}"
    )
    assert len(server.got) == 1


@pytest.mark.parametrize("reply", UNKNOWN)
def test_anything_else_leaves_the_outcome_unknown_and_is_sent_once(server, session, reply):
    server.say("POST /orders/regular", reply)
    with pytest.raises(OutcomeUnknown, match="look it up and send nothing again"):
        session.place(ORDER)
    assert len(server.got) == 1


@pytest.mark.parametrize("reply", UNKNOWN)
def test_the_same_on_a_read_can_be_asked_again(server, session, reply):
    server.say("GET /orders", reply)
    with pytest.raises(SourceFailed) as failed:
        session.orders()
    assert type(failed.value) in (SourceFailed, SourceWrong)
    assert "look it up" not in str(failed.value)


def test_every_write_is_sent_once_when_its_answer_is_lost(server, session):
    server.say("GET /quote", quoted())
    server.say("GET /gtt/triggers/5", ok(a_gtt_row()))
    lost = Reply(seconds=5.0)
    for route in (
        "POST /orders/regular", "PUT /orders/regular/1", "DELETE /orders/regular/1",
        "POST /gtt/triggers", "PUT /gtt/triggers/5", "DELETE /gtt/triggers/5",
    ):  # fmt: skip
        server.say(route, lost)
    for write in (
        lambda: session.place(ORDER),
        lambda: session.modify("1", limit=rs("499")),
        lambda: session.cancel("1"),
        lambda: rest(session),
        lambda: session.modify_gtt("5", qty=50, stop=rs("485"), target=rs("530")),
        lambda: session.cancel_gtt("5"),
    ):
        before = len(server.writes())
        with pytest.raises(OutcomeUnknown):
            write()
        assert len(server.writes()) == before + 1


def test_a_server_that_is_not_there_leaves_a_write_unknown():
    session = a_session("http://127.0.0.1:9")
    with pytest.raises(OutcomeUnknown, match=r"no answer came \(ConnectionError\)"):
        session.place(ORDER)


@pytest.mark.parametrize(
    "reply",
    [
        error(429, "NetworkException", "Too many requests", Retry_After="3"),
        Reply(b"<html>slow down</html>", 429, "text/html", {"Retry-After": "3"}),
    ],
)
def test_too_many_requests_were_not_accepted(server, session, reply):
    server.say("POST /orders/regular", reply)
    server.say("GET /orders", reply)
    with pytest.raises(Throttled, match="asks for 3 s of rest when asked to place BUY 100") as no:
        session.place(ORDER)
    assert no.value.retry_after == 3.0
    assert "it was not accepted" in str(no.value)
    with pytest.raises(Throttled):
        session.orders()


def test_a_dead_token_stops_the_login_until_a_new_one_comes(server, session):
    server.say("GET /orders", error(403, "TokenException", "Incorrect `api_key` or token."), ok([]))
    with pytest.raises(SessionDead, match="Kite ended the session when asked to read the orders"):
        session.orders()
    with pytest.raises(SessionDead):
        session.place(ORDER)
    assert len(server.got) == 1  # the second never left
    session.client.replace_token("canarytoken9999")
    assert session.orders() == []
    assert server.got[-1].headers["Authorization"] == f"token {KEY}:canarytoken9999"


def test_a_refused_address_ends_writes_and_not_reads(server, session):
    message = "Order placement is not allowed from this IP address"
    server.say("POST /orders/regular", error(403, "PermissionException", message))
    server.say("GET /orders", ok([]))
    with pytest.raises(SessionDead, match="register the fixed IP at Kite's developer console"):
        session.place(ORDER)
    assert session.orders() == []


def test_a_read_that_kite_refuses_is_not_asked_again(server, session):
    server.say("GET /orders", error(400, "InputException", "Invalid exchange"))
    with pytest.raises(SourceWrong, match="refused to read the orders: Invalid exchange"):
        session.orders()


# Secrets


@pytest.mark.parametrize(
    "reply",
    [
        Reply(seconds=5.0),
        Reply(reset=True),
        error(400, "InputException", f"bad {TOKEN} for https://x.in/?api_key={KEY}"),
        error(500, "GeneralException", f"api_key={KEY}&access_token={TOKEN}"),
        error(403, "TokenException", f"access_token: {TOKEN}"),
        error(429, "NetworkException", TOKEN),
        Reply(f"<html>{TOKEN}</html>".encode(), 502, "text/html"),
        Reply(f"{{{TOKEN}".encode()),
        Reply(f'{{"data":"{TOKEN}"}}'.encode()),
    ],
)
def test_no_key_or_token_stands_in_a_sentence_or_a_traceback(server, session, reply, caplog):
    caplog.set_level("DEBUG")
    for route in ("POST /orders/regular", "DELETE /session/token", "GET /orders"):
        server.say(route, reply)
    for call in (lambda: session.place(ORDER), session.client.log_out, session.orders):
        session.client.died = ""
        try:
            call()
        except MunimError as error:
            seen = traceback.TracebackException.from_exception(error)
            text = "".join(seen.format()) + repr(error)
            assert error.__cause__ is None and error.__context__ is None
        else:
            text = ""
        assert KEY not in text and TOKEN not in text and "http" not in text.replace("tests", "")
    assert KEY not in caplog.text and TOKEN not in caplog.text
    assert TOKEN not in repr(session.client)


def test_a_message_is_cleaned_of_what_looks_like_a_secret():
    text = "see https://a.b/c?access_token=zz9 or checksum=abc, request_token: q1;\n done."
    assert clean(text, MANNERS) == "see … or checksum=…, request_token=…; done"
    assert len(clean("x" * 1000, MANNERS)) == 300


@pytest.mark.parametrize(("is_write", "kind"), [(True, OutcomeUnknown), (False, SourceFailed)])
def test_an_answer_without_a_reason(is_write, kind):
    attempt = Attempt("Zerodha AB1234", "place it", is_write)
    assert type(judged(attempt, Said(403), MANNERS, fault="x")) is kind
    assert type(judged(attempt, Said(401, readable=True), MANNERS, fault="x")) is SessionDead
    assert type(judged(attempt, None, MANNERS, fault="ReadTimeout")) is kind


# GTTs


def rest(session, *, stop="480", target="530", qty=100, side=Side.SELL):
    return session.place_gtt(
        isin=MIDCO.isin, symbol="MIDCO", qty=qty, side=side, product=Product.CNC,
        stop=rs(stop) if stop else None, target=rs(target) if target else None,
    )  # fmt: skip


def a_gtt_row(**changes):
    leg = {
        "exchange": "NSE", "tradingsymbol": "MIDCO", "product": "CNC", "order_type": "LIMIT",
        "transaction_type": "SELL", "quantity": 100, "price": 465.6, "result": None,
    }  # fmt: skip
    return {
        "id": 5, "type": "two-leg", "status": "active", "meta": None,
        "condition": {
            "exchange": "NSE", "tradingsymbol": "MIDCO", "last_price": 500.0,
            "trigger_values": [480.0, 530.0],
        },
        "orders": [leg, leg | {"price": 524.7}],
    } | changes  # fmt: skip


def sent_gtt(server):
    import json

    fields = server.writes()[-1].fields
    return json.loads(fields["condition"]), json.loads(fields["orders"]), fields["type"]


def test_a_pair_reads_the_price_and_then_sends_once(server, session):
    server.say("GET /quote", quoted())
    server.say("POST /gtt/triggers", ok({"trigger_id": 5}))
    assert rest(session) == "5"
    assert [(one.method, one.path) for one in server.got] == [
        ("GET", "/quote"),
        ("POST", "/gtt/triggers"),
    ]
    condition, orders, shape = sent_gtt(server)
    assert shape == "two-leg"
    assert condition == {
        "exchange": "NSE", "tradingsymbol": "MIDCO", "trigger_values": [480.0, 530.0],
        "last_price": 500.0,
    }  # fmt: skip
    # 480 less 3 % is 465.60; 530 less 1 % is 524.70
    assert [(leg["price"], leg["quantity"]) for leg in orders] == [(465.6, 100), (524.7, 100)]
    assert {(leg["transaction_type"], leg["order_type"], leg["product"]) for leg in orders} == {
        ("SELL", "LIMIT", "CNC")
    }


@pytest.mark.parametrize(
    ("low", "stop", "limit"),
    [
        (470.0, "480", 470.0),  # 465.60 is below today's band, which holds the limit back
        (485.0, "480", 465.6),  # the trigger lies below today's band, so today's says nothing
        (450.0, "480.55", 466.1),  # 466.1335, down to the tick of five paise
    ],
)
def test_the_stops_limit_is_through_the_trigger_on_the_tick_and_in_the_band(
    server, session, low, stop, limit
):
    server.say("GET /quote", quoted(low=low))
    server.say("POST /gtt/triggers", ok({"trigger_id": 5}))
    rest(session, stop=stop, target=None)
    _, orders, shape = sent_gtt(server)
    assert (shape, [leg["price"] for leg in orders]) == ("single", [limit])


def test_a_buying_pair_has_its_target_first(server, session):
    server.say("GET /quote", quoted())
    server.say("POST /gtt/triggers", ok({"trigger_id": 5}))
    rest(session, stop="530", target="480", side=Side.BUY)
    condition, orders, _ = sent_gtt(server)
    assert condition["trigger_values"] == [480.0, 530.0]
    # 480 and 1 %, 530 and 3 %
    assert [leg["price"] for leg in orders] == [484.8, 545.9]


def test_a_fresh_price_is_not_asked_for_again(server):
    clock = SteppedClock(T0)
    session = a_session(server.root, clock)
    server.say("GET /quote", quoted())
    server.say("POST /gtt/triggers", ok({"trigger_id": 5}))
    rest(session)
    clock.pass_seconds(14)
    session.see(quote("505"))
    clock.pass_seconds(14)
    rest(session)
    assert [one.path for one in server.got].count("/quote") == 1
    assert sent_gtt(server)[0]["last_price"] == 505.0
    clock.pass_seconds(16)
    rest(session)
    assert [one.path for one in server.got].count("/quote") == 2


def test_when_the_price_cannot_be_read_nothing_was_sent(server, session):
    server.say("GET /quote", error(503, "NetworkException", "down"))
    with pytest.raises(Throttled, match="MIDCO: nothing was sent, for Zerodha AB1234"):
        rest(session)
    assert server.writes() == []


def test_a_pair_is_changed_in_place_after_it_was_read(server, session):
    server.say("GET /quote", quoted())
    server.say("GET /gtt/triggers/5", ok(a_gtt_row()))
    server.say("PUT /gtt/triggers/5", ok({"trigger_id": 5}))
    session.modify_gtt("5", qty=60, stop=rs("485"), target=rs("530"))
    condition, orders, shape = sent_gtt(server)
    assert (shape, condition["trigger_values"]) == ("two-leg", [485.0, 530.0])
    assert [leg["quantity"] for leg in orders] == [60, 60]
    session.modify_gtt("5", qty=60, stop=rs("486"), target=None)
    assert sent_gtt(server)[2] == "single"


def test_a_pair_that_fired_cannot_change(server, session):
    server.say("GET /gtt/triggers/5", ok(a_gtt_row(status="triggered")))
    with pytest.raises(BrokerRefused, match=r"GTT 5 is not active \(triggered\)"):
        session.modify_gtt("5", qty=60, stop=rs("485"), target=rs("530"))
    assert server.writes() == []


def test_gtts_are_read_back_with_their_limits(server, session):
    server.say("GET /gtt/triggers", ok([a_gtt_row()]))
    (gtt,) = session.gtts()
    assert (gtt.gtt_id, gtt.stop, gtt.stop_limit) == ("5", rs("480"), rs("465.60"))
    assert (gtt.target, gtt.target_limit, gtt.active) == (rs("530"), rs("524.70"), True)


# Reads


@pytest.mark.realdata
def test_every_recorded_read_passes_through_the_session(server):
    infy = an_instrument(isin="INE009A01021", symbol="INFY")
    sbin = an_instrument(isin="INE062A01020", symbol="SBIN")
    session = a_session(server.root, universe={one.isin: one for one in (infy, sbin)})
    for route, name in {
        "/orders": "orders.json", "/trades": "trades.json",
        "/portfolio/positions": "positions.json", "/portfolio/holdings": "holdings.json",
        "/user/margins/equity": "margins_equity.json", "/user/profile": "profile.json",
        "/quote": "quote.json", "/instruments/NSE": "instruments_nse.csv",
    }.items():  # fmt: skip
        server.say_mock(f"GET {route}", name)
    server.say_mock("POST /margins/orders", "order_margins.json")
    server.say_mock("GET /instruments/historical/101/minute", "historical_minute.json")
    server.say_mock("POST /charges/orders", "virtual_contract_note.json")
    assert [order.symbol for order in session.orders()].count("SBIN") == 2
    assert [fill.symbol for fill in session.trades()] == ["SBIN"]
    assert session.holdings() == {"INE721Z01010": 1, sbin.isin: 16}
    assert session.funds().available == Money(9972505)
    assert session.profile().user_id == "AB1234"
    (priced,) = session.quotes([infy.isin])
    assert priced.ltp == Money(141295)
    order = an_order(isin=infy.isin, symbol="INFY")
    assert session.margin(order).required == rs("1498")
    assert [one.total for one in session.charges([order] * 3)] == [
        Money(58), Money(285), Money(2369),
    ]  # fmt: skip
    day = datetime(2017, 12, 15, 9, 15, tzinfo=IST)
    candles = session.candles(infy.isin, day, day + timedelta(minutes=5), minutes=1)
    assert len(candles) == 6
    assert server.got[-1].fields["from"] == "2017-12-15 09:15:00"
    assert len(session.instruments()) == 99
    assert len(session.not_taken) == 4 + 3 + 3 + 1
    assert session.strange_words == ()
    assert set(session.read_at) >= {"orders", "trades", "holdings", "positions", "funds"}


def test_a_trade_without_a_price_is_held_and_comes_later(server, session):
    row = {
        "trade_id": "t1", "order_id": "1", "exchange": "NSE", "tradingsymbol": "MIDCO",
        "product": "CNC", "average_price": 0, "quantity": 10, "transaction_type": "BUY",
        "fill_timestamp": "2026-11-23 10:30:00",
    }  # fmt: skip
    server.say("GET /trades", ok([row]), ok([row | {"average_price": 499.95}]))
    assert session.trades() == ()
    assert [one.trade_id for one in session.incomplete] == ["t1"]
    assert session.trades()[0].price == Money(49995)
    assert session.incomplete == ()


def test_a_strange_status_word_is_kept_for_an_alarm(server, session):
    row = {
        "order_id": "7", "status": "BEING THOUGHT ABOUT", "exchange": "NSE", "price": 500,
        "tradingsymbol": "MIDCO", "transaction_type": "BUY", "quantity": 1,
    }  # fmt: skip
    server.say("GET /orders", ok([row]))
    session.orders()
    assert session.strange_words == ("BEING THOUGHT ABOUT",)


def test_a_share_without_a_quote_is_named(server, session):
    server.say("GET /quote", ok({}))
    with pytest.raises(NotFound, match="no quote of NSE:MIDCO"):
        session.quotes([MIDCO.isin])


def test_candles_of_no_length_and_too_long_a_span_are_not_asked(server, session):
    day = datetime(2026, 1, 1, tzinfo=IST)
    with pytest.raises(BadInput, match="no candles of 7 minutes"):
        session.candles(MIDCO.isin, day, day, minutes=7)
    with pytest.raises(BadInput, match="60 days of 1-minute candles at once and 61 were asked"):
        session.candles(MIDCO.isin, day, day + timedelta(days=61), minutes=1)
    assert server.got == []


def test_charges_of_a_market_order_are_estimated_at_the_last_price(server, session):
    server.say("GET /quote", quoted())
    server.say("POST /charges/orders", ok([]))
    market = replace(ORDER, order_type=OrderType.MARKET, limit_price=None)
    with pytest.raises(SourceWrong, match="1 orders asked, 0 answered"):
        session.charges([market])
    assert '"average_price": 500.0' in server.got[-1].body


# What the broker page shows


def test_uses_count_each_window_and_the_indian_day(server):
    clock = SteppedClock(T0)
    session = a_session(server.root, clock)
    server.say("GET /orders", ok([]))
    server.say("POST /orders/regular", PLACED)
    session.orders()
    session.place(ORDER)
    clock.pass_seconds(2)
    session.place(ORDER)

    def use(kind):
        found = next(one for one in session.client.uses() if one.kind == kind)
        return found.second, found.minute, found.day

    assert use("order writes") == (1, 2, 2)
    assert use("other") == (0, 1, 1)
    clock.pass_seconds(86_400)
    assert use("order writes") == (0, 0, 0)


def test_the_clocks_are_compared_by_the_date_header(server):
    clock = SteppedClock(T0)
    session = a_session(server.root, clock)
    told = "Mon, 23 Nov 2026 05:00:04 GMT"
    server.say("GET /orders", Reply(ok([]).body, headers={"X": "1"}))
    assert session.client.skew_seconds is None
    session.orders()
    assert session.client.skew_seconds is not None
    from core.brokers.kite.wire import kind_of, said_by

    class Answer:
        status_code, content, url = 200, b"{}", "http://127.0.0.1:9/"
        headers = {"Date": told, "Content-Type": "application/json"}  # noqa: RUF012

    wire = Wire(clock, Patience(), read=said_by, kind=kind_of)
    wire._keep(Answer(), T0)
    assert wire.skew_seconds == 4.5  # four seconds ahead, and half a second of rounding


def test_each_call_says_whether_a_real_answer_was_seen():
    session = a_session("http://127.0.0.1:9")
    assert session.wire_verified["orders"] and not session.wire_verified["gtts"]
    assert all(session.wire_reasons.values())


@pytest.mark.realdata
def test_what_counts_as_seen_names_a_recorded_file():
    for known in VERIFIED.values():
        if known.seen:
            name = known.why.split("recorded ")[1].split(" ")[0]
            assert any(MOCKS.glob(f"{name}*")), name


@pytest.mark.parametrize(
    ("root", "here"),
    [
        (None, False), ("https://api.kite.trade", False), ("http://127.0.0.1:80", True),
        ("http://localhost:1", True), ("http://127.0.0.1.evil.in", False),
    ],
)  # fmt: skip
def test_only_this_machine_is_a_sandbox(root, here):
    assert is_loopback(root) is here
