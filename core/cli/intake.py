"""The intake talk in a terminal: one question after another, and nothing saved before a yes.

The desk speaks on stderr, so that `--json` leaves one document on stdout: the state of the talk,
and the mandate where it was signed. What is piped in is read line by line, each line a turn.
"""

from __future__ import annotations

import sys
from typing import Any

import typer

from core.cli.books import by_id_or_name
from core.cli.options import BY, Json
from core.cli.show import answer
from core.desk import talk as talks
from core.desk.desk import Desk, open_desk
from core.desk.past import past_of
from core.domain.mandate import Mandate
from core.errors import BadInput, NoData, NotFound
from core.mandates import intake as asking
from core.mandates.drafted import assumptions
from core.store import accounts

LEAVE = frozenset({"quit", "exit", "stop", "bye"})
SIGN = "sign"


def add_to(app: typer.Typer) -> None:
    """Add this file's verb."""
    app.command("intake")(intake)


def intake(
    account: str = typer.Option(..., help="The account, by id or name."),
    new: bool = typer.Option(False, "--new", help="Open an account of that name at the yes."),
    login: str = typer.Option("", help="Where a new account is opened; needed with several."),
    again: bool = typer.Option(False, "--again", help="Forget what was answered before."),
    show: bool = typer.Option(False, "--show", help="Only say how the talk stands."),
    json: Json = False,
) -> None:
    """Talk an account's mandate through; "yes" at its end saves it, "quit" keeps the draft."""
    desk = open_desk()
    of = _talk_id(desk, account, new=new, login=login)
    if again:
        talks.start_again(desk, of)
        of = _talk_id(desk, account, new=new, login=login)
    talk = talks.talk_of(desk, of)
    if show:
        answer(_state(desk, talk), as_json=json, words=_shown(desk, talk))
        return
    _say(talk.turns[-1].text)
    for line in sys.stdin:
        words = line.strip().lower().rstrip(".!")
        if words in LEAVE:
            break
        if words == SIGN:
            signed = talks.sign_talk(desk, of, by=BY)
            _signed(desk, talk.draft["account_name"], signed, as_json=json)
            return
        if len(line.strip()) > talks.WORDS_MAX:
            _say(f"that is {len(line.strip())} characters; say it in {talks.WORDS_MAX} or fewer")
        elif words:
            talk = _turn(desk, of, line)
            if talk.signed is not None:
                _signed(desk, talk.draft["account_name"], talk.signed, as_json=json)
                return
    left = f"nothing is signed; munim intake --account {account!r} goes on where this ended"
    answer(_state(desk, talks.talk_of(desk, of)), as_json=json, words=left)


def _talk_id(desk: Desk, name: str, *, new: bool, login: str) -> str:
    """The account's id, or that of a talk about opening it."""
    for talk_id, called in talks.begun(desk):
        if called.lower() == " ".join(name.lower().split()):
            return talk_id
    if not new:
        try:
            found = by_id_or_name(desk, name).id
        except NotFound as unknown:
            raise NotFound(f"{unknown}; --new opens an account of that name") from None
        with desk.store.read() as tx:
            return accounts.open_by_id(tx, found).id
    with desk.store.read() as tx:
        known = [one.id for one in accounts.logins(tx)]
    if not login and len(known) != 1:
        raise BadInput(f"--new needs --login: there are {', '.join(known) or 'no logins'}")
    return talks.begin(desk, name, login_id=login or known[0]).account_id


def _turn(desk: Desk, account_id: str, line: str) -> talks.Talk:
    talk = talks.answer(desk, account_id, line, by=BY)
    _say(talk.turns[-1].text)
    if talk.note:
        _say(f"({talk.note})")
    ready = asking.next_question(talk.draft) is None and not asking.disagreements(talk.draft)
    if ready and talk.signed is None and not talk.draft["offered"]:
        _say(f'{talks.outcome_of(desk, talk).summary} Type "yes", or name what to change.')
    return talk


def _state(desk: Desk, talk: talks.Talk) -> dict[str, Any]:
    """The talk as a document: every value with where it came from, what is open and disagrees."""
    draft = talk.draft
    ready = not asking.open_questions(draft) and not asking.disagreements(draft)
    return {
        "signed": False,
        "account": talk.account_id,
        "name": draft["account_name"],
        "asked": talk.turns[-1].text,
        "values": [
            {"key": row.key, "rule": row.label, "value": row.value, "mark": row.mark,
             "source": row.source, "stored": draft["answers"].get(row.key)}
            for row in asking.rows(draft)
        ],
        "open": [question.key for question in asking.open_questions(draft)],
        "disagreements": asking.disagreements(draft) if draft["answers"] else [],
        "assumptions": [f"{one} ({one.why})" for one in assumptions(draft)],
        "log": draft["log"],
        "summary": talks.outcome_of(desk, talk).summary if ready else "",
        "past": _past(desk, talk),
    }  # fmt: skip


def _past(desk: Desk, talk: talks.Talk) -> dict[str, Any]:
    """The draft on past prices, fractions of the money; `why_not` where that cannot be."""
    try:
        past = past_of(desk, talk)
    except NoData as missing:
        return {"why_not": str(missing)}
    b = past.basket
    return {
        "from": b.days[0].isoformat(), "to": b.days[-1].isoformat(), "sessions": len(b.days) - 1,
        "let_in": b.eligible, "held": b.held, "share": b.share, "gain": b.gain,
        "worst_fall": b.worst_fall, "worst_from": b.worst_from.isoformat(),
        "worst_on": b.worst_on.isoformat(), "worst_day": b.worst_day,
        "fall_limit_reached_on": b.limit_on.isoformat() if b.limit_on else None,
        "days_over_day_limit": b.days_over_limit, "vol": b.vol,
        "months": len(b.months), "months_negative": b.months_negative,
        "orders": b.trades, "charges_paise": round(past.capital.paise * b.charges),
        "capital_paise": past.capital.paise, "invented_prices": past.invented,
        "edge": "not measured: a plain basket, no strategy; past prices are not the future",
    }  # fmt: skip


def _shown(desk: Desk, talk: talks.Talk) -> str:
    rows = asking.rows(talk.draft)
    lines = [f"{row.label}: {row.value} ({row.mark}, {row.source})" for row in rows]
    return "\n".join([f"{talk.draft['account_name']}", *lines, talk.turns[-1].text])


def _signed(desk: Desk, name: str, signed: Mandate, *, as_json: bool) -> None:
    next_step = talks.money_to_come(desk, signed.account_id)
    told = f"{name}: mandate version {signed.version} is signed. {next_step}".rstrip(" .")
    answer({"signed": True, "mandate": signed}, as_json=as_json, words=told)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
