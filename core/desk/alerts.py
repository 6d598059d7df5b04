"""What a person asked to be told about: ask, fire when it comes true, drop, bring back, see.

A price or the day's move is looked at with every price. An event is told as it is tagged. An
indicator is looked at once for each finished bar, in `alert_lines`, because it needs TA-Lib.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Final

from sqlmodel import Session

from core.desk.desk import Desk
from core.domain.action import CorporateAction, in_words, share_ratio
from core.domain.clock import ist_day
from core.domain.event import EventType
from core.domain.instrument import Instrument
from core.domain.money import Money
from core.domain.quote import Quote
from core.domain.watch import Alert, AlertKind
from core.domain.words import day, decimal, pct, price
from core.errors import BadInput, IllegalTransition
from core.market.indicators import GAUGES, LINES
from core.store import actions, alerts, audit, events, factors, instruments, quotes

MOVE_MAX: Final = 0.5  # of the previous close; no band of a share is wider
EVENTS_LOOKED_AT = 20  # newest tags of a share that an event alert looks through
PRICES = (AlertKind.PRICE_ABOVE, AlertKind.PRICE_BELOW)
MOVES = (AlertKind.UP_BY, AlertKind.DOWN_BY)
CROSSINGS = (AlertKind.CROSSES_UP, AlertKind.CROSSES_DOWN)


def ask_alert(desk: Desk, symbol: str, level: Money, *, by: str) -> Alert:
    """Wait for a share to reach a price, from whichever side it stands on now.

    Raises:
        NotFound: an unknown symbol, or a share without a price.
        BadInput: a level at or below ₹0, or at the price now.
    """
    with desk.store.write() as tx:
        share = instruments.by_symbol(tx, symbol)
        now = quotes.by_isin(tx, share.isin).ltp
        if level.paise <= 0:
            raise BadInput(f"{share.symbol}: an alert at {level} can never be reached; use more")
        if level == now:
            raise BadInput(f"{share.symbol} trades at {now} already; choose another price")
        kind = AlertKind.PRICE_ABOVE if level > now else AlertKind.PRICE_BELOW
        made = _made(desk, share, kind, f"{kind} {price(level)}", level=level)
        _keep(tx, made, by=by)
    return made


def ask_move_alert(desk: Desk, symbol: str, move: float, *, by: str) -> Alert:
    """Wait for a move of the day from the previous close.

    Args:
        move: as a fraction, negative for a fall; between 0.1 % and 50 % either way.
    """
    if not 0.001 <= abs(move) <= MOVE_MAX:
        raise BadInput(
            f"{symbol}: a move of {pct(move, signed=True)} is outside 0.1 % to "
            f"{pct(MOVE_MAX, digits=0)}; choose one between"
        )
    with desk.store.write() as tx:
        share = instruments.by_symbol(tx, symbol)
        kind = AlertKind.UP_BY if move > 0 else AlertKind.DOWN_BY
        made = _made(desk, share, kind, f"{kind} {pct(abs(move))} on the day", bound=move)
        _keep(tx, made, by=by)
    return made


def ask_indicator_alert(
    desk: Desk, symbol: str, indicator: str, *, up: bool, bound: float | None, by: str
) -> Alert:
    """Wait for a crossing on a finished daily bar.

    Args:
        indicator: a line over the price, which the close has to cross, or a gauge, which has to
            cross `bound`.

    Raises:
        BadInput: an unknown indicator, a gauge without a value, or a line with one.
    """
    if indicator not in LINES and indicator not in GAUGES:
        raise BadInput(f"no indicator is called {indicator}; choose one of the list")
    if (indicator in GAUGES) is (bound is None):
        wanted = "needs the value to cross" if bound is None else "is crossed by the close"
        raise BadInput(f"{indicator} {wanted}; {'give one' if bound is None else 'give no value'}")
    kind = AlertKind.CROSSES_UP if up else AlertKind.CROSSES_DOWN
    way = "above" if up else "below"
    words = (
        f"close crosses {way} {indicator}"
        if bound is None
        else f"{indicator} crosses {way} {decimal(bound)}"
    )
    with desk.store.write() as tx:
        share = instruments.by_symbol(tx, symbol)
        made = _made(desk, share, kind, words, bound=bound, watched=indicator)
        _keep(tx, made, by=by)
    return made


def ask_event_alert(desk: Desk, symbol: str, event_type: EventType, *, by: str) -> Alert:
    """Wait for news of a kind about a share."""
    with desk.store.write() as tx:
        share = instruments.by_symbol(tx, symbol)
        words = f"news: {event_type}"
        made = _made(desk, share, AlertKind.EVENT, words, watched=event_type.value)
        _keep(tx, made, by=by)
    return made


def fire_alerts(desk: Desk) -> int:
    """Let every alert on a price, a move or an event go off that came true; says how many."""
    at = desk.clock.now()
    rescale_alerts(desk)
    with desk.store.read() as tx:
        waiting = [one for one in alerts.waiting(tx) if one.kind not in CROSSINGS]
        prices = quotes.of(tx, [one.isin for one in waiting])
        due = [(one, said) for one in waiting if (said := _came_true(tx, one, prices))]
    if not due:
        return 0
    with desk.store.write() as tx:
        for alert, said in due:
            if not alerts.fire(tx, alert.id, at, told=said):
                continue
            ltp = prices.get(alert.isin)
            body = {"told": said, "ltp_paise": ltp.ltp.paise if ltp else 0}
            audit.append(tx, at=at, actor="worker", verb="alert fired", subject=alert.id, body=body)
    return len(due)


def rescale_alerts(desk: Desk) -> int:
    """Put waiting price lines into new share terms on an ex-date, once; says how many.

    A line asked for on the ex-date or later is in new terms already. A dividend moves no line,
    and neither does an action whose divisor nobody knows.
    """
    at = desk.clock.now()
    with desk.store.read() as tx:
        lines = [one for one in alerts.waiting(tx) if one.kind in PRICES and one.level]
        gone = actions.moving(tx, [one.isin for one in lines], until=ist_day(at)) if lines else []
        moved = [made for one in lines if (made := _rescaled(tx, one, gone)) != one]
    if not moved:
        return 0
    with desk.store.write() as tx:
        for one in moved:
            alerts.put(tx, one)
            body = {"sentence": one.sentence, "level_paise": one.level.paise if one.level else 0}
            audit.append(tx, at=at, actor="worker", verb="alert scaled", subject=one.id, body=body)
    return len(moved)


def _rescaled(tx: Session, alert: Alert, gone: Sequence[CorporateAction]) -> Alert:
    """A line after every action it has not been through yet."""
    for action in gone:
        new_already = ist_day(alert.created_at) >= action.ex_date
        divisor = None if action.isin != alert.isin or new_already else _divisor(tx, action)
        if divisor is None or alert.level is None or action.id in alert.scaled_by:
            continue
        level = Money(max(1, round(alert.level.paise / divisor)))
        said = f"was {price(alert.level)} before the {in_words(action)} of {day(action.ex_date)}"
        alert = replace(
            alert,
            level=level,
            sentence=f"{alert.symbol} {alert.kind} {price(level)}, {said}",
            scaled_by=(*alert.scaled_by, action.id),
        )
    return alert


def _divisor(tx: Session, action: CorporateAction) -> Fraction | None:
    ratio = share_ratio(action)
    if ratio is not None:
        return ratio
    known = factors.all_factors(tx, isins=[action.isin])
    mine = [one for one in known if (one.ex_date, one.kind) == (action.ex_date, action.kind)]
    return Fraction(mine[0].divisor) if mine else None


def drop_alert(desk: Desk, alert_id: str, *, by: str) -> None:
    """Stop waiting; the alert counts as gone off and seen now."""
    at = desk.clock.now()
    with desk.store.write() as tx:
        alert = alerts.by_id(tx, alert_id)
        if alert.fired_at is not None:
            raise IllegalTransition(f"{alert.sentence}: it went off before; nothing is dropped")
        gone = replace(alert, fired_at=at, seen_at=at, dropped=True)
        alerts.put(tx, gone)
        audit.append(tx, at=at, actor=by, verb="alert dropped", subject=alert_id, body={})


def bring_back_alert(desk: Desk, alert_id: str, *, by: str) -> None:
    """Undo a drop: the alert waits again. Raises IllegalTransition for one not dropped."""
    with desk.store.write() as tx:
        alert = alerts.by_id(tx, alert_id)
        if not alert.dropped:
            raise IllegalTransition(f"{alert.sentence}: it was not dropped; it needs no undo")
        alerts.put(tx, replace(alert, fired_at=None, seen_at=None, dropped=False))
        at = desk.clock.now()
        audit.append(tx, at=at, actor=by, verb="alert brought back", subject=alert_id, body={})


def see_alert(desk: Desk, alert_id: str) -> None:
    """Keep that a person saw it."""
    at = desk.clock.now()
    with desk.store.write() as tx:
        alerts.seen(tx, alert_id, at)


def _came_true(tx: Session, alert: Alert, prices: Mapping[str, Quote]) -> str:
    """What made an alert go off, empty while it waits."""
    if alert.kind is AlertKind.EVENT:
        for tag, headline in events.heard_of(tx, alert.isin, EVENTS_LOOKED_AT):
            if tag.known_at > alert.created_at and tag.event_type.value == alert.watched:
                return headline
        return ""
    quote = prices.get(alert.isin)
    if quote is None:
        return ""
    if alert.kind in PRICES and alert.level is not None:
        above = alert.kind is AlertKind.PRICE_ABOVE
        reached = quote.ltp >= alert.level if above else quote.ltp <= alert.level
        return f"traded at {price(quote.ltp)}" if reached else ""
    if alert.kind in MOVES and alert.bound is not None and quote.prev_close:
        moved = (quote.ltp - quote.prev_close).share_of(quote.prev_close)
        up = alert.kind is AlertKind.UP_BY
        reached = moved >= alert.bound if up else moved <= alert.bound
        return f"{pct(moved, signed=True)} at {price(quote.ltp)}" if reached else ""
    return ""


def _made(
    desk: Desk,
    share: Instrument,
    kind: AlertKind,
    words: str,
    *,
    level: Money | None = None,
    bound: float | None = None,
    watched: str = "",
) -> Alert:
    at = desk.clock.now()
    basis = f"{share.isin}\x1f{kind}\x1f{words}\x1f{at.isoformat()}"
    return Alert(
        id="al" + hashlib.sha256(basis.encode()).hexdigest()[:12],
        kind=kind,
        isin=share.isin,
        symbol=share.symbol,
        level=level,
        sentence=f"{share.symbol} {words}",
        created_at=at,
        bound=bound,
        watched=watched,
    )


def _keep(tx: Session, made: Alert, *, by: str) -> None:
    alerts.put(tx, made)
    body: dict[str, object] = {
        "isin": made.isin,
        "kind": made.kind,
        "sentence": made.sentence,
    }
    if made.level is not None:
        body["level_paise"] = made.level.paise
    audit.append(tx, at=made.created_at, actor=by, verb="alert", subject=made.id, body=body)
