"""MULTIPLE GTTs: an entry, and a target and a stop that come to life with what it bought.

The entry and the pair after it stand in the client's journal; that they belong together is kept
here, and in a file beside the journals where the sandbox has a folder.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from core.domain.money import Money
from core.domain.order import OrderType, Product, Side, Validity
from core.domain.quote import Quote
from core.domain.ticks import tick_now
from core.errors import BrokerRefused
from core.exchange.trading_floor import broker_day
from core.exchange.values import GttLeg, Ticket
from core.sandbox.house import Client, Happening
from core.sandbox.upstox.answers import INVALID, TURNED_DOWN, UpstoxError, number
from core.sandbox.upstox.gtts import (
    ENTRY,
    IMMEDIATE,
    STOPLOSS,
    TARGET,
    Asked,
    fate,
    is_listed,
    qty_of,
    rules_of,
    stops,
    whole_row,
)
from core.sandbox.upstox.state import Upstox, order_number

FIRST = 90_000  # numbers of single GTTs stay below


@dataclass(slots=True)
class Bracket:
    """One MULTIPLE; paise and names of the exchange, empty where there is none yet."""

    gtt_id: str
    user_id: str
    isin: str
    side: str
    qty: int
    product: str
    entry_type: str
    entry: int
    stop: int
    target: int
    gap: int
    created_at: str
    entry_gtt: str = ""
    entry_order: str = ""
    pair: str = ""
    cancelled: bool = False
    why: str = ""


class Brackets:
    """Every MULTIPLE of a sandbox."""

    def __init__(self, upstox: Upstox, path: Path | None = None) -> None:
        self._upstox = upstox
        self._path = path
        rows = json.loads(path.read_text()) if path is not None and path.exists() else []
        self._all: list[Bracket] = [Bracket(**row) for row in rows]
        upstox.house.listen(self._told)
        upstox.house.watch(self._priced)

    def place(self, client: Client, asked: Asked) -> str:
        """Rest an entry with what shall follow it; IMMEDIATE sends the entry now."""
        upstox, entry = self._upstox, asked.entry
        made = upstox.house.clock.now()
        stop, target = asked.rules.get(STOPLOSS), asked.rules.get(TARGET)
        with upstox.house.lock:
            count = FIRST + len(self._all) + 1
            bracket = Bracket(
                gtt_id=f"GTT-C{broker_day(made):%y%m%d}{client.place:03d}{count:05d}",
                user_id=client.user.user_id,
                isin=asked.instrument.isin,
                side=asked.side.value,
                qty=asked.qty,
                product=asked.product.value,
                entry_type=entry.trigger_type,
                entry=entry.trigger.paise,
                stop=stop.trigger.paise if stop else 0,
                target=target.trigger.paise if target else 0,
                gap=stop.gap.paise if stop and stop.gap else 0,
                created_at=made.isoformat(),
            )
            try:
                self._enter(client, asked, bracket)
            except BrokerRefused as error:
                raise UpstoxError(TURNED_DOWN, str(error)) from error
            self._all.append(bracket)
            self._write()
        return bracket.gtt_id

    def has(self, client: Client, gtt_id: str) -> bool:
        """Whether an id is one of a client's MULTIPLEs."""
        return any(one.gtt_id == gtt_id for one in self.of(client))

    def of(self, client: Client) -> list[Bracket]:
        """A client's MULTIPLEs."""
        return [one for one in self._all if one.user_id == client.user.user_id]

    def names(self, client: Client) -> list[str]:
        """Triggers of the exchange that are parts of a MULTIPLE."""
        return [name for one in self.of(client) for name in (one.entry_gtt, one.pair) if name]

    def modify(self, client: Client, fields: Mapping[str, Any]) -> str:
        """Change what has not happened yet."""
        bracket = self._by_id(client, str(fields.get("gtt_order_id")))
        rules, qty = rules_of(fields), qty_of(fields)
        with self._upstox.house.lock:
            if bracket.cancelled or (qty != bracket.qty and not bracket.entry_gtt):
                raise UpstoxError(INVALID, "Only the triggers of what is left can change")
            stop, target = rules.get(STOPLOSS), rules.get(TARGET)
            bracket.stop = stop.trigger.paise if stop else bracket.stop
            bracket.target = target.trigger.paise if target else bracket.target
            bracket.gap = stop.gap.paise if stop and stop.gap else bracket.gap
            try:
                if bracket.pair:
                    self._move_pair(client, bracket)
                elif bracket.entry_gtt:
                    self._move_entry(client, bracket, rules[ENTRY].trigger, qty)
            except BrokerRefused as error:
                raise UpstoxError(TURNED_DOWN, str(error)) from error
            self._write()
        return bracket.gtt_id

    def cancel(self, client: Client, gtt_id: str) -> str:
        """Take away what has not happened yet; an order that was sent stays."""
        bracket = self._by_id(client, gtt_id)
        with self._upstox.house.lock:
            name = bracket.pair or bracket.entry_gtt
            if name:
                try:
                    client.paper.cancel_gtt(name)
                except BrokerRefused as error:
                    raise UpstoxError(TURNED_DOWN, str(error)) from error
            bracket.cancelled = True
            self._write()
        return gtt_id

    def rows(self, client: Client) -> list[dict[str, Any]]:
        """A client's MULTIPLEs as Upstox shows them."""
        return [self._row(client, one) for one in self.of(client) if self._is_listed(client, one)]

    def _enter(self, client: Client, asked: Asked, bracket: Bracket) -> None:
        share, entry = asked.instrument, asked.entry
        if entry.trigger_type == IMMEDIATE:
            ticket = Ticket(
                "", share.isin, share.symbol, asked.side, asked.qty, OrderType.LIMIT,
                asked.product, Validity.DAY, entry.trigger, None,
            )  # fmt: skip
            bracket.entry_order = client.paper.place_ticket(ticket)
            return
        is_stop = stops(asked.side, entry.trigger_type)
        bracket.entry_gtt = client.paper.place_gtt(
            isin=share.isin,
            symbol=share.symbol,
            qty=asked.qty,
            side=asked.side,
            product=asked.product,
            stop=entry.trigger if is_stop else None,
            target=None if is_stop else entry.trigger,
        )

    def _move_entry(self, client: Client, bracket: Bracket, trigger: Money, qty: int) -> None:
        is_stop = stops(Side(bracket.side), bracket.entry_type)
        client.paper.modify_gtt(
            bracket.entry_gtt,
            qty=qty,
            stop=trigger if is_stop else None,
            target=None if is_stop else trigger,
        )
        bracket.entry, bracket.qty = trigger.paise, qty

    def _move_pair(self, client: Client, bracket: Bracket) -> None:
        gtt = client.record.gtts[bracket.pair].gtt
        client.paper.modify_gtt(
            bracket.pair, qty=gtt.qty, stop=_money(bracket.stop), target=_money(bracket.target)
        )

    def _told(self, user_id: str, happened: Sequence[Happening]) -> None:
        """Follow an entry that ended with shares."""
        upstox = self._upstox
        client = upstox.house.client(user_id)
        with upstox.house.lock:
            for bracket in self.of(client):
                if bracket.entry_gtt and not bracket.entry_order:
                    bracket.entry_order = client.record.gtts[bracket.entry_gtt].order_id
                step = client.record.order(bracket.entry_order) if bracket.entry_order else None
                if step is None or step.is_open or bracket.pair or bracket.why:
                    continue
                if step.filled and not bracket.cancelled:
                    self._follow(client, bracket, step.filled)
                    self._write()

    def _follow(self, client: Client, bracket: Bracket, qty: int) -> None:
        try:
            bracket.pair = client.paper.place_gtt(
                isin=bracket.isin,
                symbol=self._upstox.house.instruments[bracket.isin].symbol,
                qty=qty,
                side=Side.SELL if bracket.side == Side.BUY else Side.BUY,
                product=Product(bracket.product),
                stop=_money(bracket.stop),
                target=_money(bracket.target),
            )
        except BrokerRefused as error:
            bracket.why = str(error)

    def _priced(self, quotes: Sequence[Quote]) -> None:
        """Draw trailing stops after the price, in one direction alone."""
        upstox = self._upstox
        for quote in quotes:
            for bracket in [one for one in self._all if one.gap and one.isin == quote.isin]:
                client = upstox.house.client(bracket.user_id)
                if not bracket.pair or not client.record.gtts[bracket.pair].is_active:
                    continue
                up = 1 if bracket.side == Side.BUY else -1
                wanted = quote.ltp.paise - up * bracket.gap
                if (wanted - bracket.stop) * up >= tick_now(quote).paise:
                    with upstox.house.lock:
                        bracket.stop = wanted
                        self._move_pair(client, bracket)
                        self._write()

    def _by_id(self, client: Client, gtt_id: str) -> Bracket:
        return next(one for one in self.of(client) if one.gtt_id == gtt_id)

    def _is_listed(self, client: Client, bracket: Bracket) -> bool:
        name = bracket.pair or bracket.entry_gtt
        if name:
            return is_listed(self._upstox, client.record.gtts[name])
        return client.record.order(bracket.entry_order) is not None

    def _row(self, client: Client, bracket: Bracket) -> dict[str, Any]:
        upstox = self._upstox
        side = Side(bracket.side)
        exits = Side.SELL if side is Side.BUY else Side.BUY
        rules = [
            _rule(ENTRY, bracket.entry_type, bracket.entry, side, self._entry(client, bracket))
        ]
        for strategy, paise, leg in (
            (STOPLOSS, bracket.stop, GttLeg.STOP),
            (TARGET, bracket.target, GttLeg.TARGET),
        ):
            if paise:
                found = self._leg(client, bracket, leg)
                rules.append(_rule(strategy, IMMEDIATE, paise, exits, found))
        if bracket.gap:
            rules[1]["trailing_gap"] = bracket.gap / 100
        return whole_row(
            upstox,
            upstox.house.instruments[bracket.isin],
            kind="MULTIPLE",
            qty=bracket.qty,
            product=Product(bracket.product),
            rules=rules,
            gtt_id=bracket.gtt_id,
            created_at=datetime.fromisoformat(bracket.created_at),
        )

    def _entry(self, client: Client, bracket: Bracket) -> tuple[str, str | None, str | None]:
        if bracket.entry_gtt:
            return fate(self._upstox, client, client.record.gtts[bracket.entry_gtt])
        step = client.record.order(bracket.entry_order)
        if step is None:
            return "COMPLETED", None, None
        number_ = order_number(self._upstox, client, step)
        return ("TRIGGERED" if step.is_open else "COMPLETED"), None, number_

    def _leg(
        self, client: Client, bracket: Bracket, leg: GttLeg
    ) -> tuple[str, str | None, str | None]:
        if not bracket.pair:
            word = "CANCELLED" if bracket.cancelled else "FAILED" if bracket.why else "PENDING"
            return word, bracket.why or None, None
        state = client.record.gtts[bracket.pair]
        if state.leg is not None and state.leg is not leg:
            return "CANCELLED", "", None
        return fate(self._upstox, client, state)

    def _write(self) -> None:
        if self._path is not None:
            self._path.write_text(json.dumps([asdict(one) for one in self._all]))


def _rule(
    strategy: str,
    trigger_type: str,
    paise: int,
    side: Side,
    found: tuple[str, str | None, str | None],
) -> dict[str, Any]:
    status, message, order_id = found
    return {
        "strategy": strategy,
        "status": status,
        "trigger_type": trigger_type,
        "trigger_price": number(Money(paise)),
        "transaction_type": side.value,
        "message": message,
        "order_id": order_id,
    }


def _money(paise: int) -> Money | None:
    return Money(paise) if paise else None
