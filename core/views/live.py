"""What real money takes, login by login, as the worker or `munim doctor --live` saw it last."""

from __future__ import annotations

from dataclasses import dataclass

from core.desk.caps import login_caps
from core.desk.desk import Desk
from core.desk.live import kept_rows, live_words, must_type, why_not_live, why_wrong_mode
from core.desk.live_rows import checks
from core.domain.account import Broker, BrokerLogin, LoginMode
from core.domain.live import DEFAULT_CAPS, Caps, LiveRow, first_failed, typed_words
from core.domain.words import age_of
from core.store import accounts, cards
from core.views.shown import Text, Tone

ELSEWHERE = "site checks"  # asks the page itself, which is busy drawing this


@dataclass(frozen=True, slots=True)
class LiveLine:
    """One row as drawn."""

    ok: Text
    name: str
    sentence: str
    mark: str = ""


@dataclass(frozen=True, slots=True)
class LiveView:
    """One login: its mode, rows and caps, and the words that switch it."""

    id: str
    label: str
    is_live: bool
    at_broker: bool
    sentence: str
    tone: Tone
    note: str
    rows: tuple[LiveLine, ...]
    caps: Caps
    words: str


@dataclass(frozen=True, slots=True)
class LiveClick:
    """Whether a click moves real money, what must be typed for it, and why it would be refused."""

    live: bool
    words: str
    why_not: str


def live_views(desk: Desk) -> list[LiveView]:
    """Logins at real brokers, or the paper login where there is no other."""
    with desk.store.read() as tx:
        known = accounts.logins(tx)
    real = [one for one in known if one.broker is not Broker.PAPER]
    return [_view(desk, one) for one in real or known[:1]]


def live_click(desk: Desk, card_id: str) -> LiveClick:
    """What a click on this card means; raises NotFound."""
    with desk.store.read() as tx:
        card = cards.by_id(tx, card_id)
        login = accounts.login(tx, accounts.by_id(tx, card.account_id).login_id)
        asks = must_type(tx, login, at=desk.clock.now())
        why_not = why_wrong_mode(card, login) or why_not_live(tx, login, at=desk.clock.now())
    live = card.mode is LoginMode.LIVE
    return LiveClick(live, typed_words(card) if asks and live else "", why_not)


def _view(desk: Desk, login: BrokerLogin) -> LiveView:
    with desk.store.read() as tx:
        looked_at, kept = kept_rows(tx, login.id)
        caps = login_caps(tx, login.id) or DEFAULT_CAPS
    rows = kept or [check() for name, check in checks(desk, login) if name != ELSEWHERE]
    failed, passed = first_failed(rows), sum(row.passed for row in rows)
    live = login.mode is LoginMode.LIVE
    if live:
        sentence = "LIVE: its orders move real money." + (
            f" Entries are refused now: {failed.name}: {failed.sentence}." if failed else ""
        )
    else:
        sentence = "PAPER: no order of it moves real money." + (
            f" {len(rows) - passed} of {len(rows)} rows keep it so." if failed else ""
        )
    looked = f"looked at {age_of(looked_at, desk.clock.now())} ago" if looked_at else "as of now"
    return LiveView(
        id=login.id,
        label=login.label,
        is_live=live,
        at_broker=login.broker is not Broker.PAPER,
        sentence=sentence,
        tone="loss" if live else "mute",
        note=f"{passed} of {len(rows)} pass · {looked}",
        rows=tuple(_line(row) for row in rows),
        caps=caps,
        words=live_words(login),
    )


def _line(row: LiveRow) -> LiveLine:
    ok = Text("✓", "gain") if row.passed else Text("✕", "loss", bold=True)
    name = row.name[:1].upper() + row.name[1:]
    return LiveLine(ok, name, row.sentence, mark="" if row.passed else "red")
