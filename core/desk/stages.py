"""The stages of `decide` joined to what the desk knows, one function a stage.

Each returns its domain value or raises `Stopped` with the stage's name and one sentence.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from core.desk import why_not
from core.desk.can_hold import why_not_held
from core.desk.day_plans import last_entry_at, why_no_day_trade
from core.desk.known import Known
from core.desk.promised import book_for, caps_for
from core.domain.account import Account, LoginMode
from core.domain.allocation import Allocation
from core.domain.card import Card, CardStatus, Leg, card_id
from core.domain.event import Event, TaggedEvent
from core.domain.instrument import Instrument
from core.domain.mandate import Holding
from core.domain.order import Product, Side
from core.domain.signal import FeatureRow, MetaLabel, Playbook, Signal
from core.domain.verdict import Opinion, Verdict
from core.domain.words import pct
from core.errors import NoData, NotFound
from core.judge import facts as judge_facts
from core.mandates.caps import Cap
from core.mandates.size import allocate as size
from core.signals import meta, primary
from core.signals.playbook import choose

if TYPE_CHECKING:
    from core.desk.decide import Draft


class Stopped(Exception):
    """A stage said no."""

    def __init__(self, stage: str, sentence: str, *, sized: Allocation | None = None) -> None:
        """`sized` is the allocation that says no, kept with its clamps and guardrails."""
        super().__init__(sentence)
        self.stage = stage
        self.sentence = sentence
        self.sized = sized


@dataclass(frozen=True, slots=True)
class Case:
    """One question put to the pipeline; `version` above 1 rewrites an earlier card.

    `others` is what accounts that want the same share leave to this one.
    """

    instrument: Instrument
    account: Account
    mode: LoginMode
    event: Event | None = None
    tag: TaggedEvent | None = None
    version: int = 1
    card_id: str = ""
    others: tuple[Cap, ...] = ()

    @property
    def strategy(self) -> str:
        """The strategy a mandate allows or not."""
        return "event drift" if self.event else "momentum"


def _named(case: Case, missing: Exception) -> str:
    """A sentence with the share's symbol, which a person knows, in place of its ISIN."""
    return str(missing).replace(case.instrument.isin, case.instrument.symbol)


def read_tag(known: Known, case: Case) -> TaggedEvent | None:
    """The event's tag for this share; a scan has none."""
    if case.event is None:
        return None
    if case.tag is None:
        symbol, headline = case.instrument.symbol, case.event.headline[:60]
        raise Stopped("tag", f"{symbol}: {headline!r} was not read as naming it")
    if case.tag.stance == 0:
        raise Stopped("tag", f"{case.tag.symbol}: {case.tag.event_type} leans neither way")
    if case.tag.stance < 0 and not known.mandate(case.account.id).shorts:
        raise Stopped("tag", f"{case.tag.symbol}: {why_not.negative(case.tag)}")
    return case.tag


def read_features(known: Known, case: Case) -> FeatureRow:
    """The feature row as of the last close, with the tilt of what is known by now."""
    try:
        return known.feature_row(case.instrument.isin)
    except (NoData, NotFound) as missing:
        raise Stopped("features", _named(case, missing)) from None


def form_signal(
    known: Known, case: Case, *, features: FeatureRow, tag: TaggedEvent | None
) -> Signal:
    """Direction and probabilities; it points down only for a mandate that allows short sales."""
    shorts = known.mandate(case.account.id).shorts
    try:
        prediction = known.prediction(case.instrument.isin)
    except NotFound as missing:
        raise Stopped("signal", str(missing)) from None
    signal = primary.form_signal(
        prediction,
        features=features,
        tag=tag,
        strategy=case.strategy,
        reasons=known.reasons(case.instrument.isin),
        shorts=shorts,
    )
    if tag is not None and tag.stance < 0 < signal.direction:
        raise Stopped("signal", why_not.both_ways(signal.symbol, tag))
    sells = shorts and signal.direction < 0 and not signal.has_vote
    if signal.direction <= 0 and not sells:
        cost = known.round_trip_cost
        raise Stopped("signal", why_not.not_bought(signal, features=features, tag=tag, cost=cost))
    return signal


def label_signal(known: Known, case: Case, *, signal: Signal, features: FeatureRow) -> MetaLabel:
    """P(the signal is right); a vote that such signals lose stops the case."""
    label = meta.label(
        known.meta_model,
        signal,
        features,
        regime=known.regime,
        regime_score=known.regime_score,
        turnover=float(known.facts(signal.isin).turnover_median.in_rupees),
    )
    if label.warns:
        raise Stopped("meta_label", why_not.like_it_lost(signal.symbol, label))
    return label


def choose_playbook(
    known: Known, case: Case, *, tag: TaggedEvent | None, signal: Signal
) -> Playbook:
    """The tactical rules for this event in this market."""
    way = signal.direction
    playbook = choose(tag, known.regime, direction=way)
    if playbook is None:
        words = why_not.uncovered(tag, known.regime, direction=way)
        raise Stopped("playbook", f"{signal.symbol}: {words}")
    return playbook


