"""Store a decision and, when it wrote one, its card and the belief behind it.

A card's belief is that of its newest version, which is the one a person says yes or no to.
"""

from __future__ import annotations

from sqlmodel import Session

from core.desk.desk import Desk
from core.domain.card import Card
from core.domain.decision import Decision
from core.domain.research import Hypothesis
from core.store import audit, cards, decisions, hypotheses


def record(desk: Desk, decision: Decision) -> None:
    """One transaction: the decision, the card, the hypothesis, the audit entry."""
    card = decision.card
    with desk.store.write() as tx:
        decisions.put(tx, decision)
        if card is None:
            return
        cards.put(tx, card)
        _believe(tx, card)
        audit.append(
            tx,
            at=card.written_at,
            actor="worker",
            verb="card",
            subject=card.id,
            body={
                "version": card.version,
                "bound_hash": card.bound_hash,
                "trigger": card.trigger,
                "decision": decision.id,
                "fingerprint": decision.features.fingerprint if decision.features else "",
            },
        )


def _believe(tx: Session, card: Card) -> None:
    belief = Hypothesis(
        card_id=card.id,
        account_id=card.account_id,
        isin=card.isin,
        strategy=card.signal.strategy,
        as_of=card.written_at,
        p_target=card.signal.target_first.p,
        n=card.signal.target_first.n,
        has_vote=card.signal.has_vote,
        entry=card.bracket.worst_entry,
        stop=card.bracket.stop,
        target=card.bracket.target,
        horizon_sessions=card.horizon_sessions,
    )
    if not hypotheses.put(tx, belief):
        hypotheses.save(tx, belief)
