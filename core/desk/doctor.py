"""What works and what does not, each with the way out."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from core.desk.anchor import last_anchor
from core.desk.calendar import overrides
from core.desk.desk import SILENT_AFTER, Desk
from core.desk.kill import effective_level
from core.desk.live_day import NO_BARS, live_parts
from core.desk.models import why_pair_refused
from core.desk.second_reader import second_reader
from core.desk.sources import CLOSED, said, source_states
from core.desk.threads import threads_said
from core.desk.vote_said import sheet_now, why_no_vote
from core.domain.account import Market
from core.domain.money import Money
from core.domain.risk import DESK, KillLevel
from core.domain.words import day, qty
from core.errors import MunimError, SourceFailed, Tampered
from core.store import audit, bars, ledger, models, stamp


@dataclass(frozen=True, slots=True)
class Row:
    """One thing looked at; `unused` is neither well nor ill, a person's choice."""

    name: str
    ok: bool
    sentence: str
    unused: bool = False


def rows(desk: Desk) -> list[Row]:
    """Every check, in the order a newcomer meets them."""
    return [
        _python(),
        _store(desk),
        _calendar(desk),
        _worker(desk),
        Row("threads", *threads_said(desk)),
        _bars(desk),
        _model(desk),
        _books(desk),
        _audit(desk),
        _level(desk),
        *(Row(f"live {one.name}", one.ok, one.sentence) for one in live_parts(desk)[:2]),
        *(Row(f"live {one.name}", True, one.sentence) for one in live_parts(desk)[3:]),
        *_providers(desk),
        _language_model(desk),
    ]


def _python() -> Row:
    found = ".".join(str(part) for part in sys.version_info[:3])
    ok = sys.version_info[:2] >= (3, 11)
    return Row("python", ok, f"Python {found}" + ("" if ok else "; 3.11 is needed"))


def _store(desk: Desk) -> Row:
    with desk.store.read() as tx:
        found = stamp.stamp(tx)
    return Row("store", True, f"stamped {found.market}, seed {found.seed}")


def _calendar(desk: Desk) -> Row:
    first, last = desk.calendar.first, desk.calendar.last
    set_by_hand = "".join(f"; {one.sentence}" for one in overrides(desk))
    return Row("calendar", True, f"NSE sessions from {day(first)} to {day(last)}{set_by_hand}")


def _worker(desk: Desk) -> Row:
    age = desk.worker_age()
    if age is None:
        return Row("worker", False, "has never started; make run starts it")
    ok = age <= SILENT_AFTER
    return Row("worker", ok, f"last heard {age:.1f} s ago" + ("" if ok else "; start make run"))


def _bars(desk: Desk) -> Row:
    with desk.store.read() as tx:
        found = bars.sessions(tx)
    if not found:
        if desk.market is Market.LIVE:
            return Row("bars", False, NO_BARS)
        return Row("bars", False, "no prices yet; the first start makes or imports them")
    return Row("bars", True, f"{qty(len(found))} sessions, {day(found[0])} to {day(found[-1])}")


def _model(desk: Desk) -> Row:
    with desk.store.read() as tx:
        found, meta = models.current(tx, "primary"), models.current(tx, "meta")
        told = sheet_now(desk, tx, found) if found else None
    if found is None or told is None:
        when = "once bars are there" if desk.market is Market.LIVE else "at first start"
        return Row("model", False, f"none is trained yet; the worker trains {when}")
    if why := why_pair_refused(desk, found, meta):
        return Row("model", False, f"{why}; munim models rollback may put an earlier one back")
    why = why_no_vote(told)
    vote = f"{'has lost its' if told.lost else 'has no'} vote: {why}" if why else "votes"
    return Row(
        "model", True, f"{found.version} {vote}, n {qty(found.n_out_of_sample)} out of sample"
    )


def _books(desk: Desk) -> Row:
    with desk.store.read() as tx:
        off = ledger.trial_balance(tx)
    return Row("books", off == Money(0), f"postings sum to {off}")


def _audit(desk: Desk) -> Row:
    try:
        with desk.store.read() as tx:
            found = audit.verify(tx, anchor=last_anchor(desk.home))
    except (Tampered, MunimError) as bad:
        return Row("audit", False, str(bad))
    return Row("audit", True, f"{qty(found.entries)} entries, head {found.head.hash[:12]}")


def _level(desk: Desk) -> Row:
    level = effective_level(desk, DESK)
    ok = level is KillLevel.NORMAL
    way = "" if ok else "; munim resume --reason … lets entries through"
    return Row("kill level", ok, level.name.capitalize() + way)


def _language_model(desk: Desk) -> Row:
    """None is a choice; one that is named and lacks its key is not well. Nothing is asked here."""
    model, wrong = second_reader(desk.settings)
    name = "language model"
    if model is not None:
        return Row(name, True, f"{model.label} reads intake again where the desk is not sure")
    if wrong:
        return Row(name, False, wrong)
    how = "it is not set up: MUNIM_LLM=openai:MODEL, anthropic:MODEL or groq:MODEL"
    return Row(name, True, how, unused=True)


def _providers(desk: Desk) -> list[Row]:
    """One that is not set up is a choice; one whose breaker is not closed is not well."""
    try:
        states = source_states(desk.home)
    except SourceFailed as damaged:
        return [Row("providers", False, str(damaged))]
    return [
        Row(
            f"provider {one.name}",
            ok=not one.set_up or one.breaker == CLOSED,
            sentence=said(one),
            unused=not one.set_up,
        )
        for one in states
    ]
