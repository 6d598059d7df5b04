"""The end-of-day report from stored facts, and the day's bars put beside the history."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, timedelta

from sqlmodel import Session

from core.desk.books import standing
from core.desk.desk import Desk
from core.desk.kill import effective_level
from core.desk.pnl import AccountPnl, account_pnls
from core.desk.scorecard import CAME, REJECTED, Fate, cases, fates, tallies, unripe
from core.domain.clock import ist_day
from core.domain.instrument import Instrument
from core.domain.ledger import external_account
from core.domain.order import Order, Purpose
from core.domain.protection import shield_of
from core.domain.research import Hypothesis
from core.domain.risk import DESK
from core.errors import OutsideCalendar
from core.reports.eod import (
    AccountDay,
    BrokerDay,
    EodFacts,
    FillRow,
    OrderRow,
    PositionRow,
    Refusal,
    Rejected,
    Scorecard,
    Untraded,
    eod,
)
from core.store import (
    accounts,
    audit,
    decisions,
    fills,
    instruments,
    ledger,
    orders,
    protections,
    quotes,
    reconciliations,
    reports,
    risk,
    settings,
)
from core.store.reports import Report

EOD = "eod"


def make_report(desk: Desk, *, by: str) -> Report:
    """Write today's report from the books as they stand and store it."""
    at = desk.clock.now()
    day = ist_day(at)
    level = effective_level(desk, DESK)
    with desk.store.read() as tx:
        facts = eod_facts(desk, tx, day, level=level.name)
    markdown = eod(facts)
    with desk.store.write() as tx:
        reports.put(tx, EOD, day, at, markdown)
        body = {"day": day.isoformat(), "characters": len(markdown)}
        audit.append(tx, at=at, actor=by, verb="report", subject=f"{EOD}:{day}", body=body)
        made = reports.latest(tx, EOD)
    assert made is not None
    return made


def eod_facts(desk: Desk, tx: Session, day: date, *, level: str) -> EodFacts:
    """Everything the report says about one session, read in one transaction."""
    names = {account.id: account.name for account in accounts.accounts(tx)}
    listed = {item.isin: item for item in instruments.all_instruments(tx)}
    head = audit.head(tx)
    found = fates(tx)
    early = unripe(found, desk.calendar, today=ist_day(desk.clock.now()))
    return EodFacts(
        session=day,
        market=desk.market,
        written_at=desk.clock.now(),
        accounts=tuple(_account(tx, one) for one in account_pnls(desk, tx)),
        positions=tuple(_positions(tx, names, listed)),
        orders=tuple(_orders(tx, names, day)),
        fills=tuple(_fills(tx, names, day)),
        refusals=tuple(_refusals(desk, tx, day)),
        rejected=tuple(_rejected(found, names, day)),
        untraded=tuple(_untraded(found, early)),
        scorecard=_scorecard([one.belief for one in found if one.card.id not in early]),
        results_tomorrow=tuple(_results(desk, tx, listed, day)),
        brokers=tuple(_brokers(tx, day)),
        kill_level=level,
        chain_head=head.hash,
        chain_entries=head.seq,
    )


def _brokers(tx: Session, day: date) -> list[BrokerDay]:
    """Every login as it was last compared, with what was done past the desk today."""
    rows = []
    for login in accounts.logins(tx):
        found = reconciliations.of_login(tx, login.id)
        past = ledger.transactions(tx, external_account(login.id))
        rows.append(
            BrokerDay(
                login=login.label,
                compared_at=found.at if found else None,
                differences=(*(m.sentence for m in found.mismatches), *found.trades)
                if found
                else (),
                elsewhere=tuple(one.words for one in reversed(past) if ist_day(one.at) == day),
            )
        )
    return rows


def _account(tx: Session, one: AccountPnl) -> AccountDay:
    look = risk.latest(tx, one.account.id)
    equity, day = one.now.equity, one.day.net
    return AccountDay(
        name=one.account.name,
        equity=equity,
        day_pnl=day,
        day_return=day.share_of(equity - day),
        charges=one.day.cost,
        total_pnl=one.earned.net,
        drawdown=look.drawdown if look else 0.0,
        gross_exposure=look.gross_exposure if look else 0.0,
    )