def allocate(
    known: Known,
    case: Case,
    tag: TaggedEvent | None,
    signal: Signal,
    label: MetaLabel,
    playbook: Playbook,
) -> Allocation:
    """Shares for the account after every clamp and guardrail."""
    mandate = known.mandate(case.account.id)
    if known.has_open_card(case.account.id, case.instrument.isin) and case.version == 1:
        waits = f"a card already waits for a yes or for its send: {signal.symbol}"
        raise Stopped("allocation", f"{case.account.name}: {waits}")
    held = book_for(known, case)
    if held.holds(case.instrument.isin):
        weight = pct(held.weight_of(case.instrument.isin))
        share = f"{weight} of its equity in {signal.symbol}"
        raise Stopped("allocation", f"{case.account.name}: it already holds or is entering {share}")
    try:
        candidate = known.candidate(
            case.instrument,
            signal=signal,
            label=label,
            playbook=playbook,
            tag=tag,
            account_id=case.account.id,
            book=held,
        )
    except (NoData, NotFound) as missing:
        raise Stopped("allocation", _named(case, missing)) from None
    side = Side.SELL if signal.direction < 0 else Side.BUY
    charges, closing = known.costs(case.account.id, case.instrument, side)
    allocation = size(
        candidate,
        mandate,
        held,
        charges=charges,
        closing=closing,
        capped=caps_for(known, case),
        others=case.others,
    )
    if allocation.rejected or allocation.bracket is None or allocation.qty <= 0:
        raise Stopped("allocation", allocation.rejected or "sized to no shares", sized=allocation)
    return allocation


def judge(known: Known, case: Case, draft: Draft) -> Verdict:
    """The deterministic judge; opposing or abstaining writes no card."""
    assert draft.signal and draft.meta_label and draft.playbook and draft.allocation
    assert draft.features
    candidate = known.candidate(
        case.instrument,
        signal=draft.signal,
        label=draft.meta_label,
        playbook=draft.playbook,
        tag=draft.tag,
        account_id=case.account.id,
        book=book_for(known, case),
    )
    verdict = judge_facts.judge(
        candidate,
        draft.allocation,
        known.mandate(case.account.id),
        event=case.event,
        features=draft.features,
        as_of=known.at,
        others=known.others(draft.tag, case.instrument.isin),
    )
    if verdict.opinion is not Opinion.AGREES:
        raise Stopped("verdict", f"the judge {verdict.opinion}: {verdict.thesis}")
    return verdict


def write_card(known: Known, case: Case, draft: Draft) -> Card:
    """The card, complete before any language model is asked; its broker must be able to hold it."""
    assert draft.signal and draft.meta_label and draft.playbook
    assert draft.allocation and draft.allocation.bracket and draft.verdict
    trigger = case.event.id if case.event else "scan"
    is_for_today = known.mandate(case.account.id).holding is Holding.DAY
    product = Product.MIS if is_for_today else Product.CNC
    card = Card(
        id=case.card_id
        or card_id(
            account_id=case.account.id,
            isin=case.instrument.isin,
            trigger=trigger,
            as_of=known.at,
        ),
        version=case.version,
        market=known.market,
        mode=case.mode,
        account_id=case.account.id,
        account_name=case.account.name,
        isin=case.instrument.isin,
        symbol=case.instrument.symbol,
        sector=case.instrument.sector,
        legs=(Leg(side=draft.allocation.bracket.side, qty=draft.allocation.qty, product=product),),
        bracket=draft.allocation.bracket,
        mandate_version=known.mandate(case.account.id).version,
        horizon_sessions=0 if is_for_today else draft.playbook.horizon_sessions,
        written_at=known.at,
        expires_at=known.at + timedelta(minutes=draft.playbook.card_minutes),
        status=CardStatus.OPEN,
        trigger=trigger,
        playbook=draft.playbook.name,
        signal=draft.signal,
        meta_label=draft.meta_label,
        allocation=draft.allocation,
        verdict=draft.verdict,
    )
    ltp = known.quotes[card.isin].ltp
    if refused := why_not_held(known.holders[card.account_id], card, case.instrument, ltp=ltp):
        raise Stopped("card", refused)
    return replace(card, expires_at=min(card.expires_at, _last_entry(known, case, card)))


def _last_entry(known: Known, case: Case, card: Card) -> datetime:
    """Until when a card may be sent; one for the day must leave time to trade."""
    if card.legs[0].product is not Product.MIS:
        return known.last_entry_at
    broker = known.holders[card.account_id].broker
    if late := why_no_day_trade(known, broker, case.instrument, at=known.at):
        raise Stopped("card", late)
    until = last_entry_at(known, broker, case.instrument, at=known.at)
    assert until is not None  # why_no_day_trade looked
    return min(known.last_entry_at, until)
