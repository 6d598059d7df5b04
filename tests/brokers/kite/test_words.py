"""Zerodha's recorded answers, field by field, through its own client into domain values."""

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from core.brokers.kite.portfolio import (
    read_charges,
    read_funds,
    read_holdings,
    read_margins,
    read_positions,
)
from core.brokers.kite.prices import (
    read_candles,
    read_instruments,
    read_last_prices,
    read_quotes,
)
from core.brokers.kite.shares import KiteShare, Shares, shares_from
from core.brokers.kite.ticks import read_frame, read_packet
from core.brokers.kite.triggers import read_gtt, read_gtts
from core.brokers.kite.words import is_known, order_fields, read_orders, read_trades
from core.brokers.plain import Row
from core.brokers.rows import net_shares, profile_of
from core.domain.instrument import PriceBand
from core.domain.listed import Kind
from core.domain.money import ZERO, Money
from core.domain.order import OrderStatus, OrderType, Product, Side, Validity
from core.domain.ports import NotTaken
from core.errors import SourceWrong
from tests.brokers.kite.wire_server import MOCKS
from tests.made import MIDCO, an_instrument, an_order, rs


def share(symbol, isin, token=1, exchange="NSE", tick=5):
    return KiteShare(isin, symbol, exchange, symbol, token, Money(tick))


IOC = share("IOC", "INE242A01010", 415745)
SBIN = share("SBIN", "INE062A01020", 779521)
BHEL = share("BHEL", "INE257A01026", 112129)
TATA = share("TATASTEEL", "INE081A01020", 895745, tick=1)
INFY = share("INFY", "INE009A01021", 408065)
RAIN = share("RAIN", "INE855B01025", 3926273)
ALL = (IOC, SBIN, BHEL, TATA, INFY, RAIN)


def known():
    return Shares(ALL)


def recorded(name):
    """The `data` of a recorded answer, its times as the client reads them."""
    from kiteconnect import KiteConnect

    found = json.loads((MOCKS / name).read_text())["data"]
    return KiteConnect("k")._format_response(found) if name in TIMED else found


