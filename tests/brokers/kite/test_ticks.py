"""Packets as quotes, and the guard against another share's price."""

import struct
from datetime import UTC, datetime

import pytest

from core.brokers.kite.shares import KiteShare, Shares
from core.brokers.kite.ticks import offers, quote_of, read_frame, read_packet
from core.domain.money import ZERO, Money
from tests.made import MIDCO, RELIANCE, T0, rs

MID = KiteShare(MIDCO.isin, "MIDCO", "NSE", "MIDCO", 0x101, Money(5))
REL = KiteShare(RELIANCE.isin, "RELIANCE", "NSE", "RELIANCE", 0x201, Money(10))
AT = int(T0.timestamp())


def full_packet(ltp=50000, *, token=MID.token, close=50000, at=AT, traded=AT - 2):
    head = struct.pack(">11I", token, ltp, 7, 49990, 1000, 800, 900, 49800, 50500, 49500, close)
    times = struct.pack(">5I", traded, 0, 0, 0, at)
    buys = b"".join(struct.pack(">IIHH", 10 * n, ltp - 5 * n, n, 0) for n in range(1, 6))
    sells = b"".join(struct.pack(">IIHH", 20 * n, ltp + 5 * n, n, 0) for n in range(1, 6))
    return head + times + buys + sells


def frame_of(*packets):
    body = b"".join(len(one).to_bytes(2, "big") + one for one in packets)
    return len(packets).to_bytes(2, "big") + body


def client_reads(frame):
    from kiteconnect import KiteTicker

    return KiteTicker("k", "t")._parse_binary(frame)


def test_a_full_packet_reads_as_kites_own_client_reads_it():
    packet = full_packet()
    assert len(packet) == 184
    (tick,) = read_frame(frame_of(packet)).ticks
    (told,) = client_reads(frame_of(packet))
    assert (tick.token, tick.mode, tick.volume) == (
        told["instrument_token"],
        told["mode"],
        told["volume_traded"],
    )
    assert tick.ltp == rs(str(told["last_price"]))
    assert tick.bid == rs(str(told["depth"]["buy"][0]["price"])) == Money(49995)
    assert tick.ask == rs(str(told["depth"]["sell"][0]["price"])) == Money(50005)
    assert tick.bid_qty == sum(one["quantity"] for one in told["depth"]["buy"]) == 150
    assert tick.ask_qty == sum(one["quantity"] for one in told["depth"]["sell"]) == 300
    assert {name: str(price) for name, price in told["ohlc"].items()} == {
        "open": "498.0", "high": "505.0", "low": "495.0", "close": "500.0",
    }  # fmt: skip
    assert (tick.open, tick.high, tick.low, tick.prev_close) == (
        rs("498"), rs("505"), rs("495"), rs("500"),
    )  # fmt: skip
    assert (tick.at, tick.traded_at) == (T0, datetime.fromtimestamp(AT - 2, UTC))


def test_a_full_tick_is_a_quote_with_both_times():
    tick = read_packet(full_packet())
    got = datetime.fromtimestamp(AT + 1, UTC)
    found = quote_of(tick, MID, received_at=got)
    assert (found.isin, found.ltp, found.at, found.received_at) == (
        MIDCO.isin, rs("500"), T0, got,
    )  # fmt: skip
    assert (found.prev_close, found.volume, found.source) == (rs("500"), 1000, "zerodha")


def test_a_short_tick_is_no_quote():
    short = read_packet(full_packet()[:44])
    assert (short.mode, quote_of(short, MID, received_at=T0)) == ("quote", None)
    no_time = read_packet(full_packet(at=0, traded=0))
    assert quote_of(no_time, MID, received_at=T0) is None


def test_a_heartbeat_holds_nothing():
    assert read_frame(b"\x00").ticks == () and read_frame(b"").ticks == ()


def test_other_segments_and_lengths_are_counted():
    index = (0x109).to_bytes(4, "big") + bytes(24)
    future = (0x102).to_bytes(4, "big") + bytes(40)
    read = read_frame(frame_of(index, future, b"odd", full_packet()))
    assert (read.skipped, len(read.ticks), read.cut) == (3, 1, False)


@pytest.mark.parametrize("lost", [1, 100, 183, 185])
def test_a_cut_frame_keeps_the_whole_packets(lost):
    whole = frame_of(full_packet(), full_packet(51000))
    read = read_frame(whole[:-lost])
    assert (read.cut, [tick.ltp for tick in read.ticks]) == (True, [rs("500")])


def test_an_empty_side_is_zero():
    packet = bytearray(full_packet())
    packet[64:124] = bytes(60)
    tick = read_packet(bytes(packet))
    assert (tick.bid, tick.bid_qty, tick.ask_qty) == (ZERO, 0, 300)


def test_a_tick_is_offered_with_its_share_and_the_quote_it_makes():
    frame = read_frame(frame_of(full_packet(), full_packet(token=0x901)))
    known, unknown = offers(frame, Shares([MID, REL]), received_at=T0)
    assert (known.share, known.ltp, known.quote.ltp) == (MID, rs("500"), rs("500"))
    assert (unknown.named, unknown.share, unknown.quote) == ("number 2305", None, None)
