"""Broker logins as a page and a terminal see them: add, move accounts, ask to log in or out.

Nothing here reaches a broker. A wish is one row; the worker makes the link, takes the one-time
code that comes back, and says in the same row how it ended.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import replace
from datetime import datetime, time
from typing import Final
from urllib.parse import parse_qs, urlsplit

from sqlmodel import Session

from core.desk.desk import Desk
from core.desk.one_time import put_code
from core.domain.account import (
    Account,
    Broker,
    BrokerLogin,
    LoginMode,
    is_sandbox_address,
)
from core.domain.clock import IST, ist_day
from core.domain.login import ASK_SECONDS, ENDED, AskStatus, LoginAsk, LoginState, SessionStatus
from core.domain.order import WORKING
from core.domain.plan import PlanStatus
from core.domain.words import qty, rupees
from core.errors import BadInput, NotBuilt, Refused
from core.store import (
    accounts,
    audit,
    fills,
    instruments,
    ledger,
    logins,
    orders,
    plans,
    settings,
    transfers,
)

CODES: Final = ("request_token", "code")  # what Zerodha and Upstox call their one-time code
PLACES: Final = (Broker.ZERODHA, Broker.UPSTOX)
OPEN_PLANS: Final = (PlanStatus.ENTERING, PlanStatus.HOLDING, PlanStatus.EXITING)
CLOSE: Final = "login:close:"
RETURN_PATH: Final = "/broker/return"
USER_ID: Final = re.compile(r"[A-Za-z0-9]{2,20}")  # as both brokers write them
AGAIN: Final = "open it again from the broker page"


def new_login(
    *, id: str, broker: str, user: str, label: str, address: str, control: str
) -> BrokerLogin:
    """A PAPER login from what was typed; a sandbox's control port is the next one by default."""
    try:
        at = Broker(broker.strip().lower())
    except ValueError:
        raise BadInput(f"{broker!r} is no broker here; choose zerodha or upstox") from None
    address, control, user = address.strip().rstrip("/"), control.strip().rstrip("/"), user.strip()
    if is_sandbox_address(address) and not control:
        parts = urlsplit(address)
        control = f"http://{parts.hostname}:{(parts.port or 0) + 1}"
    return BrokerLogin(
        id=id.strip(),
        broker=at,
        mode=LoginMode.PAPER,
        label=label.strip() or f"{at.value.capitalize()} {user}",
        user_id=user,
        address=address,
        control=control,
    )


def add_login(desk: Desk, login: BrokerLogin, *, by: str) -> BrokerLogin:
    """Add a login; it trades nothing until somebody logs in and an account is moved to it.

    Raises:
        BadInput: the id is taken, no user is named, or it would be LIVE at once.
        NotBuilt: a broker that nothing here speaks to.
    """
    if login.broker not in PLACES:
        raise NotBuilt(f"logins at {login.broker} are not built; choose zerodha or upstox")
    if login.mode is LoginMode.LIVE:
        raise BadInput(f"{login.label}: a login begins as PAPER; Settings switches it to LIVE")
    if not login.user_id or not login.label:
        raise BadInput(f"login {login.id}: say who logs in, with --user, and what to call it")
    if not USER_ID.fullmatch(login.user_id):
        raise BadInput(
            f"login {login.id}: {login.user_id[:40]!r} is no user id of a broker; "
            "write it as AB1234, letters and digits alone"
        )
    with desk.store.write() as tx:
        if any(one.id == login.id for one in accounts.logins(tx)):
            raise BadInput(f"there is a login {login.id} already; choose another id")
        accounts.put_login(tx, login)
        body = {"broker": login.broker, "label": login.label, "sandbox": login.is_sandbox}
        audit.append(
            tx, at=desk.clock.now(), actor=by, verb="add login", subject=login.id, body=body
        )
    return login


