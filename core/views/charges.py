"""The charges calculator: one trade at three brokers side by side, each rate with its source."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from core.desk.books import schedule
from core.desk.desk import Desk
from core.domain.account import Broker
from core.domain.charges import Security
from core.domain.clock import ist_day
from core.domain.money import MINUS, Money
from core.domain.order import Product
from core.domain.words import day, price, rupees
from core.errors import BadInput
from core.treasury.quote import ChargeQuote, RateUsed, Terms, charge_quote
from core.views.shown import Text, sign_tone

BROKERS = {Broker.ZERODHA: "Zerodha", Broker.UPSTOX: "Upstox", Broker.FYERS: "Fyers"}
PRODUCTS = {Product.CNC.value: "Delivery (CNC)", Product.MIS.value: "Intraday (MIS)"}
EXCHANGES = ("NSE", "BSE")
SECURITIES = {
    Security.SHARE.value: "Share",
    Security.EQUITY_FUND.value: "ETF of Indian shares",
    Security.OTHER_FUND.value: "Gold, debt or overseas ETF",
}
ITEMS = {
    "brokerage": "Brokerage",
    "stt": "STT",
    "exchange": "Exchange",
    "ipft": "Investor protection fund",
    "sebi": "SEBI fee",
    "stamp": "Stamp duty",
    "gst": "GST",
    "dp": "DP charge",
}
FIRST = Money.rupees("500"), Money.rupees("520")  # bought and sold
ROUNDING = (
    "Every item is rounded to the paisa, order by order, as the books do. A contract note rounds "
    "STT and stamp duty to the whole rupee, and has no DP charge: that is taken from the ledger, "
    "once for each share and day of a delivery sale. GST is 18 % of brokerage, exchange, fund and "
    "SEBI fee, and of the DP charge. Delivery shares that are sold on the day they are bought are "
    "charged as intraday, without a DP charge; ask for them as intraday."
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person typed; a price of ₹0 is a side that is not asked about."""

    product: str
    exchange: str
    group: str
    security: str
    qty: int
    buy: Money
    sell: Money
    on: date


@dataclass(frozen=True, slots=True)
class CostRow:
    """One item at each broker; `mark` sets sums apart."""

    item: str
    zerodha: Text
    upstox: Text
    fyers: Text
    mark: str = ""


@dataclass(frozen=True, slots=True)
class CostLine:
    """The same for a file: rupees and nothing else."""

    item: str
    zerodha: str
    upstox: str
    fyers: str


@dataclass(frozen=True, slots=True)
class RateRow:
    """One row of the schedule that was used."""

    item: str
    rate: str
    since: str
    source: str


@dataclass(frozen=True, slots=True)
class ChargesView:
    """The calculator's answer; `wrong` says in one sentence what cannot be worked out."""

    headline: str
    rows: tuple[CostRow, ...]
    rates: tuple[RateRow, ...]
    lines: tuple[CostLine, ...] = ()
    wrong: str = ""


def first_asked(desk: Desk) -> Asked:
    """The calculator as it opens: 100 shares bought at ₹500 and sold at ₹520 today."""
    today = ist_day(desk.clock.now())
    return Asked("CNC", "NSE", "", Security.SHARE.value, 100, *FIRST, today)


def groups_of(exchange: str) -> tuple[str, ...]:
    """The groups whose fees an exchange tells apart."""
    return schedule().groups(exchange)


def charges_view(asked: Asked) -> ChargesView:
    """Work the trade out at each broker."""
    try:
        quotes = {broker: _quote(asked, broker) for broker in BROKERS}
    except BadInput as why:
        return ChargesView("", (), (), wrong=str(why))
    rows = tuple(_rows(quotes))
    sides = [side for side, value in (("bought", asked.buy), ("sold", asked.sell)) if value]
    return ChargesView(
        headline=f"{asked.qty} {' and '.join(sides)} at {asked.exchange}"
        f"{f' group {asked.group}' if asked.group else ''}, {asked.product}, {day(asked.on)}",
        rows=rows,
        rates=tuple(_rates(quotes)),
        lines=tuple(
            CostLine(one.item, *(_plain(cell) for cell in (one.zerodha, one.upstox, one.fyers)))
            for one in rows
        ),
    )


def _quote(asked: Asked, broker: Broker) -> ChargeQuote:
    terms = Terms(
        broker=broker,
        product=Product(asked.product),
        on=asked.on,
        exchange=asked.exchange,
        group=asked.group if asked.exchange == "BSE" else "",
        security=Security(asked.security),
    )
    return charge_quote(
        schedule(), terms, qty=asked.qty, buy=asked.buy or None, sell=asked.sell or None
    )


def _rows(quotes: Mapping[Broker, ChargeQuote]) -> Iterable[CostRow]:
    items = {broker: dict(quote.paisa.items) for broker, quote in quotes.items()}
    for name, words in ITEMS.items():
        if name not in ("ipft", "dp"):
            label = "Exchange and protection fund" if name == "exchange" else words
            yield _row(label, {at: Text(price(items[at][name])) for at in quotes})
    yield _row("Both orders", {at: _bold(q.paisa.total) for at, q in quotes.items()}, mark="tot")
    yield _row("As a contract note shows it", {at: _bold(q.note_total) for at, q in quotes.items()})
    yield _row("DP charge with GST", {at: Text(price(q.dp)) for at, q in quotes.items()})
    yield _row("All in all", {at: _bold(q.total) for at, q in quotes.items()}, mark="tot")
    yield _row("Breaks even at", {at: Text(price(q.break_even)) for at, q in quotes.items()})
    yield _row("Move it takes", {at: Text(price(q.move)) for at, q in quotes.items()})
    if all(q.net is not None for q in quotes.values()):
        yield _row(
            "Left after charges",
            {
                at: Text(rupees(q.net, signed=True), sign_tone(q.net), bold=True)
                for at, q in quotes.items()
                if q.net is not None
            },
        )


def _row(item: str, at: Mapping[Broker, Text], *, mark: str = "") -> CostRow:
    return CostRow(item, at[Broker.ZERODHA], at[Broker.UPSTOX], at[Broker.FYERS], mark)


def _bold(amount: Money) -> Text:
    return Text(rupees(amount), bold=True)


def _rates(quotes: Mapping[Broker, ChargeQuote]) -> Iterable[RateRow]:
    """Rates that all brokers share once, a broker's own with its name."""
    own = {"brokerage", "dp"}
    for broker, quote in quotes.items():
        for one in quote.rates:
            if one.item in own:
                yield _rate_row(one, f"{ITEMS[one.item]}, {BROKERS[broker]}")
    for one in next(iter(quotes.values())).rates:
        if one.item not in own:
            yield _rate_row(one, ITEMS[one.item])


def _plain(cell: Text) -> str:
    """`-1234.50` out of `−₹1,234.50`."""
    return cell.text.replace(MINUS, "-").replace("₹", "").replace(",", "").replace("+", "")


def _rate_row(one: RateUsed, item: str) -> RateRow:
    side = f", {one.side.lower()} side" if one.side and one.item != "dp" else ""
    return RateRow(item + side, _rate_words(one), day(one.valid_from), one.source)


def _rate_words(one: RateUsed) -> str:
    if one.fraction is None:
        return f"{rupees(one.cap or Money(0))} flat"
    if not one.fraction:
        return "none"
    percent = f"{(one.fraction * 100).normalize():f} %"
    return f"{percent}, at most {rupees(one.cap)}" if one.cap else percent
