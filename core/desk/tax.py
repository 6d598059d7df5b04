"""The tax sheet of one financial year: gains, set-off, lots, dividends and what is carried on.

First in, first out runs in each demat account by itself; the year's gains of all accounts of one
person come together on one sheet. Bucket figures stand beside it and are explained, for they match
other lots.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

from sqlmodel import Session

from core.desk.demat import bucket_lots, demat_lots
from core.desk.desk import REFERENCE, Desk
from core.desk.share_terms import unbooked
from core.desk.uncounted import fractions_paid, is_taxed_as_shares, not_counted
from core.domain.account import Account, BrokerLogin
from core.domain.clock import ist_day
from core.domain.ledger import EXTERNAL, Transaction, TransactionKind, external_account
from core.domain.money import ZERO, Money, total
from core.domain.tax import Head, Loss, TaxLaw, last_day, year_of, year_words
from core.domain.words import day as in_words
from core.domain.words import rupees
from core.errors import BadInput, NotFound
from core.providers.tax_file import load_tax
from core.store import accounts, audit, ledger, quotes, settings
from core.treasury.advance import Instalment, instalments
from core.treasury.lots import BOUGHT_IN, Lot, Sold, Term, term_of
from core.treasury.post import DIVIDENDS, TAX_DEDUCTED
from core.treasury.tax import YearTax, by_head, years_until

BROUGHT = "tax brought:"


@dataclass(frozen=True, slots=True)
class OpenLot:
    """A lot that is still held, at its mark; `days` until a sale is long term, 0 where it is."""

    login: str
    lot: Lot
    mark: Money | None
    gain: Money | None
    term: Term
    days: int


@dataclass(frozen=True, slots=True)
class BucketGain:
    """One account's gains by its own lots, per head."""

    account: str
    gains: tuple[tuple[Head, Money], ...]


@dataclass(frozen=True, slots=True)
class DividendLine:
    """A dividend by its ex-date, gross, with the tax that the company kept so far."""

    account: str
    on: date
    words: str
    gross: Money
    deducted: Money


@dataclass(frozen=True, slots=True)
class TaxSheet:
    """Everything of a year that a person needs beside other income.

    `difference` is demat gains less bucket gains per head; `left_out` names what the sheet does not
    count, `unmatched` what no bucket lot explains, `waits` actions that nobody confirmed yet.
    """

    year: int
    logins: tuple[str, ...]
    tax: YearTax
    instalments: tuple[Instalment, ...]
    open_lots: tuple[OpenLot, ...]
    buckets: tuple[BucketGain, ...]
    difference: tuple[tuple[Head, Money], ...]
    dividends: tuple[DividendLine, ...]
    left_out: tuple[str, ...]
    unmatched: tuple[str, ...]
    waits: tuple[str, ...]

    @property
    def sold(self) -> tuple[Sold, ...]:
        """The year's sold lots."""
        return self.tax.sold


@lru_cache(maxsize=1)
def law() -> TaxLaw:
    """The committed, dated tax rules, read once."""
    return load_tax(REFERENCE / "tax.json")


def tax_sheet(
    desk: Desk,
    year: int,
    *,
    logins: Sequence[str] = (),
    surcharge: Decimal = Decimal(0),
    slab: Decimal | None = None,
) -> TaxSheet:
    """Work a year out; no login named means all of them, which is right for one person only.

    Raises:
        NotFound: no such login.
        BadInput: a surcharge or slab outside 0 to 1, or a sale before the first rate.
    """
    today = ist_day(desk.clock.now())
    with desk.store.read() as tx:
        chosen = [accounts.login(tx, one) for one in logins] or accounts.logins(tx)
        counted = {one.id: demat_lots(tx, one.id) for one in chosen}
        every = [one for lots in counted.values() for one in lots.sold]
        sold = [one for one in every if is_taxed_as_shares(one)]
        brought = [loss for one in chosen for loss in brought_by(tx, one.id)]

        def tax_until(day: date) -> YearTax:
            upto = [one for one in sold if one.sold_on <= day]
            found = years_until(law(), year, upto, brought=brought, surcharge=surcharge, slab=slab)
            return found[year]

        mine = [one for one in accounts.accounts(tx) if one.login_id in counted]
        buckets, unmatched = _buckets(tx, mine, chosen, year)
        tax = tax_until(last_day(year))
        return TaxSheet(
            year=year,
            logins=tuple(one.label for one in chosen),
            tax=tax,
            instalments=instalments(law(), year, lambda day: tax_until(day).total),
            open_lots=_open(tx, chosen, [counted[one.id].lots for one in chosen], today=today),
            buckets=buckets,
            difference=_difference(tax, buckets),
            dividends=_dividends(tx, mine, year),
            left_out=(
                *(words for lots in counted.values() for words in lots.left_out),
                *not_counted([one for one in every if year_of(one.sold_on) == year]),
                *fractions_paid(tx, mine, year),
            ),
            unmatched=unmatched,
            waits=tuple(
                f"{one.action.symbol} {one.action.kind.value.lower()} of {one.action.ex_date}"
                for one in unbooked(tx, None, until=today)
            ),
        )


