"""The tax page: a year's sheet worded line by line, lots sold and held, buckets and dividends."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from core.desk.desk import Desk
from core.desk.tax import (
    TaxSheet,
    advance_words,
    difference_words,
    law,
    tax_sheet,
    unsure_words,
    years_with_sales,
)
from core.domain.money import ZERO, Money, total
from core.domain.tax import Head, year_words
from core.domain.words import counted, day, pct, price, qty, rupees
from core.errors import BadInput
from core.store import accounts, ledger
from core.treasury.advance import Instalment
from core.treasury.lots import BOUGHT, Sold, Term
from core.treasury.tax import carry_words, unrealised_tax_words
from core.views.shown import Figure, Text, pnl, sign_tone
from core.views.tax_files import (
    LotLine,
    ScheduleLine,
    SoldLine,
    lot_lines,
    schedule_lines,
    sold_lines,
)

HEADS = {Head.SPECULATIVE: "Intraday", Head.SHORT: "Short term", Head.LONG: "Long term"}
NOT_ADVICE = (
    "This is arithmetic on your books for a resident individual, not tax advice. Charges are "
    "deducted, the tax on transactions only within the day, DP charges not at all."
)
SURCHARGES = (0, 10, 15)


@dataclass(frozen=True, slots=True)
class StepRow:
    """One line to follow with a pencil: what stood, what changes, what stands then."""

    of: str
    what: str
    before: str
    change: Text
    after: Text


@dataclass(frozen=True, slots=True)
class LineRow:
    """What is taxed at one rate."""

    head: str
    worked: str
    tax: Text
    mark: str = ""


@dataclass(frozen=True, slots=True)
class AdvanceRow:
    """One instalment of advance tax."""

    by: str
    part: str
    tax: str
    in_all: str
    now: Text


@dataclass(frozen=True, slots=True)
class SoldRow:
    """One sold lot."""

    share: Text
    shares: str
    acquired: str
    sold: str
    term: str
    proceeds: str
    cost: str
    charges: str
    gain: Text


@dataclass(frozen=True, slots=True)
class LotRow:
    """One open lot."""

    share: Text
    shares: str
    acquired: str
    cost: str
    mark: str
    gain: Text
    term: str
    days: str


@dataclass(frozen=True, slots=True)
class BucketRow:
    """Gains of one account by its own lots, of the demat accounts, or what lies between."""

    name: str
    intraday: Text
    short: Text
    long: Text
    mark: str = ""


@dataclass(frozen=True, slots=True)
class DividendRow:
    """One dividend."""

    what: str
    account: str
    on: str
    gross: str
    deducted: str


@dataclass(frozen=True, slots=True)
class TaxView:
    """The page; `warnings` name what the sheet lacks."""

    title: str
    law: str
    figures: tuple[Figure, ...]
    steps: tuple[StepRow, ...]
    lines: tuple[LineRow, ...]
    advance: tuple[AdvanceRow, ...]
    advance_note: str
    carried: tuple[str, ...]
    brought: tuple[str, ...]
    sold: tuple[SoldRow, ...]
    sold_lines: tuple[SoldLine, ...]
    schedule_112a: tuple[ScheduleLine, ...]
    lots: tuple[LotRow, ...]
    lot_lines: tuple[LotLine, ...]
    lots_note: str
    buckets: tuple[BucketRow, ...]
    why: str
    dividends: tuple[DividendRow, ...]
    dividends_note: str
    warnings: tuple[str, ...]
    wrong: str = ""


def tax_years(desk: Desk) -> dict[int, str]:
    """Years to choose from, newest first."""
    return {year: year_words(year) for year in years_with_sales(desk)}


def tax_logins(desk: Desk) -> dict[str, str]:
    """Logins whose demat accounts can be put on one sheet."""
    with desk.store.read() as tx:
        return {one.id: one.label for one in accounts.logins(tx)}


def tax_signature(desk: Desk) -> Hashable:
    """Changes with the books, and every five minutes for the marks."""
    with desk.store.read() as tx:
        return (ledger.newest_posting(tx), int(desk.clock.monotonic() // 300))


def tax_view(
    desk: Desk,
    year: int,
    *,
    logins: Sequence[str] = (),
    surcharge: int = 0,
    slab: float | None = None,
) -> TaxView:
    """The sheet of a year; percents are whole for the surcharge and typed for the slab."""
    try:
        sheet = tax_sheet(
            desk,
            year,
            logins=logins,
            surcharge=Decimal(surcharge) / 100,
            slab=None if slab is None else Decimal(repr(slab)) / 100,
        )
    except BadInput as why:
        return _nothing(year, str(why))
    tax = sheet.tax
    return TaxView(
        title=year_words(year),
        law=tax.law,
        figures=_figures(sheet),
        steps=tuple(
            StepRow(
                of=one.of.capitalize(),
                what=one.words,
                before=price(one.before),
                change=pnl(one.change),
                after=Text(price(one.after), bold=True),
            )
            for one in tax.steps
        ),
        lines=_lines(sheet),
        advance=tuple(_advance(one) for one in sheet.instalments),
        advance_note=advance_words(sheet),
        carried=tuple(carry_words(law(), one) for one in tax.carried)
        + tuple(
            f"{rupees(one.amount)} {one.head} loss of {year_words(one.year)} lapses with this year"
            for one in tax.lapsed
        ),
        brought=tuple(carry_words(law(), one) for one in tax.brought),
        sold=tuple(_sold(one) for one in sheet.sold),
        sold_lines=sold_lines(sheet.sold),
        schedule_112a=schedule_lines(sheet.sold),
        lots=_lots(sheet),
        lot_lines=lot_lines(sheet.open_lots),
        lots_note=_lots_note(sheet, year),
        buckets=_buckets(sheet),
        why=difference_words(sheet),
        dividends=_dividends(sheet),
        dividends_note=_dividends_note(sheet),
        warnings=(
            *sheet.left_out,
            *(f"{one}: its bucket lots are left out" for one in sheet.unmatched),
            *(f"{one} waits for you; its lots stand in old share terms" for one in sheet.waits),
            *unsure_words(sheet),
        ),
    )


def _nothing(year: int, why: str) -> TaxView:
    return TaxView(
        title=year_words(year), law="", figures=(), steps=(), lines=(), advance=(),
        advance_note="", carried=(), brought=(), sold=(), sold_lines=(), schedule_112a=(), lots=(),
        lot_lines=(), lots_note="", buckets=(), why="", dividends=(),
        dividends_note="", warnings=(), wrong=why,
    )  # fmt: skip


def _figures(sheet: TaxSheet) -> tuple[Figure, ...]:
    tax = sheet.tax
    gains = tuple(
        Figure(HEADS[head], rupees(amount, signed=True), "before set-off", sign_tone(amount))
        for head, amount in tax.gains
    )
    open_gain = total(one.gain for one in sheet.open_lots if one.gain is not None)
    return (
        *gains,
        Figure("Tax and cess", rupees(tax.total), f"{rupees(tax.cess)} of it cess"),
        Figure("Carried on", rupees(total(one.amount for one in tax.carried))),
        Figure("Unrealised", rupees(open_gain, signed=True), tone=sign_tone(open_gain)),
    )


def _lines(sheet: TaxSheet) -> tuple[LineRow, ...]:
    tax = sheet.tax
    rows = [
        LineRow(HEADS[one.head], one.words, Text("–" if one.tax is None else price(one.tax)))
        for one in tax.lines
    ]
    if tax.surcharge:
        rows.append(LineRow("Surcharge", f"on {rupees(tax.tax)}", Text(price(tax.surcharge))))
    if rows:
        base = rupees(tax.tax + tax.surcharge)
        words = f"{base} × {pct(float(law().cess), digits=0)} = {rupees(tax.cess)}"
        rows.append(LineRow("Cess", words, Text(price(tax.cess))))
        rows.append(LineRow("To pay", "", Text(rupees(tax.total), bold=True), mark="tot"))
    return tuple(rows)


def _advance(one: Instalment) -> AdvanceRow:
    return AdvanceRow(
        by=day(one.by),
        part=pct(float(one.part), digits=0),
        tax=price(one.tax),
        in_all=price(one.in_all),
        now=Text(price(one.now), bold=True),
    )


def _share(symbol: str, how: str) -> Text:
    return Text(symbol, note="" if how == BOUGHT else how)


def _sold(one: Sold) -> SoldRow:
    charges = one.expenses + (one.stt if one.term is Term.INTRADAY else ZERO)
    stepped = one.counted_cost != one.cost
    return SoldRow(
        share=_share(one.symbol, one.how),
        shares=qty(one.qty),
        acquired=day(one.acquired_on),
        sold=day(one.sold_on),
        term=one.term.value,
        proceeds=price(one.proceeds),
        cost=price(one.counted_cost) + (" as of 31 Jan 2018" if stepped else ""),
        charges=price(charges),
        gain=pnl(one.taxable),
    )


def _lots(sheet: TaxSheet) -> tuple[LotRow, ...]:
    return tuple(
        LotRow(
            share=_share(one.lot.symbol, one.lot.how),
            shares=qty(one.lot.qty),
            acquired=day(one.lot.acquired_on),
            cost=price(one.lot.cost),
            mark=price(one.mark) if one.mark is not None else "no price",
            gain=pnl(one.gain) if one.gain is not None else Text("–", "mute"),
            term=one.term.value,
            days=counted(one.days, "day") if one.days else "long now",
        )
        for one in sheet.open_lots
    )


def _lots_note(sheet: TaxSheet, year: int) -> str:
    by_term = {
        term: total(one.gain for one in sheet.open_lots if one.term is term and one.gain)
        for term in (Term.SHORT, Term.LONG)
    }
    said = ", ".join(f"{term} {rupees(gain, signed=True)}" for term, gain in by_term.items())
    return f"Unrealised: {said}. {unrealised_tax_words(law(), year)}"


def _buckets(sheet: TaxSheet) -> tuple[BucketRow, ...]:
    def row(name: str, gains: Sequence[tuple[Head, Money]], mark: str = "") -> BucketRow:
        at = dict(gains)
        return BucketRow(
            name, pnl(at[Head.SPECULATIVE]), pnl(at[Head.SHORT]), pnl(at[Head.LONG]), mark
        )

    return (
        *(row(one.account, one.gains) for one in sheet.buckets),
        row("By the demat account's lots", sheet.tax.gains, "tot"),
        row("Difference", sheet.difference),
    )


def _dividends(sheet: TaxSheet) -> tuple[DividendRow, ...]:
    return tuple(
        DividendRow(
            what=one.words,
            account=one.account,
            on=day(one.on),
            gross=price(one.gross),
            deducted=price(one.deducted),
        )
        for one in sheet.dividends
    )


def _dividends_note(sheet: TaxSheet) -> str:
    gross = total(one.gross for one in sheet.dividends)
    kept = total(one.deducted for one in sheet.dividends)
    return f"{rupees(gross)} before tax, {rupees(kept)} deducted at source" if gross else ""
