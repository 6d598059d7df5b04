"""Cards, scans and news from the terminal."""

from __future__ import annotations

import secrets
from pathlib import Path

import typer

from core.cli.live import ask_at_terminal
from core.cli.options import BY, Json
from core.cli.show import answer, table
from core.desk.approve import approve_card, reject_card
from core.desk.can_hold import what_will_rest
from core.desk.card_costs import card_costs
from core.desk.compete import competition
from core.desk.desk import Desk, open_desk
from core.desk.gap_loss import card_gaps
from core.desk.jobs import ask
from core.desk.last_scan import last_scan
from core.desk.sign import terminal_signer
from core.domain.account import LoginMode
from core.domain.card import Card, CardStatus
from core.domain.clock import ist_day
from core.domain.live import typed_words
from core.domain.words import rupees
from core.errors import BadInput, NotFound
from core.store import cards
from core.views.shown import entry_words
from core.views.why_not import why_view

group = typer.Typer(help="Trade cards.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Add this file's verbs."""
    app.add_typer(group, name="cards")
    app.command("scan")(scan)
    app.command("ingest")(ingest)


@group.command("list")
def list_cards(
    all: bool = typer.Option(False, "--all", help="Not only open ones."), json: Json = False
) -> None:
    """Cards waiting for a yes or a no."""
    desk = open_desk()
    with desk.store.read() as tx:
        found = cards.recent(tx, 200) if all else cards.with_status(tx, CardStatus.OPEN)
    rows = [
        {
            "id": card.id,
            "version": card.version,
            "account": card.account_name,
            "symbol": card.symbol,
            "qty": card.qty,
            "entry_low_paise": card.bracket.entry_low,
            "entry_high_paise": card.bracket.entry_high,
            "stop_paise": card.bracket.stop,
            "target_paise": card.bracket.target,
            "status": card.status,
            "expires_at": card.expires_at,
        }
        for card in found
    ]
    table(rows, as_json=json, empty="No cards are waiting.")


@group.command("show")
def show_card(card_id: str, json: Json = False) -> None:
    """One card with its guardrails, evidence, charges and what a gap beyond the stop would cost."""
    desk = open_desk()
    with desk.store.read() as tx:
        card = cards.by_id(tx, card_id)
        today = ist_day(desk.clock.now())
        gaps, costs = card_gaps(tx, card, on=today), card_costs(tx, card, on=today)
        rests = what_will_rest(desk, tx, card)
        competes = competition(tx, card, calendar=desk.calendar, at=desk.clock.now())
    shown = {"bound_hash": card.bound_hash, "card": card, "costs": costs}
    shown |= {"competes": competes}
    answer(shown | {"beyond_stop": gaps, "rests": rests}, as_json=json)


@group.command("approve")
def approve(
    card_id: str, hash: str = typer.Option("", help="Bound hash you saw."), json: Json = False
) -> None:
    """Approve one card as it stands, or as `--hash` says you saw it; LIVE asks for its words."""
    desk = open_desk()
    with desk.store.read() as tx:
        card = cards.by_id(tx, card_id)
    typed = _typed(card) if card.mode is LoginMode.LIVE else ""
    order = approve_card(
        desk,
        card_id,
        seen_hash=hash or card.bound_hash,
        nonce=secrets.token_hex(8),
        approver=f"person at the {BY}",
        signer=terminal_signer(desk.home),
        typed=typed,
    )
    answer(
        order,
        as_json=json,
        words=f"approved: {order.side} {order.qty} {order.symbol} is {order.status}, not sent yet",
    )


def _typed(card: Card) -> str:
    """The words of a person at a terminal, after the numbers are said again."""
    words = typed_words(card)
    most = card.bracket.entry_high * abs(card.qty)
    typer.echo(
        f"LIVE, real money: {entry_words(card.side)} {abs(card.qty)} {card.symbol} for "
        f"{card.account_name}, at most {rupees(most)}, stop {rupees(card.bracket.stop)}",
        err=True,
    )
    return ask_at_terminal(f"Type {words} to approve", what="approving a LIVE card")


@group.command("reject")
def reject(card_id: str, reason: str = typer.Option(..., help="Why."), json: Json = False) -> None:
    """Say no to a card."""
    card = reject_card(open_desk(), card_id, reason=reason, by=f"person at the {BY}")
    answer({"id": card.id, "status": card.status}, as_json=json, words=f"{card.symbol}: rejected")


def scan(
    last: bool = typer.Option(False, "--last", help="Show the newest one instead."),
    share: str = typer.Option("", help="With --last: what each account answered on one share."),
    json: Json = False,
) -> None:
    """Ask the worker for a scan of the universe, or show who the last one left out and why."""
    desk = open_desk()
    if share:
        if not last:
            raise BadInput("--share asks about the newest scan; add --last")
        _show_share(desk, share, as_json=json)
        return
    if last:
        _show_scan(desk, as_json=json)
        return
    request = ask(desk, "scan", by=BY)
    answer({"job": request.id}, as_json=json, words=f"scan asked for, job {request.id}")


def _show_share(desk: Desk, symbol: str, *, as_json: bool) -> None:
    """Each account's answer on one share, of the last scan and of today's news."""
    found = why_view(desk, symbol)
    if not found.rows:
        raise NotFound(found.empty)
    rows = [
        {"account": row.account, "asked": row.asked, "came_to": row.came.text, "why": row.why,
         "card": row.card_id or None}
        for row in found.rows
    ]  # fmt: skip
    table(rows, as_json=as_json, empty=found.empty)


def _show_scan(desk: Desk, *, as_json: bool) -> None:
    with desk.store.read() as tx:
        found = last_scan(tx)
    if found is None:
        raise NotFound("no scan has run yet; ask for one with munim scan")
    if as_json:
        answer(found, as_json=True)
        return
    rows = [
        {"account": one.account_id, "what": row.name, "shares": len(row.symbols),
         "which": ", ".join(row.symbols[:5]), "why": row.whys[0]}
        for one in found.accounts
        for row in one.filters
    ]  # fmt: skip
    rows += [
        {"account": one.account_id, "what": f"place {row.place}", "shares": 1,
         "which": row.symbol, "why": row.words + (", asked about" if row.asked else "")}
        for one in found.accounts
        for row in one.placed
    ]  # fmt: skip
    table(rows, as_json=False, empty="No account is running.")


def ingest(files: list[Path], json: Json = False) -> None:
    """Read exchange filings from files into a replay store."""
    from core.desk.imports import ingest_files

    done = ingest_files(open_desk(), files, by=BY)
    answer(done, as_json=json, words=done.sentence)
