"""Panels, tables, cells and meters, as markup for one `st.html` per panel.

Every function takes plain values from `core.views.shown` and returns markup; `draw` is the
only one that touches Streamlit. The classes are those of `ui/desk.css`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import streamlit as st

from core.views.shown import Band, Cell, Cells, Figure, Meter, Tag, Text
from ui.markup import Markup, escape, fill, join


@dataclass(frozen=True, slots=True)
class Column:
    """One table column: which field of a row it shows and how.

    `number` aligns right, `wraps` lets text break, `optional` is left out under 1150 px and
    `spare` under 640 px, where a phone has room for five columns.
    """

    head: str
    field: str
    number: bool = False
    optional: bool = False
    wraps: bool = False
    spare: bool = False
    width: str = ""

    @property
    def css(self) -> str:
        names = {"n": self.number, "opt": self.optional, "w": self.wraps, "spare": self.spare}
        return " ".join(name for name, wanted in names.items() if wanted)


def draw(*parts: Markup) -> None:
    """Put markup on the page as one element."""
    st.html(fill('<div class="m">{body}</div>', body=join(parts)))


def text(value: Text) -> Markup:
    """Toned words with their muted note."""
    css = (f"m-{value.tone}" if value.tone else "") + (" m-b" if value.bold else "")
    shape = '<span class="{css}">{text}</span>'
    if value.link:
        shape = '<a class="{css}" href="{link}" target="_self">{text}</a>'
    body = fill(shape, css=css.strip(), text=value.text, link=value.link)
    note = fill(' <span class="m-mute m-sm">{note}</span>', note=value.note) if value.note else ""
    return join((body, note or Markup("")))


def tag(value: Tag) -> Markup:
    """A small filled word."""
    return fill('<span class="m-tag {tone}">{text}</span>', tone=value.tone, text=value.text)


def meter(value: Meter) -> Markup:
    """A bar of how much is used, with what it becomes behind it and its limit as a line."""
    behind = Markup("")
    if value.after is not None:
        behind = fill(
            '<i style="width:{w}%;background:var(--buy);opacity:.5"></i>', w=_percent(value.after)
        )
    limit = Markup("")
    if value.limit_at is not None:
        limit = fill('<b style="left:{w}%"></b>', w=_percent(value.limit_at))
    return fill(
        '<span class="m-bar">{behind}<i class="{state}" style="width:{w}%"></i>{limit}</span>',
        behind=behind,
        state=value.state if value.after is None else "",
        w=_percent(value.used),
        limit=limit,
    )


def band(value: Band) -> Markup:
    """The interval in grey, the point thick, the base rate thin and orange."""
    base = Markup("")
    if value.base is not None:
        base = fill(
            '<b style="left:{at}%;width:1px;background:var(--sell)"></b>', at=_percent(value.base)
        )
    return fill(
        '<span class="m-bar" style="min-width:96px"><i style="left:{low}%;width:{w}%"></i>'
        '<b style="left:{at}%"></b>{base}</span>',
        low=_percent(value.low),
        w=_percent(value.high - value.low),
        at=_percent(value.point),
        base=base,
    )


def cell(value: Cells) -> Markup:
    """One table cell: text, tag, meter, band, or several of them with a blank between."""
    if isinstance(value, tuple):
        return join((cell(one) for one in value), " ")
    return _cell(value)


def table(
    columns: Sequence[Column], rows: Iterable[object], *, empty: str = "", tall: bool = False
) -> Markup:
    """Rows of any dataclass whose fields are cells; its `mark` field colours the row.

    Without rows, `empty` says why and what comes next. A `tall` one scrolls under its head.
    """
    body = [_row(columns, row) for row in rows]
    if not body and empty:
        return note(empty)
    head = join(
        fill(
            '<th class="{css}"{width}>{head}</th>',
            css=column.css,
            width=fill(' style="width:{w}"', w=column.width) if column.width else Markup(""),
            head=column.head,
        )
        for column in columns
    )
    named = any(column.head for column in columns)
    return fill(
        '<div class="{css}"><table class="m-t">{head}<tbody>{body}</tbody></table></div>',
        css="m-scroll m-tall" if tall else "m-scroll",
        head=fill("<thead><tr>{head}</tr></thead>", head=head) if named else "",
        body=join(body),
    )


def panel(title: str, *body: Markup, note: str = "") -> Markup:
    """A headed part of a page; the head says its age or n on the right."""
    return fill(
        '<section class="m m-p m-panel"><div class="m-h">{title}<span>{note}</span></div>'
        "{body}</section>",
        title=title,
        note=note,
        body=join(body),
    )


def note(sentence: str) -> Markup:
    """One grey sentence, for what is empty or needs a word; no sentence draws nothing."""
    if not sentence:
        return Markup("")
    return fill('<p class="m-note m-mute">{sentence}</p>', sentence=sentence)


def rule(sentence: str, *, tone: str = "loss", lead: str = "") -> Markup:
    """A sentence with a coloured rule at its left: what failed, what holds, what to do."""
    return fill(
        '<p class="m-rule m-rule-{tone}"><b>{lead}</b> {sentence}</p>',
        tone=tone,
        lead=lead,
        sentence=sentence,
    )


def lines(sentences: Iterable[str]) -> Markup:
    """Sentences under each other."""
    return join(fill("<div>{line}</div>", line=line) for line in sentences)


def key_values(pairs: Iterable[tuple[str, Cells]]) -> Markup:
    """Names at the left, values at the right."""
    body = join(
        fill("<span>{name}</span><span>{value}</span>", name=name, value=cell(value))
        for name, value in pairs
    )
    return fill('<div class="m-kv">{body}</div>', body=body)


def strip(pairs: Iterable[tuple[str, Cells]]) -> Markup:
    """Names with their values on one line."""
    body = join(
        fill('<span><span class="m-mute">{k}</span> {v}</span>', k=name, v=cell(value))
        for name, value in pairs
    )
    return fill('<div class="m-strip">{body}</div>', body=body)


def cells(figures: Iterable[Figure], *, compact: bool = False) -> Markup:
    """A bordered strip of figures."""
    body = join(fill("<div>{figure}</div>", figure=_figure(one)) for one in figures)
    css = "m-cells m-cells-compact" if compact else "m-cells"
    return fill('<div class="{css}">{body}</div>', css=css, body=body)


def figures(shown: Iterable[Figure]) -> Markup:
    """A bare row of figures."""
    body = join(fill("<div>{figure}</div>", figure=_figure(one)) for one in shown)
    return fill('<div class="m-fig">{body}</div>', body=body)


def _figure(one: Figure) -> Markup:
    css = f"m-{one.tone}" if one.tone else ""
    detail = (
        fill('<small class="m-{t}">{d}</small>', t=one.detail_tone, d=one.detail)
        if one.detail
        else Markup("")
    )
    return fill(
        '<small>{label}</small><b class="{css}">{value}</b>{detail}',
        label=one.label,
        css=css,
        value=one.value,
        detail=detail,
    )


def _row(columns: Sequence[Column], row: object) -> Markup:
    body = join(
        fill('<td class="{css}">{cell}</td>', css=column.css, cell=cell(getattr(row, column.field)))
        for column in columns
    )
    return fill('<tr class="{mark}">{body}</tr>', mark=getattr(row, "mark", ""), body=body)


def _cell(value: Cell) -> Markup:
    if isinstance(value, Text):
        return text(value)
    if isinstance(value, Tag):
        return tag(value)
    if isinstance(value, Meter):
        return meter(value)
    if isinstance(value, Band):
        return band(value)
    return escape(value)


def _percent(fraction: float) -> str:
    return f"{min(max(fraction, 0.0), 1.0) * 100:.1f}"