TIMED = ("orders.json", "trades.json", "order_trades.json")


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.realdata
class TestOrders:
    @pytest.fixture
    def read(self):
        return read_orders(recorded("orders.json"), known())

    def test_shares_are_kept_and_other_segments_are_named(self, read):
        assert [one.told.symbol for one in read.rows] == [
            "IOC", "IOC", "SBIN", "BHEL", "SBIN", "TATASTEEL",
        ]  # fmt: skip
        assert [(one.name, one.why) for one in read.not_taken] == [
            ("CDS:USDINR21JUNFUT", "CDS is not an equity segment"),
            ("MCX:GOLDPETAL21JUNFUT", "MCX is not an equity segment"),
            ("MCX:GOLDPETAL21JUNFUT", "MCX is not an equity segment"),
            ("NFO:NIFTY2580724400CE", "NFO is not an equity segment"),
        ]

    def test_a_filled_limit_order(self, read):
        one = read.rows[0]
        told = one.told
        assert (told.broker_order_id, told.tag, told.isin) == ("300000000000000", "", IOC.isin)
        assert (told.side, told.qty, told.filled_qty) == (Side.BUY, 1, 1)
        assert (told.status, told.broker_status, told.reason) == (
            OrderStatus.FILLED,
            "COMPLETE",
            "",
        )
        assert told.limit == Money(10940)
        assert (one.exchange_order_id, one.parent_order_id) == ("400000000000000", "")
        assert (one.exchange, one.variety) == ("NSE", "regular")
        assert (one.product, one.order_type) == (Product.CNC, OrderType.LIMIT)
        assert one.validity is Validity.DAY
        assert (one.trigger, one.avg_price) == (None, Money(10940))
        assert (one.pending_qty, one.cancelled_qty) == (0, 0)
        assert one.market_protection == 0
        # 15:20:28 in India is 09:50:28 UTC
        assert one.placed_at == one.updated_at == one.exchange_at == utc(2021, 5, 31, 9, 50, 28)
        assert one.tags == ()

    def test_a_filled_market_order_has_no_limit(self, read):
        one = read.rows[1]
        assert one.told.broker_order_id == "500000000000000"
        assert (one.told.side, one.told.limit) == (Side.SELL, None)
        assert (one.order_type, one.avg_price) == (OrderType.MARKET, Money(10935))
        assert one.placed_at == utc(2021, 5, 31, 9, 50, 51)
        assert one.exchange_at == one.updated_at == utc(2021, 5, 31, 9, 50, 52)

    def test_a_rejected_iceberg_keeps_its_reason_tag_and_foreign_validity(self, read):
        one = read.rows[2]
        assert one.told.broker_order_id == "220524001859672"
        assert (one.told.status, one.told.broker_status) == (OrderStatus.REJECTED, "REJECTED")
        assert one.told.reason == (
            "Insufficient funds. Required margin is 95417.84 but available margin is 74251.80. "
            "Check the orderbook for open orders."
        )
        assert (one.told.tag, one.tags) == ("icebergord", ("icebergord",))
        assert (one.variety, one.validity, one.exchange_order_id) == ("iceberg", None, "")
        assert (one.told.qty, one.told.filled_qty, one.told.limit) == (200, 0, rs("463"))
        assert (one.avg_price, one.pending_qty, one.cancelled_qty) == (None, 0, 0)
        assert one.placed_at == utc(2022, 5, 24, 6, 56, 52)
        assert one.updated_at is None and one.exchange_at is None

    def test_a_cancelled_auction_order(self, read):
        one = read.rows[3]
        assert (one.told.broker_order_id, one.variety) == ("98000000000000000", "auction")
        assert (one.told.status, one.told.side, one.told.qty) == (
            OrderStatus.CANCELLED,
            Side.SELL,
            60,
        )
        assert (one.pending_qty, one.cancelled_qty, one.told.limit) == (60, 0, rs("85"))
        assert one.placed_at == utc(2023, 6, 12, 8, 30, 58)

    def test_an_mtf_order_is_kept_without_a_product(self, read):
        one = read.rows[4]
        assert (one.told.broker_order_id, one.product) == ("250117800776785", None)
        assert (one.told.status, one.told.limit) == (OrderStatus.CANCELLED, rs("702"))
        assert (one.exchange_order_id, one.cancelled_qty) == ("1300000029561105", 1)
        assert one.placed_at == utc(2025, 1, 17, 6, 19, 45)

    def test_a_protected_market_order_shows_as_a_limit_and_its_marks_are_no_tag(self, read):
        one = read.rows[5]
        assert (one.told.broker_order_id, one.told.tag) == ("1953341975595868160", "")
        assert one.tags == ("mktp", "mktp:2.00")
        assert (one.told.limit, one.avg_price) == (Money(15982), Money(15670))
        assert (one.told.status, one.told.filled_qty) == (OrderStatus.FILLED, 1)
        assert one.placed_at == utc(2025, 8, 7, 6, 26, 33)


@pytest.mark.realdata
class TestTrades:
    def test_a_share_is_a_fill_and_the_rest_is_named(self):
        read = read_trades(recorded("trades.json"), known())
        (fill,) = read.fills
        assert (fill.order_id, fill.trade_id, fill.exchange) == (
            "200000000000000",
            "10000000",
            "NSE",
        )
        assert (fill.isin, fill.symbol, fill.account_id) == (SBIN.isin, "SBIN", "")
        assert (fill.qty, fill.price, fill.product) == (1, Money(42065), Product.CNC)
        assert fill.traded_at == utc(2021, 5, 31, 3, 46, 39)
        assert read.incomplete == ()
        assert [one.name for one in read.not_taken] == [
            "CDS:USDINR21JUNFUT", "MCX:GOLDPETAL21JUNFUT", "MCX:GOLDPETAL21JUNFUT",
        ]  # fmt: skip

    def test_the_trades_of_one_order_read_the_same_way(self):
        read = read_trades(recorded("order_trades.json"), known())
        assert (read.fills, len(read.not_taken)) == ((), 1)


