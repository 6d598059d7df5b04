"""Contract notes on screen: a generated day, a broker's file beside it, and what was taken in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from core.desk.books import schedule
from core.desk.desk import Desk
from core.desk.notes import Comparison, NoteSheet, compare, generate_note
from core.desk.taken_in import imports
from core.domain.clock import ist_day
from core.domain.money import ZERO, Money
from core.domain.statement import Statement
from core.domain.words import MISSING, counted, day, ist_stamp, price, qty, rupees
from core.errors import BadInput
from core.store import accounts, fills
from core.treasury.match_trades import Finding, Pair
from core.views.shown import RowMark, Text, Tone, in_rupees, pnl, sign_tone

BSE = "BSE"
ITEMS = {
    "brokerage": "Brokerage",
    "exchange": "Exchange and protection fund",
    "sebi": "SEBI fee",
    "gst": "GST",
    "stt": "STT, whole rupees",
    "stamp": "Stamp duty, whole rupees",
}
TONES: dict[Finding, Tone] = {
    Finding.SAME: "gain",
    Finding.PRICE: "warn",
    Finding.QTY: "loss",
    Finding.ONLY_BROKER: "warn",
    Finding.ONLY_BOOKS: "loss",
}
READS = (
    "CSV, Excel or JSON: Zerodha's, Upstox's and Fyers' tradebooks as exported, and notes with "
    "their charge lines. A PDF is not read: each broker draws it otherwise, and a misread digit is "
    "worse than no answer. Export the day's tradebook instead and type the note's charge lines "
    "below its trades; such a file is read as the note."
)
TAKES = (
    "Taking a file in books prices anew, puts trades that the books lack beside the accounts, and "
    "corrects a note's charges account by account, all in one go. Shares of plans stay: a trade "
    "with other shares, or one that only the books have, waits for you."
)


@dataclass(frozen=True, slots=True)
class NoteItem:
    """One line of charges: books, generated note, broker's note and what lies between."""

    item: str
    booked: str
    generated: Text
    stated: str
    off: Text
    mark: RowMark = ""


@dataclass(frozen=True, slots=True)
class NoteRow:
    """One trade of the generated note."""

    symbol: str
    account: str
    product: str
    qty: str
    price: str
    value: str
    trade: str


@dataclass(frozen=True, slots=True)
class PairRow:
    """One trade on both sides."""

    on: str
    symbol: str
    finding: Text
    broker: str
    books: str
    off: Text
    trade: str


@dataclass(frozen=True, slots=True)
class PairLine:
    """The same for a file."""

    day: str
    symbol: str
    isin: str
    finding: str
    broker_shares: str
    book_shares: str
    broker_price: str
    book_price: str
    value_off: str
    trade: str


@dataclass(frozen=True, slots=True)
class ImportRow:
    """One file that was taken in."""

    id: str
    label: str
    what: str
    can_undo: bool


@dataclass(frozen=True, slots=True)
class NoteView:
    """A generated note; `beside` says what it takes for granted, `wrong` why there is none."""

    title: str
    note: str
    items: tuple[NoteItem, ...] = ()
    beside: str = ""
    trades: tuple[NoteRow, ...] = ()
    wrong: str = ""


@dataclass(frozen=True, slots=True)
class CompareView:
    """A file beside the books; `verdict` is one sentence, `wrong` replaces all of it.

    `lead` is its first word. `is_booked` says that there is nothing left to take in, to the paisa.
    """

    title: str
    verdict: str
    agrees: bool
    is_booked: bool = False
    lead: str = ""
    pairs: tuple[PairRow, ...] = ()
    lines: tuple[PairLine, ...] = ()
    items: tuple[NoteItem, ...] = ()
    left_out: tuple[str, ...] = ()
    wrong: str = ""


def note_logins(desk: Desk) -> dict[str, str]:
    """Logins by id, to choose one."""
    with desk.store.read() as tx:
        return {one.id: one.label for one in accounts.logins(tx)}


def last_traded(desk: Desk, login_id: str) -> date:
    """The day of a login's newest trade, today where none of the desk's last 200 is its own."""
    with desk.store.read() as tx:
        mine = {one.id for one in accounts.accounts(tx) if one.login_id == login_id}
        newest = (one.traded_at for one in fills.recent(tx) if one.account_id in mine)
        return ist_day(max(newest, default=desk.clock.now()))


def note_view(desk: Desk, login_id: str, on: date) -> NoteView:
    """The note of a day out of the books."""
    try:
        sheet = generate_note(desk, login_id, on)
    except BadInput as why:
        return NoteView(f"Note of {day(on)}", "", wrong=str(why))
    with desk.store.read() as tx:
        names = {one.id: one.name for one in accounts.accounts(tx)}
    made = sheet.note
    return NoteView(
        title=f"Note of {day(on)}, {sheet.login.label}",
        note=f"bought {rupees(made.bought)} · sold {rupees(made.sold)} · net "
        f"{rupees(made.net, signed=True)}{_outside(sheet)}",
        items=_items(sheet),
        beside=group_words(sheet),
        trades=tuple(
            NoteRow(
                symbol=one.symbol,
                account=names.get(one.account_id, "past the desk"),
                product=one.product.value,
                qty=qty(one.qty, signed=True),
                price=price(one.price),
                value=price(one.value),
                trade=one.trade_id,
            )
            for one in made.trades
        ),
    )


