"""The rows and the record of the Audit page."""

from __future__ import annotations

from core.views.audit import Choice, RecordView, StepRow
from ui.markup import Markup, fill
from ui.parts import key_values, note, panel, tag


def choice_row(one: Choice) -> Markup:
    """Time, side, symbol; account and words."""
    return fill(
        '<div class="m-rowhead"><span class="m-mute">{time}</span>{tag}<b>{symbol}</b>'
        '<span class="end">{words}</span></div><div class="m-mute m-sm">{account}</div>',
        time=one.time, tag=tag(one.tag), symbol=one.symbol, words=one.words, account=one.account,
    )  # fmt: skip


def step_row(one: StepRow) -> Markup:
    """Time, name, words; the proof under them."""
    return fill(
        '<div class="m-step"><span class="m-mute">{time}</span><b class="{css}">{name}</b>'
        '<div>{words}<div class="m-mute m-sm">{detail}</div></div></div>',
        time=one.time, name=one.name, words=one.words, detail=one.detail,
        css="m-loss" if one.refused else "",
    )  # fmt: skip


def record(view: RecordView) -> Markup:
    """What is stored, the source's own words, and the seal."""
    quote = fill('<div class="m-quote">“{text}”</div>', text=view.quote) if view.quote else ""
    sealed = key_values(view.sealed) if view.sealed else note("Sealed with the step it led to.")
    return fill(
        "{stored}{source}{seal}",
        stored=panel("3 Read the record", key_values(view.pairs), note=view.title),
        source=panel("The source", Markup(quote), note="as received") if quote else "",
        seal=panel("In the record", sealed, note="hash worked out again now"),
    )