@pytest.mark.realdata
class TestPortfolio:
    def test_positions_of_other_segments_and_products_are_named(self):
        read = read_positions(recorded("positions.json"), known())
        assert read.rows == ()
        assert read.not_taken == (
            NotTaken("positions", "MCX:LEADMINI17DECFUT", "MCX is not an equity segment"),
            NotTaken("positions", "MCX:GOLDGUINEA17DECFUT", "MCX is not an equity segment"),
            NotTaken("positions", "NSE:SBIN", "product CO is neither CNC nor MIS"),
        )

    def test_the_recorded_cover_order_position_reads_when_it_is_intraday(self):
        found = recorded("positions.json")
        row = next(row for row in found["net"] if row["exchange"] == "NSE")
        read = read_positions({"net": [row | {"product": "MIS"}], "day": []}, known())
        (one,) = read.rows
        assert (one.isin, one.symbol, one.exchange, one.product) == (
            SBIN.isin, "SBIN", "NSE", Product.MIS,
        )  # fmt: skip
        assert (one.qty, one.overnight_qty, one.day_bought_qty, one.day_sold_qty) == (0, 0, 1, 1)
        assert (one.avg_price, one.ltp, one.prev_close) == (ZERO, Money(30840), ZERO)
        assert (one.bought, one.sold, one.pnl) == (rs("311"), rs("309"), rs("-2"))

    def test_holdings(self):
        read = read_holdings(recorded("holdings.json"), known())
        aaron, sbin = read.rows
        # outside the universe: the broker's own name and ISIN stay
        assert (aaron.isin, aaron.symbol, aaron.exchange) == ("INE721Z01010", "AARON", "NSE")
        assert (aaron.opening_qty, aaron.qty, aaron.settled_qty) == (1, 1, 1)
        assert (aaron.t1_qty, aaron.sold_qty, aaron.authorised_qty) == (0, 0, 0)
        assert (aaron.pledged_qty, aaron.disputed) == (0, False)
        assert (aaron.avg_price, aaron.ltp, aaron.prev_close) == (
            rs("161"), Money(35295), Money(35235),
        )  # fmt: skip
        assert aaron.pnl == Money(19195)
        assert (sbin.isin, sbin.symbol, sbin.exchange, sbin.qty) == (SBIN.isin, "SBIN", "BSE", 16)
        # 801.78125 and -629.2999999999993, to the paisa
        assert (sbin.avg_price, sbin.pnl) == (Money(80178), Money(-62930))
        assert read.not_taken == (NotTaken("holdings", "NSE:AARON", "1000 shares are held as MTF"),)
        assert net_shares(read.rows, ()) == {"INE721Z01010": 1, SBIN.isin: 16}

    def test_a_holding_on_bse_teaches_its_name(self):
        shares = known()
        read_holdings(recorded("holdings.json"), shares)
        learned = shares.named("BSE", "SBIN")
        assert (learned.isin, learned.token) == (SBIN.isin, 128028676)
        assert shares.by_isin(SBIN.isin).exchange == "NSE"

    @pytest.mark.parametrize("name", ["margins.json", "margins_equity.json"])
    def test_funds(self, name):
        funds = read_funds(recorded(name))
        # 99725.05000000002 is ₹99725.05
        assert funds.available == Money(9972505)
        assert (funds.cash, funds.opening) == (Money(24543160), Money(24543160))
        assert (funds.collateral, funds.paid_in, funds.used) == (ZERO, ZERO, Money(14570655))

    def test_margin_of_an_order(self):
        (one,) = read_margins(recorded("order_margins.json"), ["INFY"])
        assert (one.symbol, one.required, one.leverage) == ("INFY", rs("1498"), 1.0)
        assert one.charges == Money(179)  # 1.79255122

    def test_charges_of_an_order(self):
        found = recorded("virtual_contract_note.json")
        first, second, third = read_charges(found, ["SBIN", "GOLD", "NIFTY"])
        assert (first.symbol, first.transaction_tax, first.exchange_fee) == (
            "SBIN", Money(56), Money(2),
        )  # fmt: skip
        assert (first.sebi_fee, first.brokerage, first.stamp_duty, first.gst) == (
            ZERO, ZERO, ZERO, ZERO,
        )  # fmt: skip
        assert first.total == Money(58)  # 0.5826968
        assert (second.brokerage, second.gst, second.total) == (Money(176), Money(35), Money(285))
        assert (third.brokerage, third.exchange_fee, third.total) == (
            rs("20"), Money(8), Money(2369),
        )  # fmt: skip

    def test_an_estimate_for_another_number_of_orders_is_not_used(self):
        with pytest.raises(SourceWrong, match="2 orders asked, 1 answered"):
            read_margins(recorded("order_margins.json"), ["INFY", "TCS"])

    @pytest.mark.parametrize("name", ["profile.json", "full_profile.json"])
    def test_profile(self, name):
        who = profile_of(recorded(name), "Kite")
        assert (who.user_id, who.name, who.broker) == ("AB1234", "AxAx Bxx", "ZERODHA")
        assert {"NSE", "BSE", "NFO"} <= set(who.exchanges)
        assert who.products == ("CNC", "NRML", "MIS", "BO", "CO")
        assert who.order_types == ("MARKET", "LIMIT", "SL", "SL-M")