def _positions(
    tx: Session, names: dict[str, str], listed: dict[str, Instrument]
) -> list[PositionRow]:
    prices = quotes.all_quotes(tx)
    covers = {(c.account_id, c.isin): c for c in protections.live(tx)}
    rows = []
    for scope, name in names.items():
        now = standing(tx, scope, prices)
        for held in now.positions:
            cover = covers.get((scope, held.isin))
            mark = now.marks.get(held.isin, held.avg_price)
            rows.append(
                PositionRow(
                    account=name,
                    symbol=listed[held.isin].symbol if held.isin in listed else held.isin,
                    qty=held.qty,
                    avg_price=held.avg_price,
                    mark=mark,
                    pnl=now.gain(held),
                    protection=shield_of(cover, held.qty).value,
                    stop=cover.stop if cover else None,
                    target=cover.target if cover else None,
                )
            )
    return rows


def _words(status: str) -> str:
    return status.replace("_", " ").capitalize()


def _today(tx: Session, day: date) -> list[Order]:
    return [order for order in orders.recent(tx, 10_000) if ist_day(order.prepared_at) == day]


def _orders(tx: Session, names: dict[str, str], day: date) -> list[OrderRow]:
    return [
        OrderRow(
            account=names.get(order.account_id, order.account_id),
            symbol=order.symbol,
            side=order.side.value,
            purpose=order.purpose.value,
            qty=order.qty,
            filled=abs(sum(fill.qty for fill in fills.of_order(tx, order.id))),
            status=_words(order.status),
            reason=order.reason,
        )
        for order in _today(tx, day)
    ]


def _fills(tx: Session, names: dict[str, str], day: date) -> list[FillRow]:
    entries = [order for order in _today(tx, day) if order.purpose is Purpose.ENTRY]
    expected = {order.id: order.limit_price for order in entries}
    return [
        FillRow(
            account=names.get(fill.account_id, fill.account_id),
            symbol=fill.symbol,
            qty=fill.qty,
            price=fill.price,
            traded_at=fill.traded_at,
            expected=expected.get(fill.order_id),
        )
        for fill in fills.recent(tx, 10_000)
        if ist_day(fill.traded_at) == day
    ]


def _refusals(desk: Desk, tx: Session, day: date) -> list[Refusal]:
    since = desk.calendar.session(day).opens_at if desk.calendar.is_session(day) else None
    if since is None:
        return []
    found = decisions.refusals(tx, since)
    return [Refusal(stage=stage, example=words, count=count) for stage, words, count in found]


def _rejected(found: Sequence[Fate], names: dict[str, str], day: date) -> list[Rejected]:
    """Cards rejected today, and earlier ones whose answer the market gave today."""
    return [
        Rejected(
            symbol=fate.card.symbol,
            account=names.get(fate.card.account_id, fate.card.account_id),
            reason=fate.card.status_reason,
            would_be=fate.left,
            came=CAME.get(fate.belief.outcome, fate.belief.outcome),
        )
        for fate in found
        if fate.what == REJECTED
        and day
        in (
            ist_day(fate.card.written_at),
            ist_day(fate.belief.closed_at) if fate.belief.closed_at else None,
        )
    ]


def _untraded(found: Sequence[Fate], early: Collection[str]) -> list[Untraded]:
    return [
        Untraded(row.what, row.over, row.open, row.left, row.again)
        for row in tallies(found, early=early)
    ]


def _scorecard(beliefs: Sequence[Hypothesis]) -> Scorecard | None:
    """Measured probabilities of cards whose time is over against what came, traded or not."""
    done = cases(belief for belief in beliefs if belief.has_vote)
    if not done:
        return None
    hits = [float(belief.outcome == "target") for belief in done]
    said = [belief.p_target for belief in done]
    rate = sum(hits) / len(hits)
    return Scorecard(
        n=len(done),
        predicted=sum(said) / len(said),
        happened=rate,
        brier=sum((p - hit) ** 2 for p, hit in zip(said, hits, strict=True)) / len(done),
        brier_base=sum((rate - hit) ** 2 for hit in hits) / len(done),
    )


def _results(desk: Desk, tx: Session, listed: dict[str, Instrument], day: date) -> list[str]:
    try:
        tomorrow = desk.calendar.next_session(day)
    except OutsideCalendar:
        return []
    until = {
        (day + timedelta(days=step)).isoformat() for step in range(1, 1 + (tomorrow - day).days)
    }
    return sorted(
        item.symbol
        for isin, item in listed.items()
        if until & set(settings.get(tx, f"results:{isin}", []))
    )
