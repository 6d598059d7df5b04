"""Trained models by role: what each measured, where its files stand, and which is in use."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sqlalchemy import insert, select
from sqlmodel import Session

from core.domain.research import ModelUse, ModelVersion
from core.errors import NotFound
from core.store.codec import to_json
from core.store.sql import flat, near, upsert, value_of, values_of
from core.store.tables_research import model_uses, models

Role = Literal["primary", "meta"]
COLUMNS = ("version", "trained_at", "has_vote")
U = model_uses.c


def put(tx: Session, model: ModelVersion, *, role: Role = "primary") -> None:
    """Keep a trained model; it is not in use yet."""
    upsert(tx, models, [{**flat(model, *COLUMNS), "role": role, "body": to_json(model)}])


def use(tx: Session, version: str, *, at: datetime, by: str, how: str, back: int) -> ModelUse:
    """Put a primary model and its meta-label to use.

    Args:
        how: what brought it about, one word or two.
        back: the number of the use that a rollback returns to, 0 for none.
    """
    last = in_use(tx)
    chosen = ModelUse(1 + (last.number if last else 0), version, at, by, how, back)
    tx.execute(insert(model_uses).values(**flat(chosen)))
    return chosen


def in_use(tx: Session) -> ModelUse | None:
    """The newest choice, or None before the first."""
    row = tx.execute(select(model_uses).order_by(U.number.desc()).limit(1)).mappings().first()
    return ModelUse(**row) if row else None


def use_of(tx: Session, number: int) -> ModelUse | None:
    """One choice by its number, or None."""
    row = tx.execute(select(model_uses).where(U.number == number)).mappings().first()
    return ModelUse(**row) if row else None


def uses(tx: Session) -> list[ModelUse]:
    """Every choice, newest first."""
    rows = tx.execute(select(model_uses).order_by(U.number.desc())).mappings()
    return [ModelUse(**row) for row in rows]


def current(tx: Session, role: Role = "primary") -> ModelVersion | None:
    """The model in use, or the meta-label of its training; None before the first."""
    chosen = in_use(tx)
    if chosen is None:
        return None
    primary = _of(tx, chosen.version, "primary")
    if primary is None or role == "primary":
        return primary
    return _of(tx, primary.meta, "meta")


def by_version(tx: Session, version: str, role: Role = "primary") -> ModelVersion:
    """One model; raises NotFound with the versions most like it."""
    found = _of(tx, version, role)
    if found is None:
        there = near(version, [one.version for one in versions(tx, role)])
        raise NotFound(f"no model {version}; {there}")
    return found


def find(tx: Session, version: str, role: Role = "primary") -> ModelVersion | None:
    """One model, or None; in use or not."""
    return _of(tx, version, role)


def versions(tx: Session, role: Role = "primary") -> list[ModelVersion]:
    """Every model of a role, newest first."""
    found = select(models.c.body).where(models.c.role == role)
    newest = found.order_by(models.c.trained_at.desc(), models.c.version.desc())
    return values_of(tx, ModelVersion, newest)


def _of(tx: Session, version: str, role: Role) -> ModelVersion | None:
    found = select(models.c.body).where(models.c.version == version, models.c.role == role)
    return value_of(tx, ModelVersion, found)
