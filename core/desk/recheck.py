"""Every guardrail again, with the market and the books as they stand at this moment."""

from __future__ import annotations

from datetime import date

from sqlmodel import Session

from core.desk.books import book
from core.desk.comove import comovement, correlation
from core.desk.deploy import kept_back
from core.desk.desk import Desk
from core.desk.ex_dates import coming, sessions_to_ex
from core.desk.facts import WINDOW, ShareFacts, share_facts
from core.desk.kill import level_in_file
from core.desk.pnl_at import session_before
from core.desk.quality_now import Standing, standing
from core.desk.share_terms import prices_of
from core.domain.allocation import Guardrail
from core.domain.calendar import Calendar
from core.domain.candidate import Book, Candidate, Comovement
from core.domain.card import Card
from core.domain.clock import ist_day
from core.domain.event import TaggedEvent
from core.domain.instrument import Instrument, price_band
from core.domain.plan import PlanStatus
from core.domain.quote import Quote
from core.domain.signal import MetaLabel, Playbook, Signal
from core.domain.ticks import tick_now
from core.errors import NotFound
from core.mandates.guardrails import guardrails
from core.signals.playbook import PLAYBOOKS
from core.store import (
    bars,
    events,
    instruments,
    kills,
    ledger,
    mandates,
    plans,
    settings,
)


def failed_now(desk: Desk, tx: Session, card: Card) -> tuple[Guardrail, ...]:
    """Guardrails of an approved card that say no now; empty when all still hold."""
    at = desk.clock.now()
    counted = {card.isin, *(held.isin for held in ledger.positions(tx, card.account_id))}
    counted |= {plan.isin for plan in plans.with_status(tx, PlanStatus.ENTERING)}
    listed, prices = instruments.of(tx, counted), prices_of(tx, counted)
    level = max(kills.level(tx, card.account_id), level_in_file(desk.home))
    since = session_before(desk.calendar, ist_day(at))
    kept = kept_back(tx, [card.account_id], calendar=desk.calendar, today=ist_day(at))
    now = book(
        tx,
        card.account_id,
        prices=prices,
        instruments=listed,
        level=level,
        since=since,
        kept=kept[card.account_id],
    )
    now = without(now, card)
    first = desk.calendar.add_sessions(desk.calendar.first_session_from(at), -WINDOW)
    wanted = [card.isin, *(held.isin for held in now.positions)]
    panel = bars.read_panel(tx, sorted(set(wanted)), start=first, end=ist_day(at))
    facts = share_facts(panel, card.isin)
    tag = tag_of(tx, card.trigger, card.isin)
    held = {one.isin: share_facts(panel, one.isin) for one in now.positions}
    candidate = candidate_from(
        listed[card.isin],
        quote=prices[card.isin],
        facts=facts,
        signal=card.signal,
        label=card.meta_label,
        playbook=playbook_named(card.playbook),
        tag=tag,
        event_age_minutes=(at - tag.known_at).total_seconds() / 60 if tag else None,
        earnings_in_sessions=sessions_to_results(
            desk.calendar, ist_day(at), results_dates(tx, card.isin)
        ),
        correlation=correlation(facts, held, now, direction=card.signal.direction),
        moves=comovement(facts, held, now),
        quote_age_seconds=desk.real_seconds(
            max(0.0, (at - prices[card.isin].received_at).total_seconds())
        ),
        goes_ex_in_sessions=sessions_to_ex(
            desk.calendar,
            ist_day(at),
            coming(tx, [card.isin], today=ist_day(at)).get(card.isin),
        ),
        quality=standing(tx, desk.calendar, card.isin, today=ist_day(at)),
    )
    rules = mandates.current(tx, card.account_id)
    rows = guardrails(
        candidate,
        rules,
        now,
        qty=abs(card.qty),
        bracket=card.bracket,
        charges=card.allocation.charges,
    )
    return tuple(row for row in rows if not row.passed)


def without(now: Book, card: Card) -> Book:
    """The book before this card's own reservation, so that it is not counted twice."""
    from dataclasses import replace

    mine = [held for held in now.positions if held.isin == card.isin and held.qty == card.qty]
    rest = tuple(held for held in now.positions if held not in mine[:1])
    back = card.allocation.charges
    if mine:  # set aside at the order's limit, which a short's exposure is above
        back += card.bracket.worst_entry * abs(card.qty)
    return replace(
        now,
        positions=rest,
        cash_free=now.cash_free + back,
        gross=sum(held.value.paise for held in rest) / max(1, now.equity.paise),
    )


def playbook_named(name: str) -> Playbook:
    """A playbook by its name; cards carry only the name. Raises NotFound."""
    for playbook in PLAYBOOKS:
        if playbook.name == name:
            return playbook
    known = ", ".join(playbook.name for playbook in PLAYBOOKS)
    raise NotFound(f"no playbook {name!r}; there are: {known}")


def tag_of(tx: Session, trigger: str, isin: str) -> TaggedEvent | None:
    """What the causing event was tagged as for this share; None for a scan."""
    tags = events.tags_of_event(tx, trigger) if trigger != "scan" else []
    return next((tag for tag in tags if tag.isin == isin), None)


def results_dates(tx: Session, isin: str) -> tuple[date, ...]:
    """Published results dates of one company, oldest first; empty when none is known."""
    return tuple(date.fromisoformat(day) for day in settings.get(tx, f"results:{isin}", []))


def sessions_to_results(calendar: Calendar, today: date, dates: tuple[date, ...]) -> int | None:
    """Sessions until the next published results date; None when none is known."""
    coming = [day for day in dates if day >= today]
    return calendar.count(today, min(coming)) - 1 if coming else None


def candidate_from(
    instrument: Instrument,
    *,
    quote: Quote,
    facts: ShareFacts,
    signal: Signal,
    label: MetaLabel,
    playbook: Playbook,
    tag: TaggedEvent | None,
    event_age_minutes: float | None,
    earnings_in_sessions: int | None,
    correlation: float,
    quote_age_seconds: float,
    quality: Standing,
    goes_ex_in_sessions: int | None,
    moves: Comovement | None = None,
    left_sessions_ago: int | None = None,
) -> Candidate:
    """What sizing and guardrails look at, from facts and a quote."""
    tick = tick_now(quote)
    return Candidate(
        instrument=instrument,
        quote=quote,
        signal=signal,
        meta_label=label,
        playbook=playbook,
        tag=tag,
        event_age_minutes=event_age_minutes,
        atr=facts.atr,
        vol=facts.vol,
        turnover_median=facts.turnover_median,
        volume_median=facts.volume_median,
        earnings_in_sessions=earnings_in_sessions,
        goes_ex_in_sessions=goes_ex_in_sessions,
        regime=label.regime,
        rsi=facts.rsi,
        skew=facts.skew,
        correlation_with_book=correlation,
        tick=tick,
        band=price_band(instrument, prev_close=quote.prev_close, tick=tick),
        quote_age_seconds=quote_age_seconds,
        quality=quality.score,
        flaw=quality.sentence,
        moves=moves,
        left_sessions_ago=left_sessions_ago,
    )
