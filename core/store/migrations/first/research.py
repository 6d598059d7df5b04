"""Tables of research in the first revision."""

from __future__ import annotations

from core.store.migrations.kinds import flag, index, make, moment, name, number, whole, words


def research() -> None:
    """Predictions, models, hypotheses and playbooks."""
    make(
        "predictions",
        name("isin"),
        moment("as_of"),
        name("model_version"),
        name("symbol"),
        whole("direction"),
        number("edge", nullable=True),
        words("body"),
        key=("isin", "as_of", "model_version"),
    )
    make(
        "models",
        name("version"),
        name("role"),
        moment("trained_at"),
        flag("has_vote"),
        words("body"),
        key=("version", "role"),
    )
    index("models", "role", "trained_at")
    make(
        "hypotheses",
        name("card_id"),
        name("account_id"),
        name("isin"),
        moment("as_of"),
        flag("taken"),
        name("outcome"),
        words("body"),
        key=("card_id",),
    )
    index("hypotheses", "as_of")
    index("hypotheses", "outcome")
    make(
        "playbooks",
        name("name"),
        words("body"),
        key=("name",),
    )
