"""Tactical rules by name."""

from __future__ import annotations

from sqlalchemy import select
from sqlmodel import Session

from core.domain.signal import Playbook
from core.store.codec import to_json
from core.store.sql import upsert, values_of
from core.store.tables_research import playbooks


def put(tx: Session, playbook: Playbook) -> None:
    """Add a playbook, or replace the one of that name."""
    upsert(tx, playbooks, [{"name": playbook.name, "body": to_json(playbook)}])


def all_playbooks(tx: Session) -> list[Playbook]:
    """Every playbook, by name."""
    return values_of(tx, Playbook, select(playbooks.c.body).order_by(playbooks.c.name))
