"""The end of a session: its bars beside the history, its books beside the broker's, its report."""

from __future__ import annotations

from datetime import date

from core.desk.day_costs import settle_days
from core.desk.dealer import each_alone
from core.desk.desk import Desk
from core.desk.dirty import spoiled_day
from core.desk.floor import Floor
from core.desk.list_actions import list_announced
from core.desk.month_report import make_month
from core.desk.reconcile import reconcile
from core.desk.report import make_report
from core.desk.score import score_cards
from core.domain.clock import ist_day
from core.errors import OutsideCalendar
from core.store import accounts, bars, ledger_days, settings

LAST_REPORT = "eod:last"


def close_day(floor: Floor) -> None:
    """Store the session's bars and its report once; a second call changes nothing.

    A live market has no bars of its own; they are imported or fetched when a vendor has them.
    The broker is compared with the books before the report, so that the report says what differs.
    """
    desk = floor.desk
    day = ist_day(desk.clock.now())
    if not desk.calendar.is_session(day):
        return
    with desk.store.read() as tx:
        known = bars.sessions(tx)
        told = settings.get(tx, LAST_REPORT, "")
    if known and day not in known:
        list_announced(desk, floor.market)
        _put_bars(floor, day)
    if told != day.isoformat():
        score_cards(desk, through=day)
        settle_days(desk, by="worker")
        each_alone(floor.dealer, reconcile)  # a silent broker is in the report by its last look
        make_report(desk, by="worker")
        if _ends_month(desk, day):
            make_month(desk, day, by="worker")
        with desk.store.write() as tx:
            settings.put(tx, LAST_REPORT, day.isoformat())


def _ends_month(desk: Desk, day: date) -> bool:
    """Whether a session is the last of its month, and some account has money to report on."""
    with desk.store.read() as tx:
        has_money = ledger_days.began(tx, [one.id for one in accounts.accounts(tx)]) is not None
    try:
        ends = desk.calendar.next_session(day).month != day.month
    except OutsideCalendar:
        ends = True
    return has_money and ends


def _put_bars(floor: Floor, day: date) -> None:
    """Store the bars that the market itself makes of its session."""
    settings_now = floor.desk.settings
    panel = floor.market.bars_of(day)
    if panel is None:
        return
    last = floor.market.last_trades([day])
    if settings_now.sim_dirty:
        panel = spoiled_day(panel, seed=settings_now.seed)
    with floor.desk.store.write() as tx:
        bars.put_panel(tx, panel, source="SIM", last=last)
