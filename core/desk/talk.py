"""The intake talk of one account: each turn is kept as a draft, and a yes signs its outcome.

Nothing but the draft is written before that yes; the account's mandate stands until then. A talk
may also open a new account: until its yes there is only a draft, under `new:` and its name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlmodel import Session

from core.desk.account import NAME_MAX, open_in
from core.desk.books import standing
from core.desk.desk import Desk
from core.desk.fund import plan_in
from core.desk.mandate import sign_in
from core.desk.second_reader import SecondReading, read_again, second_reader
from core.desk.short_cash import free_cash
from core.domain.clock import ist_day
from core.domain.instrument import Instrument
from core.domain.llm import LanguageModel
from core.domain.mandate import Mandate
from core.domain.money import ZERO, Money
from core.domain.words import rupees
from core.errors import BadInput, NotFound, Refused
from core.mandates import intake
from core.mandates.intake_words import FORM
from core.store import accounts, audit, drafts, funding, instruments, ledger, mandates, quotes

WORDS_MAX: Final = intake.TEXT_MAX
KEY, NEW = "intake:", "new:"
OLDER: Final = (
    "The draft that was left is of an older form and cannot go on, so we begin anew; the mandate "
    "that stands is as it was."
)


@dataclass(frozen=True, slots=True)
class Turn:
    """One thing said, by the desk or by the person."""

    by_desk: bool
    text: str


@dataclass(frozen=True, slots=True)
class Talk:
    """A talk as it stands; `saved_at` is None before the first answer.

    `note` is what the language model had to do with the last turn, `signed` what a yes made of
    it, `login_id` where a new account is opened, empty for one that exists.
    """

    account_id: str
    draft: dict[str, Any]
    turns: tuple[Turn, ...]
    saved_at: datetime | None
    note: str = ""
    login_id: str = ""
    signed: Mandate | None = None

    @property
    def is_new(self) -> bool:
        """Whether its yes opens an account."""
        return self.account_id.startswith(NEW)


def talk_of(desk: Desk, account_id: str) -> Talk:
    """The talk that was left, or a new one.

    Raises:
        NotFound: no such account, and no talk about opening it.
    """
    today = ist_day(desk.clock.now())
    with desk.store.read() as tx:
        kept = drafts.load(tx, KEY + account_id)
        known = not account_id.startswith(NEW)
        account = accounts.by_id(tx, account_id) if known else None
        cash = free_cash(tx, account_id) if known else ZERO
        held = _held(tx, account_id, cash) if known else ZERO
    if kept is None or kept["draft"].get("form") != FORM:
        if account is None:
            raise NotFound(f"no talk about opening {account_id.removeprefix(NEW)!r} was begun")
        draft = intake.seen(
            intake.start(account_id, account.name), today=today, cash=cash, held=held
        )
        old = (Turn(True, OLDER),) if kept is not None else ()
        return Talk(account_id, draft, (*old, _first(draft)), None)
    return Talk(
        account_id,
        intake.seen(kept["draft"], today=today, cash=cash, held=held),
        tuple(Turn(bool(by_desk), str(text)) for by_desk, text in kept["turns"]),
        datetime.fromisoformat(kept["saved_at"]),
        note=str(kept.get("note", "")),
        login_id=str(kept.get("login", "")),
    )


def begin(desk: Desk, name: str, *, login_id: str) -> Talk:
    """Begin, or go on with, a talk that opens a new account at a login.

    Raises:
        BadInput: the name is empty, too long or taken.
        NotFound: no such login.
    """
    words = " ".join(name.split())
    if not 0 < len(words) <= NAME_MAX:
        raise BadInput(f"a name of {len(words)} characters cannot be used; give 1 to {NAME_MAX}")
    account_id = NEW + re.sub(r"[^\w]+", "-", words.lower()).strip("-")
    with desk.store.read() as tx:
        accounts.login(tx, login_id)
        if any(one.name.lower() == words.lower() for one in accounts.accounts(tx)):
            raise BadInput(f"an account is called {words!r} already; talk about that one")
        kept = drafts.load(tx, KEY + account_id)
    if kept is not None:
        return talk_of(desk, account_id)
    at = desk.clock.now()
    draft = intake.seen(intake.start(account_id, words), today=ist_day(at), cash=ZERO)
    talk = Talk(account_id, draft, (_first(draft),), at, login_id=login_id)
    _save(desk, talk)
    return talk


def begun(desk: Desk) -> tuple[tuple[str, str], ...]:
    """Talks about accounts that are not open yet, as (id, name)."""
    with desk.store.read() as tx:
        return tuple(
            (key.removeprefix(KEY), str(kept["draft"]["account_name"]))
            for key in drafts.keys(tx, KEY + NEW)
            if (kept := drafts.load(tx, key)) is not None
        )


def answer(
    desk: Desk,
    account_id: str,
    text: str,
    *,
    by: str = "person",
    model: LanguageModel | None = None,
    seen: int | None = None,
) -> Talk:
    """One turn: what the person said, and the desk's reply; the draft is saved.

    A yes to the whole signs it. `model` is the second reader; without one the settings' own.

    Args:
        seen: how many turns the person had before them; None takes the talk as it stands.

    Raises:
        BadInput: the text is too long.
        Refused: the talk went on elsewhere, before or while this was read.
    """
    words = text.strip()
    if len(words) > WORDS_MAX:
        raise BadInput(f"that is {len(words)} characters; say it in {WORDS_MAX} or fewer")
    before = talk_of(desk, account_id)
    _refuse_other(before, seen)
    universe = _universe(desk)
    second = _second(desk, before.draft, words, universe, model)
    draft, said = intake.reply(before.draft, words, universe=universe, offers=second.offers)
    talk = replace(
        before,
        draft=draft,
        turns=(*before.turns, Turn(False, words), Turn(True, said)),
        saved_at=desk.clock.now(),
        note=second.note,
    )
    if not intake.is_agreed(draft):
        _save(desk, talk, after=before)
        return talk
    signed = sign_talk(desk, account_id, by=by, seen=len(before.turns))
    told = f"Saved: mandate version {signed.version} of {draft['account_name']} is signed."
    told = f"{told} {money_to_come(desk, signed.account_id)}".strip()
    return replace(talk, signed=signed, turns=(*talk.turns[:-1], Turn(True, told)))


def start_again(desk: Desk, account_id: str) -> None:
    """Forget the draft; the signed mandate is not touched."""
    with desk.store.write() as tx:
        drafts.drop(tx, KEY + account_id)


def outcome_of(desk: Desk, talk: Talk) -> intake.Outcome:
    """What the talk would sign; raises BadInput while a question is open or answers disagree."""
    stands, at = standing_rules(desk, talk), desk.clock.now()
    return intake.finish(
        talk.draft,
        version=stands.version + 1 if stands else 1,
        signed_at=at,
        starts_on=ist_day(at),
        standing=stands,
    )


def sign_talk(
    desk: Desk, account_id: str, *, by: str, over: int | None = None, seen: int | None = None
) -> Mandate:
    """Sign what the talk came to: the mandate, the funding plan and how each was said.

    Args:
        over: the version that the person compared with; None takes whatever stands.
        seen: how many turns the person had before them; None takes the talk as it stands.

    Raises:
        BadInput: a question is open, or answers disagree.
        Refused: another version was signed while this one was read, or the talk went on elsewhere.
    """
    talk = talk_of(desk, account_id)
    _refuse_other(talk, seen)
    made = outcome_of(desk, talk)
    why, at = "intake talk", desk.clock.now()
    with desk.store.write() as tx:  # all of it stands, or the draft alone
        _refuse_moved(tx, talk)
        signed = _signed_in(tx, talk, made.mandate, at=at, by=by, why=why, over=over)
        of = signed.account_id
        standing = funding.current(tx, of)
        version = standing.version + 1 if standing else 1
        plan = replace(made.funding, account_id=of, version=version)
        counts = made.counts_cash
        plan_in(desk, tx, plan, by=by, why=why, counts_cash=counts is not False,
                begins=counts is not None)  # fmt: skip
        body = {"mandate": signed.version, "funding": version, "said": list(made.log)}
        audit.append(tx, at=at, actor=by, verb="intake", subject=of, body=body)
        drafts.drop(tx, KEY + account_id)
    return signed


def money_to_come(desk: Desk, account_id: str) -> str:
    """Where money is put into an account that has none yet; empty for one that has some."""
    with desk.store.read() as tx:
        account, plan = accounts.by_id(tx, account_id), funding.current(tx, account_id)
        cash = free_cash(tx, account_id)
        held = _held(tx, account_id, cash)
    if cash + held > ZERO:
        return ""
    first = (plan.lump_sum or plan.instalment) if plan else ZERO
    named = f" of the {rupees(first)} it was promised" if first else ""
    return (
        f"No money is in {account.name} yet and nothing is bought before: once it is at the "
        f"broker, post what came{named} on Accounts, {account.name}, under Money in and out, or "
        f"with munim accounts add."
    )


def _signed_in(
    tx: Session,
    talk: Talk,
    rules: Mandate,
    *,
    at: datetime,
    by: str,
    why: str,
    over: int | None,
) -> Mandate:
    """The rules as the account's next version, or as the first of the account they open."""
    if not talk.is_new:
        return sign_in(tx, rules, at=at, by=by, why=why, over=over)
    name = talk.draft["account_name"]
    opened = open_in(tx, name, login_id=talk.login_id, rules=rules, at=at, by=by, why=why)
    return mandates.current(tx, opened.id)


