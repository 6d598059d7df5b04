"""The rows of `munim doctor --live`, each a check with one sentence and the way out.

What only the worker can know about a broker (which calls were verified, whose tags stand in
the day's orders, the address it is seen from) it writes with the `note_` functions; a note that
is old or missing fails its row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from ipaddress import ip_address
from typing import Any, Final

from sqlmodel import Session

from core.desk import sign, skew
from core.desk.access import has_password
from core.desk.alarm_out import why_not_delivered
from core.desk.anchor import last_anchor
from core.desk.backup import last_backup
from core.desk.caps import caps_set, login_caps
from core.desk.desk import Desk
from core.desk.kill import kill_file, level_in_file
from core.desk.own_server import why_open
from core.desk.wire_seen import evidence_of
from core.domain.account import Broker, BrokerLogin, Market
from core.domain.live import DEFAULT_CAPS, LIVE_CALLS, LiveRow
from core.domain.risk import KillLevel
from core.domain.words import day, qty, rupees
from core.errors import BadInput, Tampered
from core.store import accounts, audit, kills, reconciliations, settings

DAY: Final = timedelta(hours=24)
NOTED: Final = timedelta(minutes=15)  # how old a note of the worker may be
HAND_GTT: Final = (
    "; place one GTT in the broker's own app and log in here: the worker reads the list, and a "
    "real row whose every field is known counts"
)
Check = Callable[[], LiveRow]


def checks(desk: Desk, login: BrokerLogin) -> list[tuple[str, Check]]:
    """Every check by name, in the order a person sets them right."""
    named: tuple[tuple[str, Callable[[], tuple[bool, str]]], ...] = (
        ("market", partial(_market, desk)),
        ("broker", partial(_broker, login)),
        ("password", partial(_password, desk)),
        ("bind", partial(_bind, desk)),
        ("site checks", partial(_site, desk)),
        ("approvals signed", partial(_signed, desk)),
        ("kill level", partial(_kill, desk)),
        ("outbound alarm", partial(why_not_delivered, desk, within=DAY)),
        ("rupee caps", partial(_caps, desk, login)),
        ("adapter", partial(_adapter, desk, login)),
        ("clock", partial(_clock, desk, login)),
        ("static IP", partial(_static_ip, desk, login)),
        ("backup", partial(_backup, desk)),
        ("audit chain", partial(_chain, desk)),
        ("other desks", partial(_tags, desk, login)),
        ("reconciliation", partial(_reconciled, desk, login)),
    )
    return [(name, partial(_row, name, look)) for name, look in named]


def note_wire(desk: Desk, broker: str, verified: Mapping[str, bool]) -> None:
    """The worker's word on which calls of an adapter were seen with a real answer."""
    _note(desk, f"wire:{broker}", {"calls": dict(sorted(verified.items()))})


def note_tags(desk: Desk, login_id: str, foreign: Sequence[str]) -> None:
    """The worker's word on tags of other desks among the day's orders of a login."""
    _note(desk, f"tags:{login_id}", {"foreign": sorted(set(foreign))[:20]})


def note_ip(desk: Desk, login_id: str, address: str, *, said_by: str) -> None:
    """The address a broker sees or a person states; `said_by` is `broker` or the person."""
    try:
        found = ip_address(address.strip())
    except ValueError:
        raise BadInput(f"{address!r} is no IP address; write it as 203.0.113.7") from None
    if said_by != "broker" and not found.is_global:
        raise BadInput(f"{found} is an address of a local network; give the one the broker sees")
    with desk.store.write() as tx:
        accounts.login(tx, login_id)
        at = desk.clock.now()
        row = {"at": at.isoformat(), "address": str(found), "said_by": said_by}
        settings.put(tx, f"ip:{login_id}", row)
        if said_by != "broker":
            audit.append(tx, at=at, actor=said_by, verb="static IP", subject=login_id, body=row)


def note_ip_refused(desk: Desk, login_id: str, sentence: str) -> None:
    """A broker's word that it takes no orders from this machine; empty once it took one.

    The address that a broker or a person told before stays beside it.
    """
    with desk.store.write() as tx:
        accounts.login(tx, login_id)
        before = _get(tx, f"ip:{login_id}") or {}
        if sentence == before.get("refused", ""):
            return
        at = desk.clock.now()
        kept = {"at": at.isoformat(), "address": "", "said_by": "broker", **before}
        settings.put(tx, f"ip:{login_id}", {**kept, "refused": sentence})
        body = {"refused": sentence}
        audit.append(tx, at=at, actor="worker", verb="static IP", subject=login_id, body=body)


