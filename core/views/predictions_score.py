"""The scorecard: what was said of each signal against what came, and what it left in rupees."""

from __future__ import annotations

from dataclasses import dataclass

from core.desk.desk import Desk
from core.desk.score_by import ALL, BY, Rupees, Score, scores
from core.desk.scorecard import EXPIRED, NOT_SENT, REJECTED, fates, unripe
from core.domain.clock import ist_day
from core.domain.money import ZERO
from core.domain.signal import MIN_CASES
from core.domain.words import decimal, pct, qty, rupees
from core.views.shown import RowMark, Text, pnl

GROUPINGS = tuple(BY)
EMPTY = (
    "No signal is done with yet. Each card is a hypothesis with its probability; traded, rejected "
    "and expired ones are scored when the market has answered."
)
ABOUT = (
    "A card is a case once its time is over, before which only quick outcomes are known, and a "
    "share is one case until it is over. Said is the mean probability when the cards were "
    "written, base rate what was usual then. What came is by a card's own stop and target, which a "
    "mandate may set nearer or further than those the probability is of. Short sales have no "
    "stated probability and count in rupees alone. Rupees are of each card's own size; where an "
    "account would have held the share by an earlier card, a later one is not counted again. "
    "Regime is the market's trend by the plain rule when the card was written. Below 30 cases no "
    "percentage is shown. A lower Brier score is better."
)
TURNED_DOWN = ((REJECTED, "Rejecting"), (EXPIRED, "Letting expire"), (NOT_SENT, "Not sending"))


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One group; `mark` sets the total apart."""

    name: str
    cards: str
    n: str
    said: str
    came: Text
    brier: str
    base: str
    traded: Text
    untraded: Text
    mark: RowMark


@dataclass(frozen=True, slots=True)
class ScoresView:
    """The table of one grouping, and what not trading saved or cost, a sentence a way."""

    rows: tuple[GroupRow, ...]
    sentences: tuple[str, ...]
    note: str


def scores_view(desk: Desk, *, by: str) -> ScoresView:
    """Every card that is done with, grouped."""
    found = scores_now(desk, by=by)
    whole = found[0] if found else None
    return ScoresView(
        rows=tuple(_row(one) for one in found),
        sentences=() if whole is None else _sentences(whole),
        note="" if whole is None else _note(whole),
    )


def scores_now(desk: Desk, *, by: str) -> tuple[Score, ...]:
    """Every card that is done with, by its group, cases counted once their time is over."""
    with desk.store.read() as tx:
        every = fates(tx)
    early = unripe(every, desk.calendar, today=ist_day(desk.clock.now()))
    return scores(every, by=by, early=early)


def _note(whole: Score) -> str:
    head = f"{qty(whole.cards)} cards, {qty(whole.open)} not over"
    return f"{head}; a model voted in {qty(whole.voted)} of {qty(whole.n)} cases"


def _row(one: Score) -> GroupRow:
    enough = one.n >= MIN_CASES
    return GroupRow(
        name="All" if one.key == ALL else one.key,
        cards=qty(one.cards),
        n=qty(one.n),
        said=pct(one.said, digits=1) if enough and one.said is not None else "–",
        came=_came(one),
        brier=_score(one.brier, enough=enough),
        base=_score(one.brier_base, enough=enough),
        traded=_mean(one.traded),
        untraded=_saved(one.untraded),
        mark="tot" if one.key == ALL else "",
    )


def _came(one: Score) -> Text:
    if not one.n:
        return Text("no case yet", "mute")
    if one.n < MIN_CASES or one.rate is None:
        return Text(f"{qty(one.came)} of {qty(one.n)}", "mute", note="too few")
    interval = f"95 % {one.low * 100:.0f} – {pct(one.high, digits=0)}"
    return Text(pct(one.rate, digits=1), note=interval)


def _score(value: float | None, *, enough: bool) -> str:
    return decimal(value, digits=3) if enough and value is not None else "–"


def _mean(made: Rupees) -> Text:
    """Mean of what was traded, after charges."""
    if made.mean is None:
        return Text("none yet", "mute")
    shown = pnl(made.mean)
    return Text(shown.text, shown.tone, note=f"n {qty(made.n)}")


def _saved(spared: Rupees) -> Text:
    """What leaving cards untraded saved or cost in all."""
    if not spared.n:
        return Text("none yet", "mute")
    return Text(_word(spared), "mute", note=f"n {qty(spared.n)}")


def _word(spared: Rupees) -> str:
    if spared.left == ZERO:
        return "no difference"
    return f"{'cost' if spared.left > ZERO else 'saved'} {rupees(abs(spared.left))}"


def _sentences(whole: Score) -> tuple[str, ...]:
    return tuple(
        f"{name}: {_word(made)} in {qty(made.n)} {'trade' if made.n == 1 else 'trades'} that "
        f"{'is' if made.n == 1 else 'are'} over, {rupees(made.size, digits=0)} of shares in all, "
        "after charges."
        for what, name in TURNED_DOWN
        if (made := whole.by_fate[what]).n
    )