@pytest.mark.realdata
class TestGtts:
    def test_a_triggered_pair_whose_order_was_refused(self):
        one = read_gtt(recorded("gtt_get_order.json"), known())
        told = one.told
        assert (told.gtt_id, told.symbol, told.isin) == ("123", "RAIN", RAIN.isin)
        assert (told.side, told.qty, told.product) == (Side.SELL, 1, Product.CNC)
        assert (told.stop, told.target) == (rs("102"), rs("103.70"))
        assert (told.stop_limit, told.target_limit) == (rs("1"), rs("1"))
        assert (told.active, told.broker_status, told.fired_order_id) == (False, "triggered", "")
        assert told.reason == (
            "Your order price is lower than the current lower circuit limit of 70.65. Place an "
            "order within the daily range."
        )
        assert (one.shape, one.exchange) == ("two-leg", "NSE")
        assert one.placed_at == utc(2019, 9, 9, 9, 43, 22)
        assert one.changed_at == utc(2019, 9, 9, 9, 45, 8)
        assert one.expires_at == utc(2020, 1, 1, 6, 30)
        assert (one.last_price, one.triggered_at) == (rs("102.60"), rs("103.70"))

    @pytest.fixture
    def pair(self):
        return recorded("gtt_get_order.json") | {"status": "active"}

    def test_an_active_pair_covers(self, pair):
        assert read_gtt(pair, known()).told.active

    def test_the_order_that_fired_is_named(self, pair):
        leg = pair["orders"][1]
        sent = {"status": "success", "order_id": "77", "rejection_reason": ""}
        leg["result"] = leg["result"] | {"order_result": sent}
        told = read_gtt(pair, known()).told
        assert (told.fired_order_id, told.reason) == ("77", "")

    def test_a_buying_pair_stops_above(self, pair):
        for leg in pair["orders"]:
            leg["transaction_type"] = "BUY"
        told = read_gtt(pair, known()).told
        assert (told.side, told.stop, told.target) == (Side.BUY, rs("103.70"), rs("102"))

    @pytest.mark.parametrize(
        ("side", "trigger", "stop", "target"),
        [
            ("SELL", 95.0, "95", "0"),
            ("SELL", 110.0, "0", "110"),
            ("BUY", 110.0, "110", "0"),
            ("BUY", 95.0, "0", "95"),
        ],
    )
    def test_a_single_is_a_stop_or_a_target_by_its_side_of_the_price(
        self, pair, side, trigger, stop, target
    ):
        leg = pair["orders"][0] | {"transaction_type": side, "price": 90}
        single = pair | {
            "type": "single",
            "condition": pair["condition"] | {"trigger_values": [trigger]},
            "orders": [leg],
        }
        told = read_gtt(single, known()).told
        assert (told.stop, told.target) == (rs(stop), rs(target))
        assert (told.stop_limit or told.target_limit) == rs("90")

    def test_legs_of_two_sizes_say_so(self, pair):
        pair["orders"][1] |= {"quantity": 2, "result": None}
        assert read_gtt(pair, known()).told.reason == "its legs are for 1 and 2 shares"

    def test_a_gtt_on_something_else_is_named(self, pair):
        pair["condition"]["exchange"] = "NFO"
        read = read_gtts([pair], known())
        assert (read.rows, read.not_taken[0].name) == ((), "NFO:RAIN")

    def test_a_pair_with_one_trigger_is_not_read(self, pair):
        pair["condition"]["trigger_values"] = [102.0]
        with pytest.raises(SourceWrong, match="'two-leg' of 1 triggers and 2 orders"):
            read_gtt(pair, known())