def foreign_tags(tags: Sequence[str], *, desk_tag: str) -> list[str]:
    """Tags that another desk of this kind gave: eighteen of ours in shape, with other letters."""
    shaped = [tag for tag in tags if len(tag) == 18 and tag.isalnum() and tag.isupper()]
    return [tag for tag in shaped if tag[:2].isalpha() and not tag.startswith(desk_tag)]


def _row(name: str, look: Callable[[], tuple[bool, str]]) -> LiveRow:
    passed, sentence = look()
    return LiveRow(name, passed, sentence)


def _market(desk: Desk) -> tuple[bool, str]:
    if desk.market is Market.LIVE:
        return True, "the store is stamped live"
    return False, f"the store is stamped {desk.market}; open another with MUNIM_MARKET=live"


def _broker(login: BrokerLogin) -> tuple[bool, str]:
    if login.broker is Broker.PAPER:
        return False, f"{login.label} holds no money; add a login at a broker"
    return True, f"{login.label} at {login.broker}"


def _password(desk: Desk) -> tuple[bool, str]:
    if has_password(desk.home):
        return True, "one is set"
    return False, "none is set; set one on Settings"


def _bind(desk: Desk) -> tuple[bool, str]:
    bind = desk.settings.bind
    if desk.settings.is_loopback:
        return True, f"{bind} is reached from this machine alone"
    if has_password(desk.home):
        return True, f"{bind} is reached from other machines, which need the password"
    return False, f"{bind} is reached from other machines without a password; set one"


def _site(desk: Desk) -> tuple[bool, str]:
    why = why_open(desk.settings)
    said = "the page turned away a foreign Host, form and WebSocket, and one without a session"
    return not why, why or said


def _signed(desk: Desk) -> tuple[bool, str]:
    why = sign.why_keys_are_open(desk.home)
    return not why, why or "each session signs with its own key, kept outside the store"


def _kill(desk: Desk) -> tuple[bool, str]:
    with desk.store.read() as tx:
        stored = kills.level(tx)
    if not kill_file(desk.home).exists():
        return False, (
            "the file beside the store is missing; munim resume --reason checked writes it"
        )
    in_file = level_in_file(desk.home)
    if in_file is not stored:
        return False, (
            f"the store says {stored.name} and the file {in_file.name}; the stricter holds until "
            "munim resume --reason … or munim halt makes them agree"
        )
    if stored is not KillLevel.NORMAL:
        return False, f"the desk stands at {stored.name}; resume it first"
    return True, "store and file say NORMAL"


def _caps(desk: Desk, login: BrokerLogin) -> tuple[bool, str]:
    with desk.store.read() as tx:
        caps = login_caps(tx, login.id) or DEFAULT_CAPS
        by_person = caps_set(tx, "login", login.id) is not None
    words = f"{rupees(caps.per_order)} an order and {rupees(caps.per_day)} a day"
    return True, words + ("" if by_person else ", the defaults")


def _adapter(desk: Desk, login: BrokerLogin) -> tuple[bool, str]:
    told, _ = _told(desk, f"wire:{login.broker}")
    if told is None:
        return False, f"the worker said nothing on {login.broker} yet; start it with make run"
    seen = told["calls"]
    with desk.store.read() as tx:
        own = {
            call: one for call, one in evidence_of(tx, login.broker).items() if call in LIVE_CALLS
        }
    rests = {call: one for call, one in own.items() if not seen.get(call)}
    missing = [c for c in LIVE_CALLS if not (seen.get(c) or (c in rests and rests[c].proves))]
    odd = [f"{call}: {one.sentence}" for call, one in own.items() if not one.proves]
    if odd:
        return False, f"{odd[0]}; keep the login PAPER until Munim reads it"
    if missing:
        return False, (
            f"{len(LIVE_CALLS) - len(missing)} of {len(LIVE_CALLS)} calls were read from a "
            f"recorded real answer; not {', '.join(missing)}; keep the login PAPER until they are"
            + (HAND_GTT if missing == ["gtts"] else "")
        )
    if not rests:
        return True, f"all {len(LIVE_CALLS)} calls were read from recorded real answers"
    return True, (
        f"{len(LIVE_CALLS) - len(rests)} of {len(LIVE_CALLS)} calls were read from recorded real "
        f"answers, {'; '.join(f'{call} rests on {one.sentence}' for call, one in rests.items())}"
    )


