from datetime import UTC, datetime

from core.audit.words import sentence
from core.domain.audit import GENESIS, AuditEntry, canonical

AT = datetime(2026, 11, 20, 4, 30, 5, tzinfo=UTC)


def entry(verb: str, subject: str, **body: object) -> AuditEntry:
    return AuditEntry(
        seq=1,
        at=AT,
        actor="me",
        verb=verb,
        subject=subject,
        body=canonical(body),
        prev_hash=GENESIS,
        hash="",
    )


def test_an_approval_reads_as_a_sentence_in_indian_time():
    said = sentence(entry("approve", "cd1", qty=10))
    assert "10:00" in said
    assert said.endswith("me approved cd1 (qty 10).")


def test_paise_are_said_in_rupees():
    said = sentence(entry("deposit", "acc1", amount_paise=12_34_567_50, reference=""))
    assert said.endswith("me paid into acc1 (amount ₹12,34,567.50).")


def test_lists_and_flags_are_said_plainly():
    said = sentence(entry("watchlist", "banks", isins=["A", "B"], kept=True, more={"x": False}))
    assert said.endswith("me changed watchlist banks (isins A B, kept yes, more x no).")


def test_an_unknown_verb_is_said_as_it_is():
    assert sentence(entry("sang", "a song")).endswith("me sang a song.")
