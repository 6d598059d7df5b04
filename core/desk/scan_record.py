"""A scan written down for whoever asks why an account did not get a share."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from core.desk.known import Known
from core.domain.decision import Decision
from core.domain.scanned import AccountScan, Placed, RiskShare, ScanRecord, TurnedDown
from core.mandates.filters import why
from core.mandates.reach import reach

if TYPE_CHECKING:
    from core.desk.scan import Choice


def scan_record(
    known: Known,
    chosen: Mapping[str, tuple[Choice, ...]],
    made: Sequence[Decision],
    *,
    no_signal: Mapping[str, Sequence[str]],
) -> ScanRecord:
    """Every share before every account: without a signal, turned down, placed or asked about."""
    by_share = {(one.account_id, one.isin): one.id for one in made}
    return ScanRecord(
        at=known.at,
        shares=len(known.predictions),
        candidates=len({one.isin for one in made}),
        no_signal=tuple(
            (reason, tuple(sorted(known.predictions[isin].symbol for isin in isins)))
            for reason, isins in sorted(no_signal.items())
        ),
        accounts=tuple(_of_account(known, name, chosen[name], by_share) for name in sorted(chosen)),
    )


def _of_account(
    known: Known, name: str, made: Sequence[Choice], by_share: Mapping[tuple[str, str], str]
) -> AccountScan:
    ordered = [row for one in made for row in one.order]
    return AccountScan(
        account_id=name,
        account_name=known.accounts[name].name,
        objective=known.mandate(name).objective,
        looked_at=sum(len(one.slate) for one in made),
        kept=sum(len(one.found.kept) for one in made),
        filters=tuple(row for one in made for row in _turned_down(one)),
        placed=tuple(
            Placed(
                place=row.place,
                symbol=row.symbol,
                words=row.words,
                asked=(name, row.isin) in by_share,
                decision_id=by_share.get((name, row.isin), ""),
            )
            for row in ordered
            if row.words
        ),
        beyond=tuple(row.symbol for row in ordered if not row.words),
        volatility=_volatility(known, name, made[0]),
        waiting=known.offered.get(name, 0),
        risks=_risks(known, name, made[0]),
    )


def _risks(known: Known, name: str, made: Choice) -> tuple[RiskShare, ...]:
    """What each position adds to the account's volatility, the most first."""
    found = made.slate.risks(known.book(name))
    rows = [
        RiskShare(known.instruments[isin].symbol if isin in known.instruments else isin, *both)
        for isin, both in found.items()
    ]
    return tuple(sorted(rows, key=lambda row: (-row.adds, row.symbol)))


def _volatility(known: Known, name: str, made: Choice) -> str:
    """Where the account's book stands beside its target."""
    book = known.book(name)
    variance, _ = made.slate.pulled(book)
    vol = math.sqrt(max(0.0, variance)) if math.isfinite(variance) else math.nan
    return reach(made.standing.mandate, book, vol).words


def _turned_down(made: Choice) -> list[TurnedDown]:
    """Each filter that turned something down, its symbols by name."""
    rows = []
    for name, _ in made.found.counts:
        places = sorted(
            (int(at) for at in made.found.turned_down(name)),
            key=lambda at: made.slate.shares[at].symbol,
        )
        whys = tuple(why(made.slate, made.standing, made.found, at) for at in places)
        same = len(set(whys)) == 1
        symbols = tuple(made.slate.shares[at].symbol for at in places)
        rows.append(TurnedDown(name, symbols, whys[:1] if same else whys))
    return rows