def bring_loss(desk: Desk, login_id: str, loss: Loss, *, by: str) -> tuple[Loss, ...]:
    """Keep a loss of a year before the desk's books; one of the same head and year is replaced.

    Raises:
        NotFound: no such login.
        BadInput: a year that is not over.
    """
    if loss.year >= year_of(ist_day(desk.clock.now())):
        raise BadInput(
            f"the year {year_words(loss.year)} is not over; a brought loss is of an earlier one"
        )
    with desk.store.write() as tx:
        kept = _other_than(tx, login_id, loss.head, loss.year)
        return _keep_losses(desk, tx, login_id, [*kept, loss], _row(loss), by=by)


def drop_loss(desk: Desk, login_id: str, head: Head, year: int, *, by: str) -> tuple[Loss, ...]:
    """Take back that a loss of an earlier year is unused; raises NotFound where nobody said so."""
    with desk.store.write() as tx:
        kept = _other_than(tx, login_id, head, year)
        if len(kept) == len(brought_by(tx, login_id)):
            raise NotFound(f"no {head} loss of {year_words(year)} was brought at login {login_id}")
        body: dict[str, object] = {"head": head.value, "year": year, "amount_paise": 0}
        return _keep_losses(desk, tx, login_id, kept, body, by=by)


def _other_than(tx: Session, login_id: str, head: Head, year: int) -> list[Loss]:
    accounts.login(tx, login_id)
    return [one for one in brought_by(tx, login_id) if (one.head, one.year) != (head, year)]


def _keep_losses(
    desk: Desk,
    tx: Session,
    login_id: str,
    losses: Sequence[Loss],
    body: dict[str, object],
    *,
    by: str,
) -> tuple[Loss, ...]:
    at = desk.clock.now()
    settings.put(tx, BROUGHT + login_id, [_row(one) for one in losses])
    audit.append(tx, at=at, actor=by, verb="bring loss", subject=login_id, body=body)
    return brought_by(tx, login_id)


def brought_by(tx: Session, login_id: str) -> tuple[Loss, ...]:
    """Losses that a person said were unused when the desk's books began."""
    rows = settings.get(tx, BROUGHT + login_id, [])
    return tuple(
        Loss(Head(row["head"]), int(row["year"]), Money(int(row["amount_paise"]))) for row in rows
    )


def years_with_sales(desk: Desk) -> list[int]:
    """Financial years with a transaction in the books and the year that runs, newest first."""
    today = year_of(ist_day(desk.clock.now()))
    with desk.store.read() as tx:
        began = ledger.first_moves(tx)
    first = min((year_of(ist_day(at)) for at in began.values()), default=today)
    return list(range(today, min(first, today) - 1, -1))


def _row(loss: Loss) -> dict[str, object]:
    return {"head": loss.head.value, "year": loss.year, "amount_paise": loss.amount.paise}


def _open(
    tx: Session, chosen: Sequence[BrokerLogin], lots: Sequence[Sequence[Lot]], *, today: date
) -> tuple[OpenLot, ...]:
    held = [(login.label, lot) for login, of in zip(chosen, lots, strict=True) for lot in of]
    seen = quotes.of(tx, sorted({lot.isin for _, lot in held}))
    found = []
    for label, lot in held:
        quote = seen.get(lot.isin)
        mark = quote.ltp if quote is not None else None
        found.append(
            OpenLot(
                login=label,
                lot=lot,
                mark=mark,
                gain=None if mark is None else mark * lot.qty - lot.cost,
                term=term_of(lot.acquired_on, today),
                days=max(0, (lot.long_from - today).days),
            )
        )
    return tuple(found)


