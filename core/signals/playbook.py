"""Tactical rules by event and market. Brackets equal the labels', so the probabilities apply."""

from __future__ import annotations

from core.domain.event import EventType, TaggedEvent
from core.domain.signal import Playbook, Regime
from core.models.barriers import BARRIERS

STOP_ATR, TARGET_ATR, SESSIONS = BARRIERS
DRIFTING = frozenset(
    {
        EventType.RESULTS,
        EventType.ORDER_WIN,
        EventType.EXPANSION,
        EventType.GUIDANCE,
        EventType.RATING,
        EventType.BUYBACK,
        EventType.ACQUISITION,
        EventType.PRODUCT,
        EventType.REGULATORY,
        EventType.DIVIDEND,
        EventType.BONUS_SPLIT,
        EventType.FUND_RAISE,
    }
)

FALLING = DRIFTING | {EventType.LITIGATION, EventType.MANAGEMENT, EventType.PLEDGE}


def _playbook(
    name: str,
    *,
    events: frozenset[EventType],
    regimes: frozenset[Regime],
    size: float,
    fresh: int,
    card: int,
    why: str,
    direction: int = 1,
) -> Playbook:
    return Playbook(
        name=name,
        event_types=events,
        regimes=regimes,
        stop_atr=STOP_ATR,
        target_atr=TARGET_ATR,
        horizon_sessions=SESSIONS,
        size_multiple=size,
        fresh_minutes=fresh,
        card_minutes=card,
        why=why,
        direction=direction,
    )


PLAYBOOKS: tuple[Playbook, ...] = (
    _playbook(
        "event drift",
        events=DRIFTING,
        regimes=frozenset({Regime.BULL, Regime.SIDEWAYS}),
        size=1.0,
        fresh=24 * 60,
        card=45,
        why="prices go on drifting the way of news for some sessions",
    ),
    _playbook(
        "event drift, half size",
        events=DRIFTING,
        regimes=frozenset({Regime.BEAR, Regime.VOLATILE}),
        size=0.5,
        fresh=24 * 60,
        card=30,
        why="the same drift in a falling or wild market, at half the size",
    ),
    _playbook(
        "momentum",
        events=frozenset(),
        regimes=frozenset({Regime.BULL, Regime.SIDEWAYS}),
        size=1.0,
        fresh=24 * 60,
        card=90,
        why="shares that led for a year tend to lead a little longer",
    ),
    _playbook(
        "bad news, sold short",
        events=FALLING,
        regimes=frozenset({Regime.BEAR, Regime.SIDEWAYS}),
        size=0.5,
        fresh=4 * 60,
        card=20,
        why="a share goes on falling for hours after bad news; bought back the same day",
        direction=-1,
    ),
    _playbook(
        "bad news, sold short, quarter size",
        events=FALLING,
        regimes=frozenset({Regime.BULL, Regime.VOLATILE}),
        size=0.25,
        fresh=4 * 60,
        card=20,
        why="the same fall against a rising or wild market, at a quarter of the size",
        direction=-1,
    ),
    _playbook(
        "weakness, sold short",
        events=frozenset(),
        regimes=frozenset({Regime.BEAR, Regime.SIDEWAYS}),
        size=0.5,
        fresh=4 * 60,
        card=30,
        why="shares that lagged for a year and still fall go on falling; bought back the same day",
        direction=-1,
    ),
)


def choose(tag: TaggedEvent | None, regime: Regime, *, direction: int = 1) -> Playbook | None:
    """The first playbook for this event, market and way; None when none covers it."""
    for playbook in PLAYBOOKS:
        if playbook.direction != direction:
            continue
        of_kind = (
            tag is not None and tag.event_type in playbook.event_types
            if playbook.event_types
            else tag is None
        )
        if of_kind and regime in playbook.regimes:
            return playbook
    return None
