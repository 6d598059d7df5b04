"""Trained models by role: what each measured, and where its files stand."""

from __future__ import annotations

from typing import Literal

from sqlalchemy import select
from sqlmodel import Session

from core.domain.research import ModelVersion
from core.store.codec import to_json
from core.store.sql import flat, upsert, value_of, values_of
from core.store.tables_research import models

Role = Literal["primary", "meta"]
COLUMNS = ("version", "trained_at", "has_vote")


def put(tx: Session, model: ModelVersion, *, role: Role = "primary") -> None:
    """Keep a trained model."""
    upsert(tx, models, [{**flat(model, *COLUMNS), "role": role, "body": to_json(model)}])


def current(tx: Session, role: Role = "primary") -> ModelVersion | None:
    """The model of a role that was trained last, or None."""
    found = select(models.c.body).where(models.c.role == role)
    return value_of(
        tx, ModelVersion, found.order_by(models.c.trained_at.desc(), models.c.version.desc())
    )


def versions(tx: Session, role: Role = "primary") -> list[ModelVersion]:
    """Every model of a role, newest first."""
    found = select(models.c.body).where(models.c.role == role)
    newest = found.order_by(models.c.trained_at.desc(), models.c.version.desc())
    return values_of(tx, ModelVersion, newest)
