"""What a search box finds in the brokers' instrument masters."""

from __future__ import annotations

from dataclasses import dataclass

from core.desk.desk import Desk
from core.domain.instrument import Instrument
from core.domain.listed import Kind
from core.domain.money import Money
from core.store import instruments, masters
from core.store.masters import Found

ROWS = 20
WORDS = {
    Kind.SHARE: "share",
    Kind.OTHER_SHARE: "share, {series}",
    Kind.INDEX: "index",
    Kind.BOND: "series {series}",
    Kind.FUTURE: "future",
    Kind.OPTION: "option",
}
BROKERS = {"kite": "Kite", "upstox": "Upstox", "fyers": "Fyers", "angel": "Angel"}


@dataclass(frozen=True, slots=True)
class SearchRow:
    """One instrument; `followed` when the desk keeps prices of it, so its page opens."""

    symbol: str
    name: str
    isin: str
    exchange: str
    kind: str
    brokers: str  # who lists it, such as "Kite, Upstox"
    tokens: tuple[tuple[str, str, str], ...]  # broker, its name for it, its token
    tick: str  # rupees; empty where it does not trade
    followed: bool


@dataclass(frozen=True, slots=True)
class SearchView:
    """Rows best first; `note` says why there are none."""

    rows: tuple[SearchRow, ...]
    note: str


def find(desk: Desk, text: str, *, limit: int = ROWS) -> SearchView:
    """Instruments by symbol, token, ISIN or words of a name; raises NotFound with no master."""
    found = masters.search(desk.home, text, limit=limit)
    if not found:
        note = f"No instrument is called {text.strip()}." if text.strip() else "Type a name."
        return SearchView((), note)
    with desk.store.read() as tx:
        known = {(one.symbol, one.exchange): one for one in instruments.all_instruments(tx)}
    rows = tuple(_row(one, known.get((one.symbol, one.exchange))) for one in found)
    return SearchView(rows, "")


def _row(found: Found, known: Instrument | None) -> SearchRow:
    first = found.lines[0]
    ticks = [one.tick_paise for one in found.lines if one.tick_paise]
    return SearchRow(
        symbol=found.symbol,
        name=known.name if known else found.name,
        isin=found.isin or (known.isin if known else ""),
        exchange=found.exchange,
        kind=WORDS[found.kind].format(series=first.series),
        brokers=", ".join(dict.fromkeys(BROKERS[one.broker] for one in found.lines)),
        tokens=tuple((BROKERS[one.broker], one.called, one.token) for one in found.lines),
        tick=str(Money(ticks[0])) if ticks else "",
        followed=known is not None,
    )
