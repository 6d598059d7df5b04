"""The parts of a card on screen: title, figures, thesis, rules, odds, exposure, progress."""

from __future__ import annotations

import streamlit as st

from core.views.card import CardView
from core.views.card_live import LiveCard
from core.views.card_words import Span
from core.views.progress import Progress
from core.views.shown import Figure, Tag, Text
from ui.allocation import beside_panel, size_panel
from ui.ladder import ladder
from ui.markup import Markup, fill, join
from ui.parts import Column, cell, cells, draw, key_values, lines, note, panel, rule, table, tag

RULES = (
    Column("", "passed"),
    Column("Rule", "name", wraps=True),
    Column("Value", "value", number=True),
    Column("Limit", "limit", number=True),
    Column("Used", "used", wraps=True, width="74px"),
)
EVIDENCE = (
    Column("", "number"),
    Column("Fact", "fact", wraps=True),
    Column("Age", "age", number=True),
)
ODDS = (
    Column("", "name"),
    Column("P", "p", number=True),
    Column("90 % interval", "interval", number=True),
    Column("0 · 50 · 100 %", "band", width="30%"),
    Column("n", "n", number=True),
)
EXPOSURE = (
    Column("", "name"),
    Column("Before", "before", number=True),
    Column("After", "after", number=True),
    Column("Limit", "limit", number=True),
    Column("Used", "used", width="26%"),
)

GAPS = (
    Column("Opens at", "opens", number=True),
    Column("Loss", "loss", number=True),
    Column("R", "in_r", number=True),
)


def title_line(live: LiveCard) -> Markup:
    """Side, symbol, account, price with its age; the card's own name at the right."""
    fresh = fill('{ltp} {change} <span class="m-mute">{age}</span>', ltp=cell(live.ltp),
                 change=cell(live.change), age=live.quote_age)  # fmt: skip
    stale = fill('<span class="m-stale" data-age="{age}">{ltp}</span>', ltp=live.ltp.text,
                 age=live.quote_age)  # fmt: skip
    return fill(
        '<div class="m-line">{side}<span class="m-title">{symbol}</span>{tags}<span>{account}'
        '</span><span class="m-mute">{product}</span><span><span class="m-mute">LTP</span> '
        '{price}</span><span class="m-mute end">{written}</span></div>',
        side=tag(live.side),
        symbol=live.symbol,
        tags=join((tag(one) for one in live.tags), " "),
        account=live.account,
        product=live.product,
        price=stale if live.stale else fresh,
        written=live.written,
    )


def head(view: CardView, live: LiveCard) -> None:
    """Title and the eight figures."""
    draw(title_line(live), cells([*view.figures, live.time_left], compact=True))


def since_written(view: CardView, live: LiveCard) -> Markup:
    """What changed between the writing and now."""
    pairs: list[tuple[str, str | Text | Tag]] = [
        ("Price against the band", live.drift),
        ("Quote", live.quote_age or "none yet"),
        ("Time left", live.time_left.value),
    ]
    labels = ("Version", *("" for _ in view.changes))
    pairs.extend(zip(labels, view.changes, strict=False))
    return panel("Since it was written", key_values(pairs), note="now")


def thesis(view: CardView) -> Markup:
    """The judge's reasons with their numbers marked, risks and evidence."""
    words = fill("<p>{spans}</p>", spans=join(_span(span) for span in view.thesis))
    return join(
        (
            panel("Thesis", words, note=view.thesis_note),
            panel("What could go wrong", lines(view.risks)),
            panel("Evidence", table(EVIDENCE, view.evidence), note=view.evidence_note),
        )
    )


def rules(view: CardView) -> Markup:
    """Guardrails with meters; what has no number is named under them."""
    rest = note(f"Also pass: {view.rules_rest}.") if view.rules_rest else Markup("")
    return panel("Guardrails", table(RULES, view.rules), rest, note=view.rules_note)


def odds(view: CardView) -> Markup:
    """The three ways out, how likely, and out of how many cases."""
    return panel("Probability", table(ODDS, view.odds), note(view.odds_line), note=view.odds_note)


def exposure(view: CardView) -> Markup:
    """Weights before and after, against their limits."""
    return panel("Exposure, before → after", table(EXPOSURE, view.exposure), note="of equity")


def charges(view: CardView) -> Markup:
    """What the entry costs line by line, both sides, and where the trade breaks even."""
    items, sums = view.charges[:-2], view.charges[-2:]
    shown: list[tuple[str, str | Text]] = [*items, *((n, Text(a, bold=True)) for n, a in sums)]
    return panel("Charges", key_values(shown), note="₹ · out at the target")


def gaps(view: CardView) -> Markup:
    """What is lost where the share opens beyond the stop, and what the fired stop asks."""
    shown = join((table(GAPS, view.gaps), note(view.gaps_rule)))
    rests = note(f"{view.rests}.") if view.rests else Markup("")
    return panel("If it opens beyond the stop", shown, rests, note="after charges")


def prices(live: LiveCard) -> Markup:
    """The price ladder."""
    return panel("Prices", ladder(live.ladder), note="₹")


def steps(progress: Progress) -> Markup:
    """The words that were read back, in order; what has not happened yet is grey."""
    return fill(
        '<div class="m-steps">{steps}</div>',
        steps=join(
            (
                fill(
                    '<span class="{css}">{mark} {word} <span class="m-mute m-sm">{note}</span>'
                    "</span>",
                    css="m-loss" if step.failed else "" if step.done else "todo",
                    mark="✕" if step.failed else "✓" if step.done else "○",
                    word=step.word,
                    note=step.note,
                )
                for step in progress.steps
            ),
            " ",
        ),
    )


def static_panels(view: CardView) -> None:
    """Everything of a card that does not tick, in two columns."""
    with st.container(key="trio-card"):
        left, right = st.columns(2, gap="medium")
    with left:
        draw(thesis(view), odds(view), beside_panel(view))
    with right:
        draw(rules(view), exposure(view), size_panel(view))


def warning(sentence: str) -> None:
    """Why a click would be refused now."""
    draw(rule(sentence, tone="warn"))


def waiting(figure: Figure) -> Markup:
    """One figure alone."""
    return cells([figure])


def _span(span: Span) -> Markup:
    if span.kind == "words":
        return fill("{text}", text=span.text)
    if span.kind == "sourced":
        return fill('<u title="{source}">{text}</u>', source=span.source, text=span.text)
    return fill("<s>{text}</s> {mark}", text=span.text, mark=tag(Tag("no source, struck", "warn")))
