"""TA-Lib's candlestick patterns in words, and on which bar each can first be seen."""

from __future__ import annotations

from typing import NamedTuple


class Pattern(NamedTuple):
    """A pattern's name as a trader says it; `warm_up` counts the bars it needs."""

    words: str
    warm_up: int


PATTERNS: dict[str, Pattern] = {
    "CDL2CROWS": Pattern("two crows", 13),
    "CDL3BLACKCROWS": Pattern("three black crows", 14),
    "CDL3INSIDE": Pattern("three inside up or down", 13),
    "CDL3LINESTRIKE": Pattern("three line strike", 9),
    "CDL3OUTSIDE": Pattern("three outside up or down", 4),
    "CDL3STARSINSOUTH": Pattern("three stars in the south", 13),
    "CDL3WHITESOLDIERS": Pattern("three advancing white soldiers", 13),
    "CDLABANDONEDBABY": Pattern("abandoned baby", 13),
    "CDLADVANCEBLOCK": Pattern("advance block", 13),
    "CDLBELTHOLD": Pattern("belt hold", 11),
    "CDLBREAKAWAY": Pattern("breakaway", 15),
    "CDLCLOSINGMARUBOZU": Pattern("closing marubozu", 11),
    "CDLCONCEALBABYSWALL": Pattern("concealing baby swallow", 14),
    "CDLCOUNTERATTACK": Pattern("counterattack", 12),
    "CDLDARKCLOUDCOVER": Pattern("dark cloud cover", 12),
    "CDLDOJI": Pattern("doji", 11),
    "CDLDOJISTAR": Pattern("doji star", 12),
    "CDLDRAGONFLYDOJI": Pattern("dragonfly doji", 11),
    "CDLENGULFING": Pattern("engulfing", 3),
    "CDLEVENINGDOJISTAR": Pattern("evening doji star", 13),
    "CDLEVENINGSTAR": Pattern("evening star", 13),
    "CDLGAPSIDESIDEWHITE": Pattern("side-by-side white lines after a gap", 8),
    "CDLGRAVESTONEDOJI": Pattern("gravestone doji", 11),
    "CDLHAMMER": Pattern("hammer", 12),
    "CDLHANGINGMAN": Pattern("hanging man", 12),
    "CDLHARAMI": Pattern("harami", 12),
    "CDLHARAMICROSS": Pattern("harami cross", 12),
    "CDLHIGHWAVE": Pattern("high wave candle", 11),
    "CDLHIKKAKE": Pattern("hikkake", 6),
    "CDLHIKKAKEMOD": Pattern("modified hikkake", 11),
    "CDLHOMINGPIGEON": Pattern("homing pigeon", 12),
    "CDLIDENTICAL3CROWS": Pattern("identical three crows", 13),
    "CDLINNECK": Pattern("in neck", 12),
    "CDLINVERTEDHAMMER": Pattern("inverted hammer", 12),
    "CDLKICKING": Pattern("kicking", 12),
    "CDLKICKINGBYLENGTH": Pattern("kicking, side by the longer candle", 12),
    "CDLLADDERBOTTOM": Pattern("ladder bottom", 15),
    "CDLLONGLEGGEDDOJI": Pattern("long legged doji", 11),
    "CDLLONGLINE": Pattern("long line candle", 11),
    "CDLMARUBOZU": Pattern("marubozu", 11),
    "CDLMATCHINGLOW": Pattern("matching low", 7),
    "CDLMATHOLD": Pattern("mat hold", 15),
    "CDLMORNINGDOJISTAR": Pattern("morning doji star", 13),
    "CDLMORNINGSTAR": Pattern("morning star", 13),
    "CDLONNECK": Pattern("on neck", 12),
    "CDLPIERCING": Pattern("piercing", 12),
    "CDLRICKSHAWMAN": Pattern("rickshaw man", 11),
    "CDLRISEFALL3METHODS": Pattern("rising or falling three methods", 15),
    "CDLSEPARATINGLINES": Pattern("separating lines", 12),
    "CDLSHOOTINGSTAR": Pattern("shooting star", 12),
    "CDLSHORTLINE": Pattern("short line candle", 11),
    "CDLSPINNINGTOP": Pattern("spinning top", 11),
    "CDLSTALLEDPATTERN": Pattern("stalled", 13),
    "CDLSTICKSANDWICH": Pattern("stick sandwich", 8),
    "CDLTAKURI": Pattern("takuri, a doji on a very long shadow", 11),
    "CDLTASUKIGAP": Pattern("tasuki gap", 8),
    "CDLTHRUSTING": Pattern("thrusting", 12),
    "CDLTRISTAR": Pattern("tristar", 13),
    "CDLUNIQUE3RIVER": Pattern("unique 3 river", 13),
    "CDLUPSIDEGAP2CROWS": Pattern("upside gap two crows", 13),
    "CDLXSIDEGAP3METHODS": Pattern("three methods over a gap", 3),
}
