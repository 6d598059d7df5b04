"""Every rule an entry must pass, each as a row with value and limit.

`guardrails` runs when a card is written and again in the transaction that sends, on the
quantity and bracket the card was signed with. Rules that refuse no exit: exits never come here.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from core.domain.allocation import Bracket, Guardrail, Unit
from core.domain.candidate import Book, Candidate
from core.domain.instrument import CapClass, Series, Surveillance
from core.domain.live import Capped
from core.domain.mandate import Holding, Mandate
from core.domain.money import ZERO, Money
from core.domain.order import Side
from core.domain.quality import FLOOR, WHOLE
from core.domain.quote import Quote
from core.domain.words import age, counted, decimal, pct, rupees, short
from core.domain.words import qty as shares_words
from core.errors import BadInput
from core.mandates.bracket import reward_wanted
from core.mandates.later import and_later
from core.mandates.rails import at_least, at_most, claim
from core.mandates.short_rails import CIRCUIT_AWAY_MIN, short_market_rails, short_money_rails
from core.mandates.vol_target import OVER_TARGET, vol_after

SPREAD_MAX = {CapClass.LARGE: 0.0015, CapClass.MID: 0.0030, CapClass.SMALL: 0.0050}
FEED_AGE_MAX_SECONDS = 5.0
RSI_MAX = 80.0
SESSIONS_A_MONTH = 21
LEFT_SKEW_MAX = 2.0
BLOCKED_SERIES = frozenset({Series.BE, Series.BZ, Series.SM, Series.ST, Series.T0})
BLOCKED_LISTS = frozenset({Surveillance.GSM, Surveillance.ESM, Surveillance.IBC})


def guardrails(
    candidate: Candidate,
    mandate: Mandate,
    book: Book,
    *,
    qty: int,
    bracket: Bracket,
    charges: Money = ZERO,
) -> tuple[Guardrail, ...]:
    """All rows for an entry of `qty` shares inside `bracket`; `charges` are the entry's.

    Which way it goes is the bracket's side. A short sale adds to exposure as a buy does, so its
    shares are counted without a sign; raises BadInput below zero.
    """
    if qty < 0:
        raise BadInput(f"{candidate.instrument.symbol}: {qty} shares; count them without a sign")
    return (
        *money_rails(candidate, mandate, book, qty=qty, bracket=bracket, charges=charges),
        *market_rails(candidate, mandate, qty=qty, bracket=bracket),
        *permission_rails(candidate, mandate, book),
    )


def money_rails(
    candidate: Candidate,
    mandate: Mandate,
    book: Book,
    *,
    qty: int,
    bracket: Bracket,
    charges: Money,
) -> tuple[Guardrail, ...]:
    """What the trade would do to the account."""
    m, notional = mandate, bracket.entry_high * qty
    whole = book.equity if book.equity > ZERO else None  # no part of nothing can be in order
    adds = notional.share_of(whole) if whole else math.nan
    risk = (bracket.risk_per_share * qty).share_of(whole) if whole else math.nan
    weight = book.weight_of(candidate.instrument.isin) + adds
    sector = candidate.instrument.sector
    in_sector, gross = book.sector_weight(sector) + adds, book.gross + adds
    loss = max(0.0, -book.day_pnl.share_of(whole)) if whole else math.nan
    after = book.cash_free - notional - charges
    fraction, short_sale = Unit.FRACTION, bracket.side is Side.SELL
    return (
        at_most("Risk per trade", risk, m.risk_per_trade_max, fraction, _of_limit(
            f"Stop at {rupees(bracket.stop)} loses {rupees(bracket.risk_per_share * qty)}",
            risk, m.risk_per_trade_max)),
        at_most("Weight in this account", weight, m.position_weight_max, fraction, _of_limit(
            f"{candidate.instrument.symbol} after the trade", weight, m.position_weight_max)),
        at_most(f"Sector, {sector}", in_sector, m.sector_weight_max, fraction, _of_limit(
            f"{sector} after the trade", in_sector, m.sector_weight_max)),
        at_most("Gross exposure", gross, m.gross_exposure_max, fraction, _of_limit(
            "All positions after the trade", gross, m.gross_exposure_max)),
        _volatility(candidate, m, adds * bracket.side.sign),
        at_most("Day's loss so far", loss, m.daily_loss_max, fraction, _of_limit(
            "Lost today", loss, m.daily_loss_max)),
        at_least("Cash after", float(after.in_rupees), float(m.cash_floor.in_rupees), Unit.RUPEES,
                 f"{rupees(after)} stays free, the floor is {rupees(m.cash_floor)}."
                 f"{and_later(book)}"),
        *(short_money_rails(candidate, m, book, qty=qty, bracket=bracket) if short_sale else ()),
    )  # fmt: skip


def cap_rails(capped: Sequence[Capped], costs: Money) -> tuple[Guardrail, ...]:
    """The rupee caps of the login and of the account; no rows where nothing is capped."""
    return tuple(
        at_most(name, float(value.in_rupees), float(limit.in_rupees), Unit.RUPEES,
                f"{one.of} may send {rupees(limit)} {words}; this makes it {rupees(value)}.")
        for one in capped
        for name, value, limit, words in (
            (f"Rupee cap an order, {one.of}", costs, one.caps.per_order, "an order"),
            (f"Rupee cap a day, {one.of}", one.used + costs, one.caps.per_day, "a day"),
        )
    )  # fmt: skip


def market_rails(
    candidate: Candidate, mandate: Mandate, *, qty: int, bracket: Bracket
) -> tuple[Guardrail, ...]:
    """What the market allows just now."""
    c, m = candidate, mandate
    share = qty / c.volume_median if c.volume_median > 0 else float("nan")
    sized = c.instrument.is_sized
    spread_max = SPREAD_MAX[c.instrument.cap_class] if sized else min(SPREAD_MAX.values())
    turnover, fraction = float(c.turnover_median.in_rupees), Unit.FRACTION
    return (
        at_least("Turnover, median day", turnover, float(m.turnover_min.in_rupees), Unit.RUPEES,
                 f"A median day trades {short(c.turnover_median)}, the mandate asks for "
                 f"{short(m.turnover_min)}."),
        at_most("Share of day's volume", share, m.volume_share_max, fraction,
                f"{shares_words(qty)} shares are {pct(share, digits=3)} of a median day, "
                f"limit {pct(m.volume_share_max)}."),
        _spread(c.quote, spread_max),
        at_most("Feed age", c.quote_age_seconds, FEED_AGE_MAX_SECONDS, Unit.SECONDS,
                f"The quote is {age(c.quote_age_seconds)} old, "
                f"limit {age(FEED_AGE_MAX_SECONDS)}."),
        _quality(c),
        _reward(c, m, bracket),
        *(short_market_rails if bracket.side is Side.SELL else _buying_rails)(c, bracket),
    )  # fmt: skip


def _spread(quote: Quote, limit: float) -> Guardrail:
    """Ask less bid; a market with one side, or with its sides crossed, has no spread to judge."""
    if not ZERO < quote.bid <= quote.ask:
        return claim("Spread", False, f"Bid {rupees(quote.bid)} and ask {rupees(quote.ask)} are no "
                     "market to trade in; wait for both sides.")  # fmt: skip
    return at_most("Spread", quote.spread, limit, Unit.FRACTION,
                   _of_limit("Ask less bid", quote.spread, limit))  # fmt: skip


def _buying_rails(candidate: Candidate, bracket: Bracket) -> tuple[Guardrail, ...]:
    """Room above for a buy, and a share that has not run away already."""
    c = candidate
    away = (c.band.high - c.quote.ltp).share_of(c.quote.ltp)
    return (
        at_least("Upper circuit, away", away, CIRCUIT_AWAY_MIN, Unit.FRACTION,
                 f"The upper circuit {rupees(c.band.high)} is {pct(away)} away, "
                 f"at least {pct(CIRCUIT_AWAY_MIN)} is needed."),
        claim("Price band", c.band.low <= bracket.stop and bracket.entry_high <= c.band.high,
              f"Entry {rupees(bracket.entry_high)} and stop {rupees(bracket.stop)} against today's "
              f"band {rupees(c.band.low)} to {rupees(c.band.high)}."),
        at_most("Overbought, RSI", c.rsi, RSI_MAX, Unit.SCORE,
                f"RSI stands at {decimal(c.rsi, digits=0)}, limit {decimal(RSI_MAX, digits=0)}."),
        at_most("Left skew", -c.skew, LEFT_SKEW_MAX, Unit.SCORE,
                f"Daily returns have a skew of {decimal(c.skew)}, "
                f"the floor is {decimal(-LEFT_SKEW_MAX)}."),
    )  # fmt: skip


def _reward(candidate: Candidate, mandate: Mandate, bracket: Bracket) -> Guardrail:
    """A target that the band has cut back to less than the stop's distance is no trade."""
    ratio, least = bracket.reward_to_risk, reward_wanted(candidate, mandate)
    return at_least("Reward to risk", ratio, least, Unit.SCORE,
                    f"The target {rupees(bracket.target)} is worth {decimal(ratio)} R, at least "
                    f"{decimal(least)} R is asked for.")  # fmt: skip


