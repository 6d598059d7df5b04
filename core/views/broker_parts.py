"""Parts of a login's panel: its figures, the limits it used, and rows with a tick or a cross."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.desk.desk import Desk
from core.domain.account import BrokerLogin
from core.domain.capability import CAPABILITIES, Rates
from core.domain.login import LoginState, SessionStatus
from core.domain.money import group
from core.domain.words import age, counted, ist_time
from core.views.ages import real_age
from core.views.shown import Cells, Figure, Meter, RowMark, Text

S = SessionStatus
LATE = 5.0  # seconds without an answer that make a read late, where nothing makes it slower
SOON = 1800.0  # seconds of a token's life under which it is amber
KINDS = {"order writes": "Order writes", "quotes": "Quotes", "history": "Candles", "other": "Reads"}


@dataclass(frozen=True, slots=True)
class UseRow:
    """Requests of one kind in the last second, minute and day, and how near the tightest limit."""

    kind: str
    second: str
    minute: str
    day: str
    meter: Cells
    mark: RowMark = ""


@dataclass(frozen=True, slots=True)
class CheckRow:
    """A call that was or was not seen with a real answer, or a row of the doctor."""

    ok: Text
    name: str
    sentence: str
    mark: RowMark = ""


def figures_of(
    desk: Desk,
    login: BrokerLogin,
    state: LoginState | None,
    status: SessionStatus,
    facts: dict[str, Any],
    compared: datetime | None,
) -> tuple[Figure, ...]:
    """Who is logged in, the token's life, and how reads, clock and stream are."""
    user = state.user if state and state.user else "nobody"
    return (
        Figure("Logged in as", user, f"expected {login.user_id}"),
        _token(desk, state),
        _last_read(desk, state, facts, compared),
        _clock(login, facts),
        _stream(facts, open_=status is S.OPEN),
    )


def _token(desk: Desk, state: LoginState | None) -> Figure:
    if state is None or state.expires_at is None:
        return Figure("Token", "none", "a person logs in")
    left = (state.expires_at - desk.clock.now()).total_seconds()
    if left <= 0:
        return Figure("Token", "ended", f"at {ist_time(state.expires_at, seconds=False)}", "loss")
    ends = f"ends {ist_time(state.expires_at, seconds=False)}"
    return Figure("Token life left", age(left), ends, "warn" if left < SOON else "")


def _last_read(
    desk: Desk, state: LoginState | None, facts: Mapping[str, Any], compared: datetime | None
) -> Figure:
    """When the broker was read last; without a session, when it was compared before that ended."""
    if state is None or state.read_at is None:
        if compared is None:
            return Figure("Last read", "never", "of the order book")
        return Figure(
            "Last read", age(real_age(desk, compared)), "before the session ended", "warn"
        )
    old, every = real_age(desk, state.read_at), float((facts.get("asked") or {}).get("every", 0))
    late = old > max(LATE, 2 * every)
    return Figure("Last read", age(old), f"at {ist_time(state.read_at)}", "warn" if late else "")


def _clock(login: BrokerLogin, facts: dict[str, Any]) -> Figure:
    skew = facts.get("skew")
    if login.is_sandbox:
        told = "told each second" if login.control else "its own, no control address"
        return Figure("Clock", "shared" if login.control else "apart", told)
    if skew is None:
        return Figure("Clock", "–", "not told yet")
    return Figure(
        "Clock skew", f"{skew:+.1f} s", "theirs less ours", "loss" if abs(skew) > 2 else ""
    )


def _stream(facts: dict[str, Any], *, open_: bool) -> Figure:
    stream = facts.get("stream")
    if not stream or not open_:
        return Figure("Stream", "closed", "")
    if not stream["connected"]:
        return Figure("Stream", "down", stream["trouble"] or "connecting; reads go on", "warn")
    old = stream["tick_age"]
    shares = counted(stream["subscribed"], "share")
    last = f"tick {age(old)} ago" if old is not None else "no tick yet"
    refused = f", {stream['rejected']} refused" if stream["rejected"] else ""
    return Figure("Stream", "stalled" if stream["stalled"] else "up", f"{shares}, {last}{refused}",
                  "warn" if stream["stalled"] else "")  # fmt: skip


def use_rows(
    login: BrokerLogin, facts: Mapping[str, Any], *, sent_today: int = 0
) -> tuple[UseRow, ...]:
    """One row for each kind of request, and one for a broker's long window of reads.

    `sent_today` are the stored sends of orders, which a restart of the worker does not forget.
    """
    rows = tuple(
        _use(login, kind, second, minute, max(day, sent_today if kind == "order writes" else 0))
        for kind, second, minute, day in facts.get("uses", [])
    )
    asked = facts.get("asked")
    if not asked:
        return rows
    used, most = int(asked["used"]), int(asked["most"])
    share = used / most
    long = f"{group(str(used))} / {group(str(most))}"
    return (*rows, UseRow(f"Reads in {asked['window']}", "", long, "", Meter(share), _red(share)))


def uses_note(facts: Mapping[str, Any]) -> str:
    """Who counts, and how often the worker looks where the broker's window makes it slower."""
    asked = facts.get("asked")
    if not asked:
        return "by this worker"
    told = "the stream tells of changes" if asked["told"] else "no stream tells of changes"
    return f"by this worker, looks every {age(float(asked['every']))}; {told}"


def _use(login: BrokerLogin, kind: str, *counts: int) -> UseRow:
    can = CAPABILITIES[login.broker]
    limits = {"order writes": can.writes, "other": can.reads}.get(kind, Rates(None, None, None))
    pairs = list(zip(counts, (limits.second, limits.minute, limits.day), strict=True))
    second, minute, today = (
        f"{group(str(count))} / {group(str(limit))}" if limit else group(str(count))
        for count, limit in pairs
    )
    shares = [count / limit for count, limit in pairs if limit]
    meter = Meter(max(shares)) if shares else "–"
    return UseRow(KINDS.get(kind, kind), second, minute, today, meter, _red(max(shares, default=0)))


def _red(share: float) -> RowMark:
    return "red" if share >= 1 else ""


def check_row(name: str, ok: bool, why: str) -> CheckRow:
    """A sentence with its tick or cross."""
    mark = Text("✓", "gain") if ok else Text("✕", "loss", bold=True)
    return CheckRow(mark, name, why)


def calls_note(facts: dict[str, Any]) -> str:
    """How many calls were seen with a real answer."""
    calls = facts.get("calls", [])
    if not calls:
        return "after the first login"
    return f"{sum(bool(ok) for _, ok, _ in calls)} of {len(calls)} read from a recorded real answer"