def _buckets(
    tx: Session, mine: Sequence[Account], chosen: Sequence[BrokerLogin], year: int
) -> tuple[tuple[BucketGain, ...], tuple[str, ...]]:
    named = [(one.id, one.name) for one in mine]
    named += [(external_account(one.id), f"past the desk, {one.label}") for one in chosen]
    found, wrong = [], []
    for account_id, name in named:
        lots = bucket_lots(tx, account_id)
        sold = [
            one for one in lots.sold if year_of(one.sold_on) == year and is_taxed_as_shares(one)
        ]
        if sold or not account_id.startswith(EXTERNAL):
            found.append(BucketGain(name, _by_head(sold)))
        wrong += [f"{name}: {words}" for words in lots.left_out]
    return tuple(found), tuple(wrong)


def _by_head(sold: Sequence[Sold]) -> tuple[tuple[Head, Money], ...]:
    return tuple((head, total(one.taxable for one in of)) for head, of in by_head(sold).items())


def _difference(tax: YearTax, buckets: Sequence[BucketGain]) -> tuple[tuple[Head, Money], ...]:
    ours = {head: total(dict(one.gains)[head] for one in buckets) for head in Head}
    return tuple((head, amount - ours[head]) for head, amount in tax.gains)


def _dividends(tx: Session, mine: Sequence[Account], year: int) -> tuple[DividendLine, ...]:
    found = []
    for account in mine:
        booked = [
            one
            for one in ledger.transactions(tx, account.id)
            if one.kind is TransactionKind.DIVIDEND
        ]
        kept: dict[str, Money] = {}
        for one in booked:
            kept[one.reference] = kept.get(one.reference, ZERO) + _on(one, TAX_DEDUCTED)
        found += [
            DividendLine(
                account=account.name,
                on=ist_day(one.at),
                words=one.words,
                gross=-_on(one, DIVIDENDS),
                deducted=kept[one.reference],
            )
            for one in booked
            if _on(one, DIVIDENDS) and year_of(ist_day(one.at)) == year
        ]
    return tuple(sorted(found, key=lambda one: (one.on, one.account)))


def _on(made: Transaction, name: str) -> Money:
    return total(line.amount for line in made.postings if line.ledger == name)


def unsure_words(sheet: TaxSheet) -> tuple[str, ...]:
    """What the law can be read in two ways of, each with the reading taken here."""
    return tuple(
        f"{one.symbol}: {one.qty} shares sold short on {in_words(one.sold_on)} were bought in by "
        "the exchange and count as speculative, for you delivered nothing; an adviser may read it "
        "as delivered by the auction, a short-term gain or loss"
        for one in sheet.sold
        if one.how == BOUGHT_IN
    )


def advance_words(sheet: TaxSheet) -> str:
    """What the instalments count and what not, with where the law says so."""
    if not sheet.instalments:
        return (
            f"The year's gains so far bear {rupees(sheet.tax.total)} of tax, and below "
            f"{rupees(law().advance_from)} none is paid in advance. Tax on other income counts "
            "with it."
        )
    slab = any(line.tax is None for line in sheet.tax.lines)
    return (
        "By the gains made until each day, as the books stand now; what is sold later is paid for "
        "with the next one. Other income and tax kept at source are not in"
        + (", nor are intraday gains until you give your slab. " if slab else ". ")
        + law().advance_source
        + "."
    )


def difference_words(sheet: TaxSheet) -> str:
    """Why demat and bucket figures differ, with the rupees."""
    parts = [f"{head} {rupees(amount, signed=True)}" for head, amount in sheet.difference if amount]
    if not parts:
        return (
            "Demat and bucket figures agree: no sale of one account took shares that another "
            "account bought earlier."
        )
    return (
        f"Demat less buckets: {', '.join(parts)}. The law sells the demat account's oldest shares "
        "first, whoever of your accounts bought them; a bucket sells its own. Over the life of all "
        "shares both come to the same gain."
    )