def remove_login(desk: Desk, login_id: str, *, by: str) -> None:
    """Remove a login that no account names and that nobody is logged in with."""
    with desk.store.write() as tx:
        login = accounts.login(tx, login_id)
        if login.broker is Broker.PAPER:
            raise BadInput("the paper login is the desk's own and stays")
        state = logins.state(tx, login_id)
        if state is not None and state.works:
            raise BadInput(f"{login.label} is logged in; log out first")
        accounts.drop_login(tx, login_id)
        logins.forget(tx, login_id)
        settings.put(tx, CLOSE + login_id, by)  # the worker forgets its token
        audit.append(
            tx, at=desk.clock.now(), actor=by, verb="remove login", subject=login_id, body={}
        )


def move_account(desk: Desk, account_id: str, login_id: str, *, by: str) -> Account:
    """Let an account trade through another login; raises BadInput unless it is flat."""
    with desk.store.write() as tx:
        account, login = accounts.by_id(tx, account_id), accounts.login(tx, login_id)
        if account.closed_at is not None:
            raise BadInput(f"{account.name} is closed and trades nowhere")
        if why_not := _why_not_flat(tx, account) or _traded_today(desk, tx, account):
            raise BadInput(f"{account.name} cannot move to {login.label}: {why_not}")
        moved = replace(account, login_id=login_id)
        accounts.put_account(tx, moved)
        body = {"from": account.login_id, "to": login_id}
        audit.append(
            tx, at=desk.clock.now(), actor=by, verb="move account", subject=account_id, body=body
        )
    return moved


def ask_to_log_in(desk: Desk, login_id: str, *, session: str, by: str) -> LoginAsk:
    """Ask the worker for a link; an older wish for the same login is called off.

    `session` is what the answer must come back from: a page's cookie, or a word of a terminal.
    """
    with desk.store.write() as tx:
        login = accounts.login(tx, login_id)
        if login.broker is Broker.PAPER:
            raise BadInput(f"{login.label} needs no login; it is the desk's own exchange")
        ask = LoginAsk(
            id=secrets.token_hex(8),
            login_id=login_id,
            session=hashed(session),
            asked_by=by,
            asked_at=desk.clock.now(),
            asked=desk.clock.monotonic(),
        )
        logins.new_ask(tx, ask, instead="asked for again")
        audit.append(
            tx, at=ask.asked_at, actor=by, verb="ask login", subject=login_id, body={"ask": ask.id}
        )
    return ask


def ask_to_log_out(desk: Desk, login_id: str, *, by: str) -> None:
    """Ask the worker to end a session; what rests at the broker goes on resting."""
    with desk.store.write() as tx:
        login = accounts.login(tx, login_id)
        state = logins.state(tx, login_id)
        if state is None or state.status in (SessionStatus.CLOSED, SessionStatus.DEAD):
            raise BadInput(f"{login.label} is not logged in")
        settings.put(tx, CLOSE + login_id, by)
        audit.append(
            tx, at=desk.clock.now(), actor=by, verb="ask logout", subject=login_id, body={}
        )


def take_return(desk: Desk, *, state: str, code: str, session: str) -> LoginAsk:
    """Keep the one-time code that a login brought back, for the worker.

    Raises:
        Refused: the state is another desk's, used, too old, or was given to another session;
            the wish it belongs to stays as it was.
    """
    with desk.store.write() as tx:
        ask = logins.ask_by_state(tx, hashed(state)) if state else None
        if ask is None:
            raise Refused(f"this login came back with a state that no page here gave; {AGAIN}")
        if ask.status is not AskStatus.READY:
            raise Refused(f"this login came back already and serves once; {AGAIN}")
        if not hmac.compare_digest(ask.session, hashed(session)):
            raise Refused(
                "this login was asked for in another session; finish it there, or "
                f"{AGAIN} in this one"
            )
        age = desk.clock.monotonic() - ask.asked
        if not 0 <= age <= ASK_SECONDS:
            raise Refused(
                f"this login took {age:.0f} s and {ASK_SECONDS:.0f} s are allowed; {AGAIN}"
            )
        if not code:
            logins.end_ask(tx, ask, AskStatus.REFUSED, "the broker gave no code; try again")
            return replace(ask, status=AskStatus.REFUSED)
        put_code(desk.home, ask.id, code)
        taken = replace(ask, status=AskStatus.RETURNED, link="")
        logins.put_ask(tx, taken)
    return taken