@pytest.mark.realdata
class TestPrices:
    def test_a_quote_after_the_close_has_an_empty_bid(self):
        got = utc(2021, 6, 8, 10, 16)
        (priced,) = read_quotes(recorded("quote.json"), [INFY], received_at=got)
        quote = priced.quote
        assert (quote.isin, quote.ltp, quote.source) == (INFY.isin, Money(141295), "zerodha")
        assert (quote.bid, quote.bid_qty) == (ZERO, 0)
        assert (quote.ask, quote.ask_qty) == (Money(141295), 5191)
        assert (quote.open, quote.high, quote.low, quote.prev_close) == (
            rs("1396"), Money(142175), Money(139555), Money(138965),
        )  # fmt: skip
        assert quote.volume == 7360198
        # 15:45:56 in India
        assert (quote.at, quote.received_at) == (utc(2021, 6, 8, 10, 15, 56), got)
        assert priced.band == PriceBand(Money(125070), Money(152860))
        assert priced.token == 408065

    @pytest.mark.parametrize(("name", "ltp"), [("ltp.json", "1074.35"), ("ohlc.json", "1075")])
    def test_last_prices(self, name, ltp):
        assert read_last_prices(recorded(name), [INFY, SBIN]) == {INFY.isin: rs(ltp)}

    def test_candles(self):
        from kiteconnect import KiteConnect

        rows = KiteConnect("k")._format_historical(recorded("historical_minute.json"))
        candles = read_candles(rows)
        assert len(candles) == 6
        first, last = candles[0], candles[-1]
        assert first.at == utc(2017, 12, 15, 3, 45)
        assert (first.open, first.high, first.low, first.close, first.volume) == (
            Money(170450), Money(170500), Money(169925), Money(170280), 2499,
        )  # fmt: skip
        assert (last.at, last.close, last.volume) == (utc(2017, 12, 15, 3, 50), Money(169690), 802)

    @pytest.mark.parametrize("name", ["instruments_nse.csv", "instruments_all.csv"])
    def test_instruments(self, name):
        from kiteconnect import KiteConnect

        lines = read_instruments(KiteConnect("k")._parse_instruments((MOCKS / name).read_bytes()))
        first = lines[0]
        assert (first.called, first.symbol, first.series) == ("CENTRALBK-BE", "CENTRALBK", "BE")
        assert (first.token, first.tick_paise, first.lot) == ("3813889", 5, 1)
        assert (first.exchange, first.kind, first.isin) == ("NSE", Kind.OTHER_SHARE, "")
        assert {line.exchange for line in lines} <= {"NSE", "BSE"}
        central = an_instrument(isin="INE483A01010", symbol="CENTRALBK")
        found = shares_from(lines, {central.isin: central}).by_isin(central.isin)
        assert (found.called, found.token, found.tick) == ("CENTRALBK-BE", 3813889, Money(5))

    def test_the_recorded_packet(self):
        packet = base64.b64decode((MOCKS / "ticker_quote.packet").read_text())
        told = json.loads((MOCKS / "ticker_quote.json").read_text())
        tick = read_packet(packet)
        assert (tick.mode, tick.token, tick.ltp) == ("quote", 408065, Money(157315))
        assert (tick.last_qty, tick.avg_price, tick.volume) == (1, Money(157033), 1175986)
        assert (tick.buy_qty, tick.sell_qty) == (256511, 360503)
        assert (tick.open, tick.high, tick.low, tick.prev_close) == (
            Money(156915), Money(157500), Money(156105), Money(156780),
        )  # fmt: skip
        assert (tick.token, tick.volume) == (told["instrument_token"], told["volume"])
        frame = (1).to_bytes(2, "big") + len(packet).to_bytes(2, "big") + packet
        assert read_frame(frame).ticks == (tick,)

    def test_the_recorded_last_price(self):
        told = json.loads((MOCKS / "ticker_ltp.json").read_text())
        packet = told["instrument_token"].to_bytes(4, "big") + (157315).to_bytes(4, "big")
        tick = read_packet(packet)
        assert (tick.mode, tick.ltp) == ("ltp", rs(str(told["last_price"])))


