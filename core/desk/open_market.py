"""The first start: a stamped store becomes a market with bars, news, accounts and rules.

Safe to run twice: each part is put in place only where it is missing.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from core.desk.desk import REFERENCE, Desk
from core.desk.dirty import spoiled
from core.desk.intake import name_index
from core.desk.list_actions import list_actions
from core.desk.universe import mark_members
from core.domain.account import Account, Broker, BrokerLogin, LoginMode, Market
from core.domain.mandate import Objective
from core.domain.money import Money
from core.domain.watch import Watchlist
from core.domain.words import qty
from core.mandates.defaults import default_mandate
from core.providers.calendar_file import load_halts
from core.providers.sim.market import SimMarket
from core.providers.universe_file import load_universe
from core.signals.playbook import PLAYBOOKS
from core.store import (
    accounts,
    audit,
    bars,
    events,
    funding,
    instruments,
    ledger,
    mandates,
    playbooks,
    settings,
    watchlists,
)
from core.tagging.tagger import tag
from core.treasury import post

Progress = Callable[[float, str], None]
PAPER_LOGIN = BrokerLogin(
    id="paper", broker=Broker.PAPER, mode=LoginMode.PAPER, label="Paper broker"
)
STARTING: tuple[tuple[str, str, Objective, Money], ...] = (
    ("event", "Event tactical", Objective.BALANCED, Money.rupees(20_00_000)),
    ("sip", "SIP aggressive 24m", Objective.MAX_PROFIT, Money.rupees(10_00_000)),
    ("lump", "Lump sum balanced", Objective.RISK_MINIMIZED, Money.rupees(30_00_000)),
)
HISTORY_SESSIONS = 1250


def sim_market(desk: Desk) -> SimMarket:
    """The simulated market of this store's seed."""
    universe = load_universe(REFERENCE / "universe.csv")
    return SimMarket(
        universe,
        desk.calendars.rules,
        seed=desk.settings.seed,
        halts=load_halts(REFERENCE / "calendar.json"),
    )


def open_market(desk: Desk, progress: Progress = lambda _share, _sentence: None) -> str:
    """Put universe, bars, past news, accounts and mandates in place; returns what was done."""
    if desk.market is Market.LIVE:
        return open_live(desk)
    market = sim_market(desk)
    at = desk.clock.now()
    progress(0.05, "listing the universe")
    with desk.store.write() as tx:
        instruments.put(tx, market.universe)
        for playbook in PLAYBOOKS:
            playbooks.put(tx, playbook)
        for item in market.universe:
            days = [day.isoformat() for day in market.results_on(item.isin)]
            settings.put(tx, f"results:{item.isin}", days)
    open_accounts(desk, at=at)
    with desk.store.read() as tx:
        has_bars = bars.any_stored(tx)
    if has_bars:
        return "the market was already open"
    progress(0.2, f"making {HISTORY_SESSIONS} sessions of simulated bars")
    panel = market.history(HISTORY_SESSIONS)
    last = market.last_trades(panel.sessions)
    if desk.settings.sim_dirty:
        panel = spoiled(panel, seed=desk.settings.seed)
    with desk.store.write() as tx:
        list_actions(tx, market.actions(market.opens(market.first_session)))
        rows = bars.put_panel(tx, panel, source="SIM", last=last)
    progress(0.6, "reading the simulated newswire's archive")
    read = _archive(desk, market)
    return f"{qty(rows)} bars of {len(panel.isins)} shares and {qty(read)} archived events"


def open_live(desk: Desk) -> str:
    """Put the shipped universe, playbooks and paper accounts into a live store; nothing else.

    Prices, news and corporate actions of the real market are imported or fetched, never made.
    """
    with desk.store.write() as tx:
        if not instruments.all_instruments(tx):
            instruments.put(tx, load_universe(REFERENCE / "universe.csv"))
            mark_members(tx)
        for playbook in PLAYBOOKS:
            playbooks.put(tx, playbook)
        listed = len(instruments.all_instruments(tx))
    open_accounts(desk, at=desk.clock.now())
    return (
        f"{qty(listed)} shares are listed and paper accounts opened; import prices with munim data "
        "import or fetch them with munim data fetch, then train a model"
    )


def _archive(desk: Desk, market: SimMarket) -> int:
    """Past news with its tags; it trains the model and never makes a card."""
    names = name_index(desk)
    past = market.past_events()
    tagged = [item for event in past for item in tag(event, names)]
    with desk.store.write() as tx:
        events.put_archive(tx, past)
        events.put_tags(tx, tagged)
    return len(past)


def open_accounts(desk: Desk, *, at: datetime) -> None:
    """Three paper accounts with signed default mandates and their first deposit."""
    with desk.store.write() as tx:
        if accounts.accounts(tx):
            return
        accounts.put_login(tx, PAPER_LOGIN)
        for name, words, objective, amount in STARTING:
            accounts.put_account(
                tx, Account(id=name, name=words, login_id=PAPER_LOGIN.id, opened_at=at)
            )
            mandates.put(tx, default_mandate(name, objective, signed_at=at))
            deposit = post.deposit(
                account_id=name, amount=amount, at=at, reference="opening", words="opening money"
            )
            ledger.post(tx, deposit)
            funding.put_capital(tx, deposit.id, name, at, amount, "opening money")
            audit.append(
                tx,
                at=at,
                actor="first start",
                verb="open account",
                subject=name,
                body={"name": words, "deposit_paise": amount.paise, "login": PAPER_LOGIN.id},
            )
        listed = instruments.all_instruments(tx)
        liquid = tuple(item.isin for item in listed if item.has_derivatives)[:20]
        watchlists.put(tx, Watchlist(name="Liquid", isins=liquid))