def compare_view(desk: Desk, login_id: str, statement: Statement) -> CompareView:
    """A broker's file beside the books."""
    try:
        found = compare(desk, login_id, statement)
    except BadInput as why:
        return CompareView(statement.name, "", False, wrong=str(why))
    return CompareView(
        title=f"{statement.name}: {statement.kind}, {statement.layout}, "
        f"{counted(len(statement.trades), 'trade')}",
        verdict=_verdict(found),
        agrees=found.agrees,
        is_booked=found.is_booked,
        lead="Taken in:" if found.taken_in else "Agrees:" if found.agrees else "Differs:",
        pairs=tuple(_pair(one) for one in found.pairs),
        lines=tuple(_line(one) for one in found.pairs),
        items=_items(found.sheet) if found.sheet is not None else (),
        left_out=(*(f"left out {one}" for one in statement.left_out), *found.unknown),
    )


def import_rows(desk: Desk) -> tuple[ImportRow, ...]:
    """Files that were taken in, newest first."""
    with desk.store.read() as tx:
        return tuple(
            ImportRow(
                id=one.id,
                label=f"{one.name}, {one.kind}, "
                f"{ist_stamp(datetime.fromisoformat(one.at))} by {one.by}",
                what=one.sentence + (", taken back" if one.undone else ""),
                can_undo=not one.undone,
            )
            for one in imports(tx)
        )


def group_words(sheet: NoteSheet) -> str:
    """What group BSE's trades count as, whose fee goes by it; empty without one."""
    if all(one.exchange != BSE for one in sheet.note.trades):
        return ""
    return (
        f"BSE's fee goes by the share's group, which no list here tells: its trades count as group "
        f"{schedule().groups(BSE)[0]}. In X, XT, Z, P and ZP the fee is higher; the broker's note "
        "decides."
    )


def _outside(sheet: NoteSheet) -> str:
    """The owner's own trades stand on the note, and no account bears their charges."""
    return f" · {sheet.outside} of them past the desk" if sheet.outside else ""


def _items(sheet: NoteSheet) -> tuple[NoteItem, ...]:
    by_item = {line.item: line for line in sheet.lines}
    rows = [
        NoteItem(
            item=words,
            booked=price(by_item[name].booked),
            generated=Text(price(by_item[name].generated)),
            stated=_price(by_item[name].stated),
            off=_dearer(by_item[name].off) if by_item[name].stated is not None else Text(""),
        )
        for name, words in ITEMS.items()
    ]
    whole = sheet.note.charges.total
    theirs = sheet.stated.total if sheet.stated is not None else None
    rows.append(
        NoteItem(
            item="All charges",
            booked=price(sheet.booked.total),
            generated=Text(rupees(whole), bold=True),
            stated=_price(theirs),
            off=_dearer(theirs - whole) if theirs is not None else Text(""),
            mark="tot",
        )
    )
    return tuple(rows)


def _dearer(off: Money) -> Text:
    """What the broker takes more; more is a loss."""
    return Text(rupees(off, signed=True), sign_tone(-off))


def _price(amount: Money | None) -> str:
    return MISSING if amount is None else price(amount)


def _verdict(found: Comparison) -> str:
    counts = ", ".join(
        f"{found.count(finding)} {finding}" for finding in Finding if found.count(finding)
    )
    said = f"{counts or 'no trade on either side'}"
    if found.value_off:
        than = "more" if found.value_off > ZERO else "less"
        said += f"; the broker's trades cost {rupees(abs(found.value_off))} {than} than the books'"
    if found.sheet is not None and found.sheet.stated is not None:
        off = found.sheet.stated.total - found.sheet.note.charges.total
        within = "within" if found.sheet.agrees else "beyond"
        said += f"; charges {rupees(off, signed=True)}, {within} ₹1 of the generated note"
    if found.net_off is not None:
        said += f"; net amount {rupees(found.net_off, signed=True)}"
    return said


def _pair(one: Pair) -> PairRow:
    return PairRow(
        on=day(one.on),
        symbol=one.symbol,
        finding=Text(one.finding.value, TONES[one.finding]),
        broker=_at(one.stated_qty, one.stated.price) if one.stated is not None else MISSING,
        books=_at(one.booked_qty, one.booked[0].price) if one.booked else MISSING,
        off=pnl(-one.value_off) if one.value_off else Text("0.00", "mute"),
        trade=_trade(one),
    )


def _line(one: Pair) -> PairLine:
    return PairLine(
        day=one.on.isoformat(),
        symbol=one.symbol,
        isin=one.booked[0].isin if one.booked else one.stated.isin if one.stated else "",
        finding=one.finding.value,
        broker_shares=str(one.stated_qty) if one.stated is not None else "",
        book_shares=str(one.booked_qty) if one.booked else "",
        broker_price=in_rupees(one.stated.price) if one.stated is not None else "",
        book_price=in_rupees(one.booked[0].price) if one.booked else "",
        value_off=in_rupees(one.value_off),
        trade=_trade(one),
    )


def _at(shares: int, paid: Money) -> str:
    return f"{qty(shares, signed=True)} at {price(paid)}"


def _trade(one: Pair) -> str:
    return one.stated.trade_id if one.stated is not None else one.booked[0].trade_id
