"""The data-quality tab: every share that is not whole, the worst first, and what was looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from core.desk.desk import Desk
from core.desk.quality_now import Standing, standings
from core.domain.quality import FLOOR, WHOLE, WORDS, Finding
from core.store import bars, instruments
from core.store import quality as rows
from core.views.shown import Tag, Text

UNCHECKED = "No prices were checked yet; a scan checks them, or munim data quality --all."
RECENT_FINDINGS = 200  # lines of the list; older ones are counted


@dataclass(frozen=True, slots=True)
class ShareRow:
    """One share; `score` guards new cards, and `findings` counts all that is stored."""

    isin: str
    symbol: str
    score: int
    tag: Tag
    is_blocked: bool
    findings: int
    accepted: int
    newest: str
    kinds: str
    sentence: str


@dataclass(frozen=True, slots=True)
class FindingRow:
    """One finding; `can_accept` is False once somebody did."""

    isin: str
    symbol: str
    session: date
    kind: Text
    sentence: str
    can_accept: bool
    accepted_by: str


@dataclass(frozen=True, slots=True)
class QualityView:
    """What the tab shows; `sentence` says how many shares are whole and up to when."""

    sentence: str
    blocked: int
    rows: tuple[ShareRow, ...]
    findings: tuple[FindingRow, ...]
    more: int


def quality_view(desk: Desk, *, symbol: str = "") -> QualityView:
    """Everything not whole, or one share's; raises NotFound for a symbol nobody lists."""
    with desk.store.read() as tx:
        listed = {one.isin: one.symbol for one in instruments.all_instruments(tx)}
        asked = [instruments.by_symbol(tx, symbol.upper()).isin] if symbol else None
        last = rows.checked(tx)
        if last is None:
            return QualityView(UNCHECKED, 0, (), (), 0)
        found = rows.findings(tx, isins=asked)
        now = standings(tx, desk.calendar, today=last.until)
        stored = bars.most_sessions(tx)
    shares = _shares(found, listed, now)
    shown = sorted(found, key=lambda one: (one.session, one.isin), reverse=True)
    blocked = sum(row.is_blocked for row in shares)
    return QualityView(
        sentence=_sentence(len(listed), len(shares), blocked, stored, last.until),
        blocked=blocked,
        rows=shares,
        findings=tuple(_line(one, listed) for one in shown[:RECENT_FINDINGS]),
        more=max(0, len(shown) - RECENT_FINDINGS),
    )


def _sentence(listed: int, flawed: int, blocked: int, sessions: int, until: date) -> str:
    whole = f"{listed - flawed} of {listed} shares have no flaw in {sessions} sessions to {until}"
    if not blocked:
        return f"{whole}; none is blocked."
    return f"{whole}; {blocked} score below {FLOOR} and get no new card."


def _shares(
    found: list[Finding], listed: dict[str, str], now: Mapping[str, Standing]
) -> tuple[ShareRow, ...]:
    by_isin: dict[str, list[Finding]] = {}
    for one in found:
        by_isin.setdefault(one.isin, []).append(one)
    made = [_share(isin, of, listed, now.get(isin)) for isin, of in by_isin.items()]
    return tuple(sorted(made, key=lambda row: (row.score, row.symbol)))


def _share(
    isin: str, found: list[Finding], listed: dict[str, str], now: Standing | None
) -> ShareRow:
    score = WHOLE if now is None else int(now.score)
    counts = {one.kind: sum(other.kind is one.kind for other in found) for one in found}
    kinds = ", ".join(f"{WORDS[kind]} {count}" for kind, count in counts.items())
    blocked = now is not None and now.blocks
    newest = max(found, key=lambda one: one.session)
    return ShareRow(
        isin=isin,
        symbol=listed.get(isin, isin),
        score=score,
        tag=Tag("blocked", "bad") if blocked else Tag("tradable", "ok"),
        is_blocked=blocked,
        findings=len(found),
        accepted=sum(bool(one.accepted_by) for one in found),
        newest=newest.session.isoformat(),
        kinds=kinds,
        sentence=now.sentence if now is not None and now.sentence else newest.sentence,
    )


def _line(one: Finding, listed: dict[str, str]) -> FindingRow:
    return FindingRow(
        isin=one.isin,
        symbol=listed.get(one.isin, one.isin),
        session=one.session,
        kind=Text(WORDS[one.kind], "mute" if one.accepted_by else "warn"),
        sentence=one.sentence,
        can_accept=not one.accepted_by,
        accepted_by=one.accepted_by,
    )