def _second(
    desk: Desk,
    draft: dict[str, Any],
    words: str,
    universe: Sequence[Instrument],
    model: LanguageModel | None,
) -> SecondReading:
    if model is None:
        model, note = second_reader(desk.settings)
        if model is None:
            return SecondReading(note=note)
    return read_again(model, draft, words, universe=universe)


def standing_rules(desk: Desk, talk: Talk) -> Mandate | None:
    """The mandate that stands, None for an account that is not open yet."""
    if talk.is_new:
        return None
    with desk.store.read() as tx:
        return mandates.current(tx, talk.account_id)


def _held(tx: Session, account_id: str, cash: Money) -> Money:
    """What an account is worth beside its free cash, as sizing counts it."""
    prices = quotes.of(tx, [one.isin for one in ledger.positions(tx, account_id)])
    return standing(tx, account_id, prices).equity - cash


def _first(draft: dict[str, Any]) -> Turn:
    question = intake.next_question(draft)
    ask = question.ask if question else "Name what to change."
    return Turn(True, f"{ask} Answer in your own words, or say “suggest”, “skip” or “go back”.")


def _refuse_other(talk: Talk, seen: int | None) -> None:
    """Refuse words or a signature for a talk that is not the one on the person's screen."""
    if seen is not None and seen != len(talk.turns):
        raise _went_on(talk)