def _quality(candidate: Candidate) -> Guardrail:
    """Whether the prices that every number of the card is made of may be believed."""
    c = candidate
    score = f"{decimal(c.quality, digits=0)} of {WHOLE}, the floor is {FLOOR}"
    return at_least("Data quality", c.quality, float(FLOOR), Unit.SCORE,
                    f"Prices score {score}; {c.flaw}." if c.flaw else
                    f"Prices score {score}.")  # fmt: skip


def permission_rails(candidate: Candidate, mandate: Mandate, book: Book) -> tuple[Guardrail, ...]:
    """What the mandate, the exchange's lists and the desk permit at all."""
    return (
        *_allowed(candidate, mandate),
        *_in_universe(candidate),
        _listed(candidate),
        _watched(candidate, mandate),
        _earnings(candidate, mandate),
        _ex_date(candidate),
        *_horizon(candidate, mandate),
        _freshness(candidate),
        _regime(candidate),
        _room(candidate, mandate, book),
        _correlation(candidate, mandate, book),
        *_cooling(candidate, mandate),
        claim("Kill level", book.kill_level.allows_entries,
              f"The account stands at {book.kill_level.name}"
              + ("." if book.kill_level.allows_entries else "; no entry leaves until resumed.")),
    )  # fmt: skip


