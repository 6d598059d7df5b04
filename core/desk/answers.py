"""What a broker's answers tell of this machine: how its clock stands, and whether its address may.

A sandbox whose clock the desk sets proves nothing about this machine's clock, so its skew is
kept and acts on nothing. A simulated market has another time than a broker's own address, and
the two are not compared.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Final

from core.desk.desk import Desk
from core.desk.doors import Opened
from core.desk.live_rows import note_ip, note_ip_refused
from core.desk.skew import hear_date
from core.desk.wire_seen import note_evidence
from core.domain.account import Market
from core.errors import NotFound

HEARD_SECONDS: Final = 2.0  # between two samples of a clock
ADDRESS: Final = re.compile(
    r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f:]*:[0-9A-Fa-f:]+)(?![\w:])"
)


def take_notes(desk: Desk, opened: Opened) -> None:
    """Judge the clock and the address by what came since the last look; NotFound is passed by."""
    try:
        _judge_clock(desk, opened)
        _judge_address(desk, opened)
        note_evidence(desk, opened.login, getattr(opened.known, "evidence", {}))
    except NotFound:
        return  # the login was removed meanwhile; its session is let go


def address_in(sentence: str) -> str:
    """The first IP address in a broker's sentence, empty where there is none."""
    for found in ADDRESS.findall(sentence):
        try:
            return str(ipaddress.ip_address(found))
        except ValueError:
            continue
    return ""


def _judge_clock(desk: Desk, opened: Opened) -> None:
    dated, login = opened.dated(), opened.login
    if dated is None or not (desk.market is Market.LIVE or login.is_sandbox):
        return
    moment = dated.answered_at.timestamp()
    if moment == opened.looks.get("dated"):
        return
    now = desk.clock.monotonic()
    if now < opened.looks.get("heard", now):
        return
    opened.looks["dated"], opened.looks["heard"] = moment, now + HEARD_SECONDS
    hear_date(
        desk,
        login.id,
        dated.header,
        asked_at=dated.asked_at,
        answered_at=dated.answered_at,
        acts=not login.control,
    )


def _judge_address(desk: Desk, opened: Opened) -> None:
    refused = opened.refused()
    if refused is None or refused == opened.notes.get("address"):
        return
    login_id = opened.login.id
    if address := address_in(refused):
        note_ip(desk, login_id, address, said_by="broker")
    note_ip_refused(desk, login_id, refused)
    opened.notes["address"] = refused
