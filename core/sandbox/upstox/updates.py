"""The portfolio stream: a JSON message for each change of an order, GTT, position or holding."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

from starlette.websockets import WebSocket

from core.exchange.values import GttCancelled, GttFired, GttModified, GttPlaced, Traded
from core.sandbox.house import Client, Happening
from core.sandbox.upstox import gtts, portfolio
from core.sandbox.upstox.brackets import Brackets
from core.sandbox.upstox.sockets import Connection, Sockets
from core.sandbox.upstox.state import Upstox
from core.sandbox.upstox.words import order_row

KINDS: Final = frozenset({"order", "gtt_order", "position", "holding"})


class Updates:
    """The sockets of the portfolio stream."""

    def __init__(self, upstox: Upstox, brackets: Brackets) -> None:
        self._upstox = upstox
        self._brackets = brackets
        self.sockets = Sockets(
            upstox, "portfolio", opened=self._opened, heard=lambda connection, raw: None
        )
        upstox.house.listen(self._told)

    def _opened(self, connection: Connection, socket: WebSocket) -> None:
        asked = set(socket.query_params.get("update_types", "order").split(","))
        connection.kinds = frozenset(asked & KINDS)

    def _told(self, user_id: str, happened: Sequence[Happening]) -> None:
        client = self._upstox.house.client(user_id)
        rows = list(self._rows(client, happened))
        for row in self._upstox.faults.events(rows):
            text = json.dumps(row)
            for connection in list(self.sockets.open):
                if connection.user_id == user_id and row["update_type"] in connection.kinds:
                    connection.put(text)

    def _rows(self, client: Client, happened: Sequence[Happening]) -> Iterator[dict[str, Any]]:
        upstox, user = self._upstox, client.user.user_id
        whose = {"user_id": user, "userId": user}
        for one in happened:
            event = one.event
            if one.step is not None and upstox.faults.shows(one.step.order_id):
                row = order_row(upstox, client, one.step)
                key = {"instrument_key": row["instrument_token"]}
                yield {"update_type": "order", **whose, **row, **key}
            if isinstance(event, (GttPlaced, GttModified, GttFired, GttCancelled)):
                name = event.gtt.gtt_id if isinstance(event, GttPlaced) else event.gtt_id
                if name not in self._brackets.names(client) and upstox.faults.shows(name):
                    row = gtts.row(upstox, client, client.record.gtts[name])
                    yield {"update_type": "gtt_order", **whose, **row}
            if isinstance(event, Traded):
                day = client.record.positions[event.isin, event.product]
                row = portfolio.position_row(upstox, event.isin, event.product, day)
                yield {"update_type": "position", **whose, **row}
