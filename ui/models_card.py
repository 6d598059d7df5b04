"""One model version drawn: vote, figures, members, reliability, coverage and parts of the cases."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import plotly.graph_objects as go
import streamlit as st

from core.domain.money import group
from core.views.models_card import ModelCard, Point
from ui.charts import BARE, lay_out
from ui.palette import Palette, palette
from ui.parts import Column, cells, draw, note, panel, rule, table

HEIGHT = 340
ROOM = 0.05  # of the widest span, around the points
COUNTS = 0.16  # of the height, for the bars of n
BAR = 0.012  # of the width of the plot
LEAK = "This looks like a leak:"
MEMBERS = (
    Column("Member", "kind"), Column("Weight", "weight", number=True),
    Column("", "share", width="64px", spare=True), Column("Vote", "vote"),
    Column("Skill", "skill", number=True), Column("95 %", "interval", number=True),
    Column("Rank IC", "ic", number=True, optional=True), Column("n", "n", number=True, spare=True),
)  # fmt: skip
COVERAGE = (
    Column("Ahead", "sessions"), Column("Inside", "inside", number=True),
    Column("95 %", "interval", number=True, spare=True), Column("Width", "width", number=True),
    Column("n", "n", number=True, spare=True), Column("", "says", wraps=True),
)  # fmt: skip
PARTS = (
    Column("", "name"), Column("Skill", "skill", number=True),
    Column("95 %", "interval", number=True), Column("Rank IC", "ic", number=True, optional=True),
    Column("Best fifth", "top", number=True), Column("All", "base", number=True),
    Column("Error", "ece", number=True, optional=True),
    Column("Ranges held", "held", number=True, optional=True),
    Column("n", "n", number=True, spare=True),
)  # fmt: skip
LEANS = (
    Column("", "name", wraps=True), Column("", "part", width="64px", spare=True),
    Column("", "figure", number=True),
)  # fmt: skip
BASELINES = tuple(one for one in PARTS if one.field != "held")
BASELINES_NOTE = "skill over the harder benchmark · best fifth and all: target first"
PARTS_NOTE = (
    "skill over the harder benchmark · best fifth and all: target first · ranges of 10 sessions"
)


def draw_card(card: ModelCard, choose_record: Callable[[], None]) -> None:
    """The whole card; what its training did not measure says so.

    Args:
        choose_record: draws the box that chooses whose record is told, above the first part of it.
    """
    parts = []
    if card.refused:
        parts.append(rule(f"{card.refused[:1].upper()}{card.refused[1:]}.", lead="Refused."))
    if card.suspect:
        parts.append(
            rule(f"{card.suspect}. Trust nothing it says until shown otherwise.", lead=LEAK)
        )
    draw(panel(f"{card.version}, {card.stands}", *parts, rule(card.vote, tone=card.vote_tone),
               cells(card.figures), note=f"trained {card.trained}"))  # fmt: skip
    draw(panel("Members", table(MEMBERS, card.members, empty="It has no member."),
               note="weight in the pool, in a usual market"))  # fmt: skip
    choose_record()
    draw(note(card.record_says))
    with st.container(key="split-reliable"):
        near, far = st.columns([1, 1.1], gap="medium")
    with near:
        if card.bins:
            draw(panel(f"Said against came, {card.record}", note=card.bins_note))
            reliability_plot(card.bins, key="reliability")
        else:
            draw(panel("Said against came", note("Not measured.")))
    with far:
        draw(panel("Ranges of the coming sessions",
                   table(COVERAGE, card.coverage, empty="Not measured.")))  # fmt: skip
    with st.container(key="split-leans"):
        near, far = st.columns(2, gap="medium")
    with near:
        draw(panel("Features it leans on", table(LEANS, card.features, empty="Not measured."),
                   note="mean move of the log-odds, newest sessions"))  # fmt: skip
    with far:
        draw(panel("What losing a group costs", table(LEANS, card.groups, empty="Not measured."),
                   note="hundredths of log loss, out of sample"))  # fmt: skip
    for title, rows in (
        (f"By year, {card.record}", card.years),
        (f"By regime as known at the close, {card.record}", card.regimes),
    ):
        draw(panel(title, table(PARTS, rows, empty="Not measured."), note=PARTS_NOTE))
    draw(panel("Beside the baselines, on the same cases",
               table(BASELINES, card.baselines, empty="Not measured."),
               note=BASELINES_NOTE))  # fmt: skip


def reliability_plot(bins: Sequence[Point], *, key: str) -> None:
    """Said against came, ten bins with their intervals and counts, against the diagonal."""
    st.plotly_chart(reliability_figure(bins, palette()), key=key, theme=None, config=BARE)


def reliability_figure(bins: Sequence[Point], colours: Palette) -> go.Figure:
    """The plot over bars of each bin's n; its axes reach as far as the bins and intervals do."""
    (low, high), most = _reach(bins), max(1, *(one.n for one in bins))
    diagonal = {
        "type": "scatter", "x": [low, high], "y": [low, high], "mode": "lines",
        "name": "said is what comes", "hoverinfo": "skip",
        "line": {"color": colours.mute, "width": 1, "dash": "dot"},
    }  # fmt: skip
    axis = {
        "gridcolor": colours.hair, "zeroline": False, "ticksuffix": " %", "range": [low, high],
        "fixedrange": True,
    }  # fmt: skip
    layout = lay_out(colours, height=HEIGHT) | {
        "showlegend": True,
        "hovermode": "closest",
        "margin": {"l": 60, "r": 8, "t": 30, "b": 44},
        "xaxis": axis | {"title": {"text": "Said: target first", "font": {"size": 12}},
                         "anchor": "y2"},
        "yaxis": axis | {"title": {"text": "Came", "font": {"size": 12}, "standoff": 12},
                         "domain": [COUNTS + 0.06, 1.0]},
        "yaxis2": {"domain": [0.0, COUNTS], "showgrid": False, "zeroline": False,
                   "fixedrange": True, "range": [0, 1.1 * most], "tickvals": [most],
                   "ticktext": [f"n {group(str(most))}"]},
    }  # fmt: skip
    drawn = [diagonal, _points(bins, colours), _counts(bins, colours, high - low)]
    return go.Figure({"data": drawn, "layout": layout})


