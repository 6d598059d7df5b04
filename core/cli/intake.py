"""The intake talk in a terminal: one question after another, and nothing signed before "sign".

The desk speaks on stderr, so that `--json` leaves the signed mandate alone on stdout.
"""

from __future__ import annotations

import sys

import typer

from core.cli.books import by_id_or_name
from core.cli.options import BY, Json
from core.cli.show import answer
from core.desk import talk as talks
from core.desk.desk import Desk, open_desk
from core.mandates.intake import disagreements, next_question

LEAVE = frozenset({"quit", "exit", "stop", "bye"})
SIGN = "sign"


def add_to(app: typer.Typer) -> None:
    """Add this file's verb."""
    app.command("intake")(intake)


def intake(
    account: str = typer.Option(..., help="The account, by id or name."),
    again: bool = typer.Option(False, "--again", help="Forget what was answered before."),
    json: Json = False,
) -> None:
    """Talk an account's mandate through; "sign" signs it, "quit" keeps the draft."""
    desk = open_desk()
    of = by_id_or_name(desk, account)
    if again:
        talks.start_again(desk, of.id)
    _say(talks.talk_of(desk, of.id).turns[-1].text)
    for line in sys.stdin:
        words = line.strip().lower().rstrip(".!")
        if words in LEAVE:
            break
        if words == SIGN:
            signed = talks.sign_talk(desk, of.id, by=BY)
            told = f"{of.name}: mandate version {signed.version} is signed"
            answer({"signed": True, "mandate": signed}, as_json=json, words=told)
            return
        if words:
            _turn(desk, of.id, line)
    left = f"nothing is signed; munim intake --account {of.id} goes on where this ended"
    answer({"signed": False, "account": of.id}, as_json=json, words=left)


def _turn(desk: Desk, account_id: str, line: str) -> None:
    talk = talks.answer(desk, account_id, line)
    _say(talk.turns[-1].text)
    if next_question(talk.draft) is None and not disagreements(talk.draft):
        _say(f'{talks.outcome_of(desk, talk).summary} Type "sign", or name what to change.')


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
