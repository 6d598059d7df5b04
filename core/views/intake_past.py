"""What the draft would have meant on the store's past prices, in words: a basket, no strategy."""

from __future__ import annotations

from calendar import month_abbr
from dataclasses import dataclass
from typing import Final

from core.desk.desk import Desk
from core.desk.past import Past, past_of
from core.desk.talk import Talk
from core.domain.money import Money
from core.domain.words import counted, day, pct, rupees, short
from core.errors import NoData
from core.mandates.past import CHOSEN_EVERY, PastBasket
from core.views.shown import Cells, Text, Tone

PLAIN: Final = "Past prices are not the future."
WHAT: Final = (
    "A plain basket under this draft's filters and sizes: the most traded shares it lets in, in "
    f"equal parts, chosen anew every {CHOSEN_EVERY} sessions at that close, charges taken. No "
    "strategy, stop or instalment is played, and every limit is only counted. The desk's own edge "
    "is not measured here; Backtests plays its code. Shares that vanished are missing."
)
INVENTED: Final = "The prices are the simulator's, so it says nothing about a real market."


@dataclass(frozen=True, slots=True)
class PastView:
    """Rows of name and value, the sentences under them, and where `rows` is empty, why."""

    title: str
    note: str
    rows: tuple[tuple[str, Cells], ...]
    lines: tuple[str, ...]
    why_not: str = ""


def past_view(desk: Desk, talk: Talk) -> PastView | None:
    """The panel beside a talk, None before anything was said."""
    if not talk.draft["answers"]:
        return None
    title = "This mandate on past prices"
    try:
        past = past_of(desk, talk)
    except NoData as missing:
        told = str(missing)
        return PastView(title, "", (), (), f"{told[0].upper()}{told[1:]}.")
    sessions = len(past.basket.days) - 1
    lines = (PLAIN, WHAT, INVENTED) if past.invented else (PLAIN, WHAT)
    if not past.basket.held:
        sentence = "No share of the store passes this draft's filters and sizes."
        return PastView(title, "", (), lines, sentence)
    return PastView(
        title=f"This mandate over the last {sessions} sessions",
        note=f"{day(past.basket.days[0])} to {day(past.basket.days[-1])}",
        rows=_rows(past),
        lines=lines,
    )


def _rows(past: Past) -> tuple[tuple[str, Cells], ...]:
    b, rules = past.basket, past.rules
    paid = Money(round(past.capital.paise * b.charges))
    worst = min(b.months, key=lambda one: one.ret, default=None)
    rows: list[tuple[str, Cells]] = [
        ("Basket", Text(f"{b.held} of {counted(b.eligible, 'share')} let in",
                        note=f"{pct(b.share)} in each, the rest in cash")),
        ("After charges", _loss(b.gain, past, f"on {short(past.capital)}")),
        ("Worst fall", _loss(b.worst_fall, past, f"{day(b.worst_from)} to {day(b.worst_on)}")),
        ("Your fall limit", _limit(b, past)),
        ("Worst day", _loss(b.worst_day, past, f"{counted(b.days_over_limit, 'day')} lost "
                            f"{pct(rules.daily_loss_max)} or more, your day's limit")),
    ]  # fmt: skip
    if worst is not None:
        named = f"{month_abbr[worst.month]} {worst.year}"
        rows.append(("Worst month", _loss(worst.ret, past, named)))
        said = f"{b.months_negative} of {len(b.months)}"
        rows.append(("Months that lost", Text(said)))
    rows += [
        ("Moved in a year", Text(pct(b.vol), note=f"your target {pct(rules.vol_target)}")),
        ("Orders", Text(counted(b.trades, "order"), note=f"{rupees(paid)} of charges")),
    ]
    return tuple(rows)


def _loss(ret: float, past: Past, note: str) -> Text:
    """A return with its rupees of the money named."""
    worth = Money(round(past.capital.paise * ret))
    tone: Tone = "loss" if ret < 0 else "gain" if ret > 0 else ""
    return Text(f"{pct(ret, signed=True)} · {rupees(worth, signed=True, digits=0)}", tone, note)


def _limit(b: PastBasket, past: Past) -> Text:
    limit = pct(past.rules.drawdown_max)
    if b.limit_on is None:
        return Text(f"{limit} not reached", note="nothing would have been cancelled")
    return Text(f"{limit} reached on {day(b.limit_on)}", "warn", "all that is new cancelled")