def read_address(address: str) -> tuple[str, str]:
    """State and code in the address a login returned to; empty where one is missing."""
    asked = parse_qs(urlsplit(address.strip()).query)
    return one_of(asked, "state"), next(
        (one_of(asked, name) for name in CODES if name in asked), ""
    )


def one_of(asked: dict[str, list[str]], name: str) -> str:
    """The first value of a query, empty without one."""
    return next(iter(asked.get(name, [])), "")


def hashed(secret: str) -> str:
    """What is kept of a state or a session."""
    return hashlib.sha256(secret.encode()).hexdigest()


def latest_ask(desk: Desk, login_id: str) -> LoginAsk | None:
    """The newest wish to log in with a login."""
    with desk.store.read() as tx:
        return next(iter(logins.asks_of(tx, login_id)), None)


def is_under_way(ask: LoginAsk | None) -> bool:
    """Whether a wish waits for the worker or a person."""
    return ask is not None and ask.status not in ENDED


def why_no_session(tx: Session, login: BrokerLogin) -> str:
    """Why nothing may enter through a login now, as its session and mode stand; empty if it may.

    A PAPER login at the broker's own address would move real money, so nothing enters there.
    """
    if login.broker is Broker.PAPER:
        return ""
    if login.mode is LoginMode.PAPER and not login.is_sandbox:
        return (
            f"{login.label} is PAPER and stands at the broker's own address, where orders are "
            "real; use a sandbox, or switch it to LIVE on Settings"
        )
    state = logins.state(tx, login.id)
    if state is not None and state.facts.get("blocked"):
        return f"{login.label}: {state.facts['blocked']}"
    if state is None or state.works:
        return ""
    return f"{login.label} is not logged in ({state.sentence}); log in on the Broker page"


def cut_off(tx: Session) -> dict[str, LoginState]:
    """Logins at brokers whose session does not work now, by id: only broker stops stand there."""
    real = [one.id for one in accounts.logins(tx) if one.broker is not Broker.PAPER]
    known = logins.states(tx) if real else {}
    return {
        name: known[name]
        for name in real
        if name in known and known[name].status is not SessionStatus.OPEN
    }


def _traded_today(desk: Desk, tx: Session, account: Account) -> str:
    """Today's fills are compared with the broker that made them."""
    midnight = datetime.combine(ist_day(desk.clock.now()), time(), IST)
    if any(fill.account_id == account.id for fill in fills.since(tx, midnight)):
        return "it traded today; move it tomorrow before its first trade"
    return ""


def _why_not_flat(tx: Session, account: Account) -> str:
    held = [one for one in ledger.positions(tx, account.id) if one.qty]
    if held:
        names = {one.isin: one.symbol for one in instruments.all_instruments(tx)}
        first = held[0]
        more = f" and {len(held) - 1} more" if len(held) > 1 else ""
        return (
            f"it holds {qty(first.qty)} {names.get(first.isin, first.isin)}{more}; "
            "exit what it holds first"
        )
    going = [one for one in plans.with_status(tx, *OPEN_PLANS) if one.account_id == account.id]
    working = [one for one in orders.with_status(tx, *WORKING) if one.account_id == account.id]
    if going or working:
        name = (going or working)[0].symbol
        return f"{name} is on its way in or out; wait until that ended"
    moving = [one for one in transfers.of_account(tx, account.id) if one.in_clearing]
    if moving:
        return (
            f"{rupees(moving[0].in_clearing)} of transfer {moving[0].id} is on its way; confirm "
            "its steps or call it off"
        )
    return ""
