"""Turning a position of the day from intraday into delivery and back, as a broker does.

A long position that becomes intraday is of shares bought today; a short one that becomes
delivery is delivered from shares held.
"""

from __future__ import annotations

from core.domain.instrument import Instrument
from core.domain.order import Product, Side
from core.exchange.book import Book
from core.exchange.refusals import OPEN_PHASES, TRADE_FOR_TRADE, Standing
from core.exchange.values import Conversion


def why_not_converted(book: Book, asked: Conversion, on: Standing) -> str:
    """Why a position stays what it is, or nothing."""
    share, symbol = on.instrument, on.instrument.symbol
    if asked.old is asked.new:
        return f"{symbol}: the position is {asked.old} already"
    if asked.qty <= 0:
        return f"{symbol}: quantity {asked.qty} is below 1"
    if on.phase not in OPEN_PHASES:
        return f"{symbol}: the market is {on.phase}; positions are converted while it trades"
    if asked.new is Product.MIS and share.series in TRADE_FOR_TRADE:
        return f"{symbol}: series {share.series} is delivery only and takes no MIS"
    if asked.new is Product.MIS and on.intraday_over:
        return f"{symbol}: MIS is squared off by now; the position stays CNC"
    return _too_many(book, asked, share, sellable=on.sellable)


def _too_many(book: Book, asked: Conversion, share: Instrument, *, sellable: int) -> str:
    net = book.today.get((asked.isin, asked.old), 0) * asked.side.sign
    if asked.qty > net:
        return (
            f"{share.symbol}: converting {asked.qty} of {max(0, net)} shares that stand "
            f"{asked.side} in {asked.old} today"
        )
    leaves = asked.side is Side.BUY and asked.old is Product.CNC
    delivers = asked.side is Side.SELL and asked.new is Product.CNC
    if (leaves or delivers) and asked.qty > sellable:
        return (
            f"{share.symbol}: converting {asked.qty} with {max(0, sellable)} delivery shares held "
            "and not promised to a working sale"
        )
    return ""
