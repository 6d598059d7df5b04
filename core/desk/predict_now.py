"""What the model in use says of some shares at this moment, as a scan would; nothing is kept."""

from __future__ import annotations

from collections.abc import Collection

from core.desk.desk import Desk
from core.desk.quality import check_bars
from core.desk.quality_now import standings
from core.desk.research import around, read_research, tilted
from core.domain.clock import ist_day
from core.domain.research import Prediction
from core.models.predict import predict
from core.store import instruments


def predict_now(desk: Desk, isins: Collection[str] | None = None) -> dict[str, Prediction]:
    """Predictions by ISIN; a share that is not traded or has too little history has none.

    Args:
        isins: the shares asked for, all unless given. Explaining one takes a hundredth of all.

    Raises:
        NoData: no model is in use, or no share has enough bars.
        Refused: the model in use cannot be opened.
    """
    at = desk.clock.now()
    research = read_research(desk, before=ist_day(at), cached=None)
    check_bars(desk)
    with desk.store.read() as tx:
        features, _ = tilted(tx, research, desk.calendar, at=at)
        kept = standings(tx, desk.calendar, today=ist_day(at))
        symbols = {item.isin: item.symbol for item in instruments.all_instruments(tx)}
    found = predict(
        research.model,
        features,
        session=research.session,
        as_of=at,
        symbols=symbols,
        around=around(research, kept, desk.calendar, today=ist_day(at)),
        only=isins,
    )
    return {one.isin: one for one in found}