@pytest.mark.realdata
def test_a_postback_reads_as_the_order_it_is_about():
    body = json.loads((MOCKS / "postback.json").read_text())
    (one,) = read_orders([body], known()).rows
    assert (one.told.broker_order_id, one.told.symbol) == ("220303000308932", "SBIN")
    assert (one.told.status, one.told.filled_qty, one.avg_price) == (
        OrderStatus.FILLED, 1, rs("470"),
    )  # fmt: skip
    assert one.placed_at == utc(2022, 3, 3, 3, 54, 25)


# What no recorded answer shows


def a_row(**changes):
    return {
        "order_id": "1", "status": "OPEN", "exchange": "NSE", "tradingsymbol": "SBIN",
        "transaction_type": "BUY", "quantity": 150, "filled_quantity": 0, "price": 500.05,
        "product": "CNC", "order_type": "LIMIT", "validity": "DAY", "tag": None,
    } | changes  # fmt: skip


def read_one(**changes):
    (one,) = read_orders([a_row(**changes)], known()).rows
    return one


def test_a_cancelled_order_keeps_its_fills():
    one = read_one(status="CANCELLED", filled_quantity=100, average_price=499.95)
    assert (one.told.status, one.told.filled_qty) == (OrderStatus.CANCELLED, 100)


@pytest.mark.parametrize("word", ["SOMETHING NEW", "", "CANCELLED AMO", "complete"])
def test_an_unknown_status_stays_open_and_keeps_its_word(word):
    told = read_one(status=word).told
    assert (told.status, told.broker_status) == (OrderStatus.OPEN, word)
    assert not is_known(word)


@pytest.mark.parametrize("word", ["TRIGGER PENDING", "AMO REQ RECEIVED", "OPEN", "COMPLETE"])
def test_documented_words_are_known(word):
    assert is_known(word)


@pytest.mark.parametrize(
    ("row", "tag"),
    [
        ({"tag": None}, ""),
        ({}, ""),
        ({"tag": "AB3QK5T2M7WZ4HPN6D"}, "AB3QK5T2M7WZ4HPN6D"),
        ({"tag": "ab3qk5t2m7wz4hpn6d "}, "ab3qk5t2m7wz4hpn6d "),  # as it comes, the desk compares
        ({"tag": None, "tags": ["autoslice", "AB3QK5T2M7WZ4HPN6D"]}, "AB3QK5T2M7WZ4HPN6D"),
        ({"tag": None, "tags": ["mktp", "mktp:2.00"]}, ""),
    ],
)
def test_the_tag_comes_back_as_kite_shows_it(row, tag):
    assert read_one(**row).told.tag == tag


def test_an_order_of_an_unknown_share_keeps_kites_name():
    told = read_one(tradingsymbol="NEWCO").told
    assert (told.symbol, told.isin) == ("NEWCO", "")


@pytest.mark.parametrize(
    ("field", "value"),
    [("quantity", None), ("quantity", 1.5), ("price", "nan"), ("quantity", "many"), ("price", [])],
)
def test_an_unreadable_field_names_itself(field, value):
    with pytest.raises(SourceWrong, match=f"Kite's orders: field {field} is "):
        read_one(**{field: value})


def test_a_side_that_is_neither_is_not_guessed():
    with pytest.raises(SourceWrong, match="'HOLD' is neither BUY nor SELL"):
        read_one(transaction_type="HOLD")


@pytest.mark.parametrize("found", [{}, "text", [1], 3])
def test_an_answer_of_another_shape_is_not_a_book(found):
    with pytest.raises(SourceWrong, match="a list of rows was expected"):
        read_orders(found, known())


def a_trade(**changes):
    return {
        "trade_id": "t1", "order_id": "1", "exchange": "NSE", "tradingsymbol": "SBIN",
        "product": "MIS", "average_price": 420.65, "quantity": 10, "transaction_type": "SELL",
        "fill_timestamp": datetime(2026, 11, 23, 10, 30),  # noqa: DTZ001 as the client gives it
    } | changes  # fmt: skip


