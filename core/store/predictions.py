"""What models said about each instrument, and when."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import Session

from core.domain.research import Prediction
from core.store.codec import to_json
from core.store.sql import flat, parts, upsert, values_of
from core.store.tables_research import predictions

P = predictions.c
COLUMNS = ("isin", "as_of", "model_version", "symbol", "direction")


def put(tx: Session, made: Sequence[Prediction]) -> None:
    """Keep predictions; one made again for the same moment by the same model replaces itself."""
    rows = [
        {
            **flat(one, *COLUMNS),
            "edge": None if math.isnan(one.edge) else one.edge,
            "body": to_json(one),
        }
        for one in made
    ]
    upsert(tx, predictions, rows)


def latest(tx: Session) -> list[Prediction]:
    """The newest prediction of each instrument, by symbol."""
    newest = select(P.isin, func.max(P.as_of).label("as_of")).group_by(P.isin).subquery()
    same = (P.isin == newest.c.isin) & (P.as_of == newest.c.as_of)
    found = select(P.body).join(newest, same).order_by(P.symbol, P.isin, P.model_version)
    by_isin = {one.isin: one for one in values_of(tx, Prediction, found)}
    return list(by_isin.values())


def newest_at(tx: Session) -> datetime | None:
    """When the newest prediction of any instrument was made; None before the first."""
    each = select(func.max(P.as_of).label("as_of")).group_by(P.isin).subquery()
    found: datetime | None = tx.execute(select(func.max(each.c.as_of))).scalar()
    return found


def moments(tx: Session, model_version: str) -> list[datetime]:
    """When a model said something, each moment once, oldest first."""
    found = select(P.as_of).where(P.model_version == model_version).distinct().order_by(P.as_of)
    return list(tx.execute(found).scalars())


def said_at(tx: Session, model_version: str, at: Sequence[datetime]) -> list[Prediction]:
    """What a model said at some moments, oldest first."""
    found: list[Prediction] = []
    for lot in parts(list(at)):
        there = select(P.body).where(P.model_version == model_version, P.as_of.in_(lot))
        found += values_of(tx, Prediction, there.order_by(P.as_of, P.isin))
    return found


def of_isin(tx: Session, isin: str, limit: int = 100) -> list[Prediction]:
    """The newest predictions of one instrument, newest first."""
    found = select(P.body).where(P.isin == isin).order_by(P.as_of.desc(), P.model_version)
    return values_of(tx, Prediction, found.limit(limit))


def moments_of_isin(tx: Session, isin: str, *, since: datetime) -> list[datetime]:
    """When one instrument was predicted from a moment on, oldest first."""
    found = select(P.as_of).where(P.isin == isin, P.as_of >= since).distinct().order_by(P.as_of)
    return list(tx.execute(found).scalars())


def made_at(tx: Session, isin: str, at: Sequence[datetime]) -> list[Prediction]:
    """One instrument's predictions of some moments, oldest first."""
    found: list[Prediction] = []
    for some in parts(at):
        chosen = select(P.body).where(P.isin == isin, P.as_of.in_(some))
        found += values_of(tx, Prediction, chosen.order_by(P.as_of, P.model_version))
    return found
