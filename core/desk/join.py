"""The floor takes a session over, and lets it go: always on the floor's own thread.

A new session is asked what became of every unsettled order and is compared with the books before
an order may go through it. One that ended is taken out of the loop; the other logins go on.
"""

from __future__ import annotations

from core.desk.alarm import raise_alarm
from core.desk.dealer import Dealer
from core.desk.doors import Opened
from core.desk.feed import moved_on, tell_clock, why_ahead
from core.desk.live_rows import foreign_tags, note_tags
from core.desk.log_in import LogIns
from core.desk.paced import PacedSession
from core.desk.reconcile import reconcile
from core.desk.recover import recover
from core.desk.settle import settle_login
from core.desk.under_way import may_compare, one_look
from core.domain.clock import ist_day
from core.domain.login import SessionStatus
from core.domain.ports import GttOrder
from core.errors import LeaseLost, MunimError, Refused, SessionDead
from core.execution.plan import closing_side
from core.store import logins, plans, protections
from core.store.codec import to_json
from core.store.logins import BrokerDay

S = SessionStatus


def join(dealer: Dealer, ins: LogIns) -> list[str]:
    """Let ended sessions go and take new ones over; returns a sentence for each."""
    done = [_let_go(dealer, ins, one, why) for one, why in _ended(dealer, ins)]
    for _ in range(len(ins.coming)):
        opened = ins.coming.popleft()
        if ins.opened.get(opened.login.id) is not opened:
            continue  # another login of the same person came after it
        try:
            done += _take_over(dealer, ins, opened)
        except LeaseLost:
            raise
        except SessionDead as dead:
            done.append(_let_go(dealer, ins, opened, str(dead)))
        except MunimError as trouble:
            ins.say(opened.login, S.OPENING, f"logged in, but not open yet: {trouble}", opened)
            ins.coming.append(opened)
    return done


def keep_days(dealer: Dealer, ins: LogIns) -> list[str]:
    """Keep each broker's order and trade list before the night, when brokers forget them."""
    failed = []
    at = dealer.desk.clock.now()
    for login_id, opened in sorted(ins.opened.items()):
        if login_id not in dealer.sessions:
            continue
        try:
            told, trades = opened.session.orders(), opened.session.trades()
        except MunimError as trouble:
            failed.append(f"{opened.login.label}: the day's books could not be kept: {trouble}")
            continue
        day = BrokerDay(
            login_id,
            ist_day(at),
            at,
            orders=f"[{','.join(to_json(one) for one in told)}]",
            trades=f"[{','.join(to_json(one) for one in trades)}]",
        )
        with dealer.desk.store.write() as tx:
            logins.put_day(tx, day)
    return failed


def compare(dealer: Dealer) -> list[str]:
    """Compare each login whose turn it is, with one read of each list; returns what differs."""
    said = []
    for login_id, session in sorted(dealer.sessions.items()):
        if not may_compare(session):
            continue
        with one_look([session]):
            said += reconcile(dealer.alone(login_id, session))
            if isinstance(session, PacedSession):
                note_strangers(dealer, login_id)
    return said


def note_strangers(dealer: Dealer, login_id: str) -> None:
    """Tell the rows of LIVE whose tags stand in the day's orders of a login."""
    tags = [known.tag for known in dealer.session(login_id).orders()]
    note_tags(dealer.desk, login_id, foreign_tags(tags, desk_tag=dealer.desk_tag))


def _ended(dealer: Dealer, ins: LogIns) -> list[tuple[Opened, str]]:
    """Sessions that a read found dead, whose day is over, or that a person ends."""
    now = dealer.desk.clock.now()
    found = []
    for login_id, opened in sorted(ins.opened.items()):
        if opened.session.died:
            found.append((opened, opened.session.died))
        elif opened.kept.expires_at <= now:
            found.append((opened, f"{opened.login.label}: its session ended with the day"))
        elif login_id in ins.leaving:
            found.append((opened, ""))
    return found


def _let_go(dealer: Dealer, ins: LogIns, opened: Opened, why: str) -> str:
    """Out of the loop at once; the rest may wait for the network and is done beside the floor."""
    login = opened.login
    dealer.sessions.pop(login.id, None)
    ins.opened.pop(login.id, None)
    ins.leaving.discard(login.id)
    ins.gone.append((opened, why))
    if not why:
        return f"{login.label}: logged out"
    sentence = (
        f"{login.label} is logged out: {why}; stops at the broker stand and nothing new is sent "
        "there, log in again on the Broker page"
    )
    at = dealer.desk.clock.now()
    with dealer.desk.store.write() as tx:
        raise_alarm(
            tx,
            id=f"login:{login.id}:{opened.kept.expires_at.isoformat()}:{at.isoformat()}",
            isin="",
            symbol=login.label,
            at=at,
            sentence=sentence,
        )
    return sentence


def _take_over(dealer: Dealer, ins: LogIns, opened: Opened) -> list[str]:
    login = opened.login
    if login.control:
        _share_clock(dealer, ins, opened)
    _tell_gtts(dealer, opened)
    one = dealer.alone(login.id, opened.session)
    said = recover(one)
    settle_login(one, login.id)
    said += reconcile(one)
    dealer.sessions[login.id] = opened.session
    note_strangers(dealer, login.id)
    opened.stream.start()
    ins.say(login, S.OPEN, "logged in and compared with the books", opened)
    return [f"{login.label}: {sentence}" for sentence in said] or [f"{login.label}: open"]


def _tell_gtts(dealer: Dealer, opened: Opened) -> None:
    """Some brokers leave a GTT out of the list once it fired; their session is told what rests."""
    expect = getattr(opened.known, "expect", None)
    if expect is None:
        return
    with dealer.desk.store.read() as tx:
        for cover in protections.live(tx):
            plan = plans.by_id(tx, cover.plan_id)
            if not cover.gtt_id or plan.login_id != opened.login.id:
                continue
            resting = GttOrder(
                gtt_id=cover.gtt_id,
                symbol=cover.symbol,
                isin=cover.isin,
                side=closing_side(plan),
                qty=cover.qty,
                stop=cover.stop,
                target=cover.target,
                product=plan.product,
                active=True,
            )
            expect(resting, cover.armed_at or dealer.desk.clock.now())


def _share_clock(dealer: Dealer, ins: LogIns, opened: Opened) -> None:
    """Bring a sandbox and the desk to one second; raises Refused where neither can follow."""
    login, now = opened.login, dealer.desk.clock.now()
    if why := why_ahead(login, now=now):
        raise Refused(why)
    there = moved_on(login, now=now)
    if there is not None and ins.jump_to is not None:
        ins.jump_to(there)  # its market went on while this desk was down
    at, speed = dealer.desk.clock.now(), dealer.desk.settings.speed
    if trouble := tell_clock(login, at=at, speed=speed):
        raise Refused(trouble)