def test_a_sale_is_a_negative_fill():
    (fill,) = read_trades([a_trade()], known()).fills
    assert (fill.qty, fill.product, fill.price) == (-10, Product.MIS, Money(42065))
    assert fill.traded_at == utc(2026, 11, 23, 5, 0)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"average_price": 0}, "it has no price yet"),
        ({"average_price": None}, "it has no price yet"),
        ({"quantity": 0}, "it has no quantity yet"),
        ({"fill_timestamp": None}, "it has no time yet"),
        ({"trade_id": None}, "it has no number yet"),
    ],
)
def test_a_fill_with_a_gap_waits(change, why):
    read = read_trades([a_trade(**change)], known())
    assert read.fills == ()
    assert [(one.order_id, one.symbol, one.why) for one in read.incomplete] == [("1", "SBIN", why)]


def test_a_trade_of_an_unknown_share_is_named():
    read = read_trades([a_trade(tradingsymbol="NEWCO")], known())
    assert read.not_taken == (
        NotTaken("trades", "NSE:NEWCO", "no share of the desk's universe has this name"),
    )


@pytest.mark.parametrize("none", [None, "", "0001-01-01 00:00:00", "1970-01-01 05:30:00"])
def test_kites_ways_to_write_no_time(none):
    assert Row("Kite", "orders", {"at": none}).moment("at") is None


def test_net_shares_are_the_nights_plus_todays_trades():
    holding = {
        "tradingsymbol": "SBIN", "exchange": "NSE", "isin": SBIN.isin, "quantity": 60,
        "t1_quantity": 40, "opening_quantity": 100, "used_quantity": 40, "average_price": 400,
        "last_price": 420, "close_price": 410, "pnl": 2000,
    }  # fmt: skip
    flat = dict.fromkeys(
        ("average_price", "last_price", "close_price", "buy_value", "sell_value", "pnl"), 0
    )

    def position(symbol, product, qty, bought, sold):
        return flat | {
            "tradingsymbol": symbol, "exchange": "NSE", "product": product, "quantity": qty,
            "day_buy_quantity": bought, "day_sell_quantity": sold,
        }  # fmt: skip

    rows = [
        position("SBIN", "CNC", -40, 0, 40),  # sold out of the holding
        position("IOC", "CNC", 25, 25, 0),  # bought today
        position("BHEL", "MIS", -5, 0, 5),  # short for the day
        position("INFY", "MIS", 0, 7, 7),  # flat again
    ]
    read = read_positions({"net": rows}, known())
    held = read_holdings([holding], known())
    assert net_shares(held.rows, read.rows) == {SBIN.isin: 60, IOC.isin: 25, BHEL.isin: -5}


def test_our_order_in_kites_words():
    order = an_order(limit_price=rs("500.05"), isin=SBIN.isin)
    assert order_fields(order, SBIN) == {
        "variety": "regular", "exchange": "NSE", "tradingsymbol": "SBIN",
        "transaction_type": "BUY", "quantity": 100, "product": "CNC", "order_type": "LIMIT",
        "validity": "DAY", "tag": order.tag, "price": "500.05",
    }  # fmt: skip


def test_what_is_not_priced_carries_market_protection():
    base = an_order(isin=SBIN.isin)
    market = replace(base, order_type=OrderType.MARKET, limit_price=None)
    assert order_fields(market, SBIN)["market_protection"] == -1
    stop = replace(base, order_type=OrderType.SL_M, trigger_price=rs("490"), limit_price=None)
    fields = order_fields(stop, SBIN)
    assert (fields["market_protection"], fields["trigger_price"]) == (-1, "490.00")
    assert "price" not in fields
    both = replace(base, order_type=OrderType.SL, trigger_price=rs("510"), limit_price=rs("511"))
    fields = order_fields(both, SBIN)
    assert (fields["price"], fields["trigger_price"]) == ("511.00", "510.00")
    assert "market_protection" not in fields


def test_a_protection_that_kite_shows_is_read():
    assert read_one(market_protection=2.5).market_protection == Decimal("2.5")


def test_the_universes_series_is_traded_then_eq():
    from tests.brokers.kite.test_session import listed

    lines = [listed("MIDCO-BE", 2, series="BE"), listed("MIDCO", 1)]
    assert shares_from(lines, {MIDCO.isin: MIDCO}).by_isin(MIDCO.isin).called == "MIDCO"