def _refuse_moved(tx: Session, talk: Talk) -> None:
    """Refuse to write over a talk that is not the one that was read."""
    kept = drafts.load(tx, KEY + talk.account_id)
    known = kept is not None and kept["draft"].get("form") == FORM
    stands = len(kept["turns"]) if kept is not None and known else None
    if stands != (None if talk.saved_at is None else len(talk.turns)):
        raise _went_on(talk)


def _went_on(talk: Talk) -> Refused:
    return Refused(
        f"{talk.draft['account_name']}: the talk went on in another tab or terminal, so nothing "
        "was taken from this one; read what it says now"
    )


def _save(desk: Desk, talk: Talk, *, after: Talk | None = None) -> None:
    """Keep a talk; `after` is the one it goes on from, which must stand there still."""
    assert talk.saved_at is not None
    with desk.store.write() as tx:
        if after is not None:
            _refuse_moved(tx, after)
        drafts.save(
            tx,
            KEY + talk.account_id,
            {
                "draft": talk.draft,
                "turns": [[turn.by_desk, turn.text] for turn in talk.turns],
                "saved_at": talk.saved_at.isoformat(),
                "note": talk.note,
                "login": talk.login_id,
            },
        )


def _universe(desk: Desk) -> Sequence[Instrument]:
    with desk.store.read() as tx:
        return instruments.all_instruments(tx)