def _points(bins: Sequence[Point], colours: Palette) -> dict[str, object]:
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [100 * one.said for one in bins],
        "y": [100 * one.came for one in bins],
        "customdata": [[one.n, 100 * one.low, 100 * one.high] for one in bins],
        "error_y": {
            "type": "data",
            "symmetric": False,
            "array": [100 * max(0.0, one.high - one.came) for one in bins],
            "arrayminus": [100 * max(0.0, one.came - one.low) for one in bins],
            "color": colours.buy,
            "thickness": 1,
            "width": 3,
        },
        "name": "a tenth of the cases, 95 %",
        "marker": {"color": colours.buy, "size": 7},
        "hovertemplate": "said %{x:.1f} %, came %{y:.1f} % (%{customdata[1]:.1f} to "
        "%{customdata[2]:.1f} %), n %{customdata[0]}<extra></extra>",
    }


def _counts(bins: Sequence[Point], colours: Palette, span: float) -> dict[str, object]:
    """How many cases that do not overlap each bin was measured on."""
    return {
        "type": "bar", "yaxis": "y2", "showlegend": False,
        "x": [100 * one.said for one in bins], "y": [one.n for one in bins],
        "width": BAR * span, "marker": {"color": colours.mute},
        "hovertemplate": "n %{y}<extra></extra>",
    }  # fmt: skip


def _reach(bins: Sequence[Point]) -> tuple[float, float]:
    ends = [100 * end for one in bins for end in (one.said, one.low, one.high)]
    room = ROOM * (max(ends) - min(ends)) + 1.0
    return max(0.0, min(ends) - room), min(100.0, max(ends) + room)
