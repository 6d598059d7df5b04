"""The intake talk of one account: each turn is kept as a draft, and a yes signs its outcome.

Nothing but the draft is written before `sign_talk`; the account's mandate stands until then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from core.desk.desk import Desk
from core.desk.fund import plan_funding
from core.desk.mandate import sign
from core.domain.clock import ist_day
from core.domain.instrument import Instrument
from core.domain.mandate import Mandate
from core.errors import BadInput
from core.mandates import intake
from core.store import accounts, audit, drafts, funding, instruments, mandates

WORDS_MAX = 500


@dataclass(frozen=True, slots=True)
class Turn:
    """One thing said, by the desk or by the person."""

    by_desk: bool
    text: str


@dataclass(frozen=True, slots=True)
class Talk:
    """A talk as it stands; `saved_at` is None before the first answer."""

    account_id: str
    draft: dict[str, Any]
    turns: tuple[Turn, ...]
    saved_at: datetime | None


def talk_of(desk: Desk, account_id: str) -> Talk:
    """The talk that was left, or a new one; raises NotFound for an unknown account."""
    with desk.store.read() as tx:
        account = accounts.by_id(tx, account_id)
        kept = drafts.load(tx, _key(account_id))
    if kept is None:
        draft = intake.start(account_id, account.name)
        return Talk(account_id, draft, (_first(draft),), None)
    turns = tuple(Turn(bool(by_desk), str(text)) for by_desk, text in kept["turns"])
    return Talk(account_id, kept["draft"], turns, datetime.fromisoformat(kept["saved_at"]))


def answer(desk: Desk, account_id: str, text: str) -> Talk:
    """One turn: what the person said, and the desk's reply; the draft is saved."""
    words = text.strip()
    if len(words) > WORDS_MAX:
        raise BadInput(f"that is {len(words)} characters; say it in {WORDS_MAX} or fewer")
    before = talk_of(desk, account_id)
    draft, said = intake.reply(before.draft, words, universe=_universe(desk))
    talk = replace(
        before,
        draft=draft,
        turns=(*before.turns, Turn(False, words), Turn(True, said)),
        saved_at=desk.clock.now(),
    )
    _save(desk, talk)
    return talk


def start_again(desk: Desk, account_id: str) -> None:
    """Forget the draft; the signed mandate is not touched."""
    with desk.store.write() as tx:
        drafts.drop(tx, _key(account_id))


def outcome_of(desk: Desk, talk: Talk) -> intake.Outcome:
    """What the talk would sign; raises BadInput while a question is open or answers disagree."""
    with desk.store.read() as tx:
        version = mandates.current(tx, talk.account_id).version + 1
    at = desk.clock.now()
    return intake.finish(talk.draft, version=version, signed_at=at, starts_on=ist_day(at))


def sign_talk(desk: Desk, account_id: str, *, by: str) -> Mandate:
    """Sign what the talk came to: the mandate, the funding plan and how each was said."""
    talk = talk_of(desk, account_id)
    made = outcome_of(desk, talk)
    signed = sign(desk, made.mandate, by=by)
    with desk.store.read() as tx:
        standing = funding.current(tx, account_id)
    version = standing.version + 1 if standing else 1
    plan_funding(desk, replace(made.funding, version=version), by=by)
    with desk.store.write() as tx:
        audit.append(
            tx,
            at=desk.clock.now(),
            actor=by,
            verb="intake",
            subject=account_id,
            body={"mandate": signed.version, "funding": version, "said": list(made.log)},
        )
        drafts.drop(tx, _key(account_id))
    return signed


def _first(draft: dict[str, Any]) -> Turn:
    question = intake.next_question(draft)
    ask = question.ask if question else "Name what to change."
    return Turn(True, f"{ask} Answer in your own words, or say “suggest”.")


def _save(desk: Desk, talk: Talk) -> None:
    assert talk.saved_at is not None
    with desk.store.write() as tx:
        drafts.save(
            tx,
            _key(talk.account_id),
            {
                "draft": talk.draft,
                "turns": [[turn.by_desk, turn.text] for turn in talk.turns],
                "saved_at": talk.saved_at.isoformat(),
            },
        )


def _universe(desk: Desk) -> Sequence[Instrument]:
    with desk.store.read() as tx:
        return instruments.all_instruments(tx)


def _key(account_id: str) -> str:
    return f"intake:{account_id}"