def _in_universe(candidate: Candidate) -> tuple[Guardrail, ...]:
    """A row only for a share that is looked at and not traded; every other share belongs."""
    i = candidate.instrument
    if i.is_traded:
        return ()
    return (
        claim("Traded universe", False, f"{i.symbol} is in no traded universe, so it is only "
              "looked at; munim data universe trade NAME lets a universe that has it be traded."),
    )  # fmt: skip


def _allowed(candidate: Candidate, mandate: Mandate) -> tuple[Guardrail, ...]:
    """Direction, bans and strategies."""
    i, m, strategy = candidate.instrument, mandate, candidate.signal.strategy
    size = i.cap_class
    sector_ok, name_ok = i.sector not in m.sectors_banned, i.isin not in m.isins_banned
    size_ok, known = size in m.cap_classes, strategy in m.strategies
    return (
        _direction(candidate, m),
        claim("Banned sector", sector_ok, f"{i.sector} is {_banned(sector_ok)}."),
        claim("Banned name", name_ok, f"{i.symbol} is {_banned(name_ok)}."),
        claim("Size class", size_ok, f"{size.value.capitalize()} caps are "
              f"{'allowed' if size_ok else 'not allowed by the mandate'}."),
        claim("Strategy", known, f"{strategy} is "
              f"{'allowed' if known else 'not a strategy of this mandate'}."),
    )  # fmt: skip


def _direction(candidate: Candidate, mandate: Mandate) -> Guardrail:
    way = candidate.signal.direction
    if way > 0:
        return claim("Direction", True, "The signal points up.")
    if way < 0 and mandate.shorts:
        return claim("Direction", True,
                     "The signal points down, and the mandate lets shares be sold short within "
                     "the day.")  # fmt: skip
    return claim("Direction", False, "The signal does not point up, and delivery shares cannot be "
                 "sold short.")  # fmt: skip


def _listed(candidate: Candidate) -> Guardrail:
    i = candidate.instrument
    if i.series in BLOCKED_SERIES:
        return claim("Series", False, f"{i.symbol} trades in series {i.series}; only EQ is bought.")
    return claim("Series", True, f"Series {i.series}, normal settlement.")


def _watched(candidate: Candidate, mandate: Mandate) -> Guardrail:
    i = candidate.instrument
    if i.surveillance in BLOCKED_LISTS:
        sentence = f"{i.symbol} stands on the {i.surveillance} list; no entries."
        return claim("Surveillance", False, sentence)
    if i.surveillance is Surveillance.ASM and mandate.holding is Holding.DAY:
        return claim("Surveillance", False, f"{i.symbol} stands on the ASM list, where brokers "
                     "take no intraday order.")  # fmt: skip
    if i.surveillance is Surveillance.ASM:
        return claim("Surveillance", True, f"{i.symbol} stands on the ASM list: margins may rise.")
    return claim("Surveillance", True, "On no surveillance list.")