def _clock(desk: Desk, login: BrokerLogin) -> tuple[bool, str]:
    with desk.store.read() as tx:
        found = skew.latest(tx, login.id)
    if found is None:
        return False, f"{login.label} told no time yet; log in and let the worker ask it"
    old = desk.clock.now() - found.at
    if not timedelta(0) <= old <= NOTED:
        return False, f"{login.label} told its time {_age(old)} ago, at most 15 min is allowed"
    if found.certain > skew.ALARM_SECONDS:
        return False, skew.sentence(found)
    return True, f"{found.seconds:+.1f} s (± {found.within:.1f} s) from {login.label}'s"


def _static_ip(desk: Desk, login: BrokerLogin) -> tuple[bool, str]:
    told, _ = _told(desk, f"ip:{login.id}")
    if told is None:
        return False, (
            "unknown; write orders need a registered one: munim live static-ip ADDRESS --login "
            f"{login.id}"
        )
    if told.get("refused"):
        return False, str(told["refused"])
    if not told["address"]:
        return True, f"{login.label} took an order from this machine's address"
    if told["said_by"] == "broker":
        return True, f"{login.label} sees {told['address']}"
    since = day(datetime.fromisoformat(told["at"]))
    return True, f"{told['address']} by the word of the {told['said_by']} on {since}, not checked"


def _backup(desk: Desk) -> tuple[bool, str]:
    last = last_backup(desk.home)
    if last is None:
        return False, "there is none; munim backup makes one"
    hours = (_wall(desk) - last).total_seconds() / 3600
    if hours > 24:
        return False, f"the last is {hours:.0f} h old, at most 24 h is allowed; munim backup"
    return True, f"the last is {max(0.0, hours):.1f} h old"


def _chain(desk: Desk) -> tuple[bool, str]:
    try:
        with desk.store.read() as tx:
            found = audit.verify(tx, anchor=last_anchor(desk.home))
    except Tampered as bad:
        return False, str(bad)
    return True, f"{qty(found.entries)} entries, head {found.head.hash[:12]}"


def _tags(desk: Desk, login: BrokerLogin) -> tuple[bool, str]:
    told, old = _told(desk, f"tags:{login.id}")
    if told is None or not timedelta(0) <= old <= NOTED:
        return False, (
            f"the worker did not look at {login.label}'s orders in the last 15 min; log in and "
            "let it run"
        )
    if told["foreign"]:
        letters = ", ".join(sorted({tag[:2] for tag in told["foreign"]}))
        return False, (
            f"{len(told['foreign'])} of today's orders carry the tag of another desk ({letters}); "
            "stop that desk, or trade this login from there"
        )
    return True, "no order of today carries another desk's tag"


def _reconciled(desk: Desk, login: BrokerLogin) -> tuple[bool, str]:
    with desk.store.read() as tx:
        found = reconciliations.of_login(tx, login.id)
    if found is None:
        return False, f"{login.label} was never compared with its broker; log in and let it run"
    old = desk.clock.now() - found.at
    if not timedelta(0) <= old <= NOTED:
        return False, f"{login.label} was compared {_age(old)} ago, at most 15 min is allowed"
    odd = [*(one.sentence for one in found.mismatches), *found.trades]
    if odd:
        return False, f"{odd[0]}; accept or clear it on Positions"
    return True, f"shares and trades agree with {login.label}'s"


def _wall(desk: Desk) -> datetime:
    """The wall's time for the age of files, whatever time it is at a simulated market."""
    return desk.clock.now() if desk.market is Market.LIVE else sign.WALL.now()


def _note(desk: Desk, key: str, value: dict[str, Any]) -> None:
    with desk.store.write() as tx:
        settings.put(tx, key, {"at": desk.clock.now().isoformat(), **value})


def _told(desk: Desk, key: str) -> tuple[dict[str, Any] | None, timedelta]:
    """A note and its age."""
    with desk.store.read() as tx:
        told = _get(tx, key)
    if told is None:
        return None, timedelta.max
    return told, desk.clock.now() - datetime.fromisoformat(told["at"])


def _get(tx: Session, key: str) -> dict[str, Any] | None:
    found = settings.get(tx, key)
    return found if isinstance(found, dict) else None


def _age(old: timedelta) -> str:
    return f"{old.total_seconds() / 60:.0f} min"