def _earnings(candidate: Candidate, mandate: Mandate) -> Guardrail:
    away, window = candidate.earnings_in_sessions, mandate.earnings_blackout_sessions
    if away is None or window == 0:
        words = "No results date is known." if away is None else "This mandate has no window."
        return claim("Earnings window", True, words)
    return at_least(
        "Earnings window", float(away), float(window + 1), Unit.SESSIONS,
        f"Results in {_sessions(away)}; no entry within {_sessions(window)} of them.",
    )  # fmt: skip


def _ex_date(candidate: Candidate) -> Guardrail:
    """A stop and a target mean nothing after the price is put into new terms."""
    away, horizon = candidate.goes_ex_in_sessions, candidate.playbook.horizon_sessions
    if away is None:
        return claim("Ex-date", True, "No split, bonus, rights or demerger is announced.")
    return at_least(
        "Ex-date", float(away), float(horizon + 1), Unit.SESSIONS,
        f"New share terms in {_sessions(away)}; a position is held up to {_sessions(horizon)} and "
        "has to end before.",
    )  # fmt: skip


def _horizon(candidate: Candidate, mandate: Mandate) -> tuple[Guardrail, ...]:
    """A row only where the playbook may hold longer than the account's money has time."""
    held, room = candidate.playbook.horizon_sessions, mandate.horizon_months * SESSIONS_A_MONTH
    if mandate.holding is Holding.DAY or held <= room:
        return ()
    return (
        at_most("Horizon", float(held), float(room), Unit.SESSIONS,
                f"It may be held for {_sessions(held)}; the mandate's horizon is "
                f"{counted(mandate.horizon_months, 'month')}."),
    )  # fmt: skip


def _freshness(candidate: Candidate) -> Guardrail:
    minutes = candidate.event_age_minutes
    if minutes is None:
        return claim("Catalyst freshness", True, "Found by a scan, no event to go stale.")
    limit = candidate.playbook.fresh_minutes
    return at_most(
        "Catalyst freshness", minutes, float(limit), Unit.MINUTES,
        f"The event is {age(minutes * 60)} old, {candidate.playbook.name} "
        f"trades it for {age(limit * 60)}.",
    )  # fmt: skip


def _regime(candidate: Candidate) -> Guardrail:
    allowed, regime = candidate.playbook.regimes, candidate.regime
    passed = not allowed or regime in allowed
    wanted = ", ".join(sorted(allowed)) or "any market"
    return claim("Regime", passed, f"The market is {regime}; {candidate.playbook.name} wants "
                 f"{wanted}.")  # fmt: skip


def _room(candidate: Candidate, mandate: Mandate, book: Book) -> Guardrail:
    after = len(book.held | {candidate.instrument.isin})
    return at_most(
        "Positions", float(after), float(mandate.positions_max), Unit.COUNT,
        f"{after} open after the trade, at most {mandate.positions_max}.",
    )  # fmt: skip


def _correlation(candidate: Candidate, mandate: Mandate, book: Book) -> Guardrail:
    if not book.positions:
        return claim("Correlation with book", True, "The book is empty.")
    value, limit = candidate.correlation_with_book, mandate.correlation_max
    return at_most("Correlation with book", value, limit, Unit.SCORE,
                   f"Moves with the book at {decimal(value)}, "
                   f"limit {decimal(limit)}.")  # fmt: skip


def _cooling(candidate: Candidate, mandate: Mandate) -> tuple[Guardrail, ...]:
    """A row only where the mandate waits after an exit and the account left the share before."""
    ago, wait = candidate.left_sessions_ago, mandate.cooling_off_sessions
    if ago is None or wait == 0:
        return ()
    return (
        at_least("Cooling off", float(ago), float(wait), Unit.SESSIONS,
                 f"The account left it {_sessions(ago)} ago and waits {_sessions(wait)}."),
    )  # fmt: skip


def _volatility(candidate: Candidate, mandate: Mandate, weight: float) -> Guardrail:
    """The book with the trade against its target, with a tenth to spare for what moves since."""
    name, limit = "Volatility of the book", mandate.vol_target * OVER_TARGET
    after = vol_after(candidate, weight)
    if after is None:
        return claim(name, True, "How it moves with the book is not known; a usual correlation "
                     "sized it.")  # fmt: skip
    return at_most(name, after, limit, Unit.FRACTION,
                   f"The book stands at {pct(after)} a year after the trade, the target is "
                   f"{pct(mandate.vol_target)}.")  # fmt: skip


def _of_limit(what: str, value: float, limit: float) -> str:
    return f"{what}: {pct(value)} of a limit of {pct(limit)}."


def _banned(allowed: bool) -> str:
    return "not banned" if allowed else "banned by the mandate"


def _sessions(count: int) -> str:
    return "1 session" if count == 1 else f"{count} sessions"
