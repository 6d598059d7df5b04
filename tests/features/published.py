"""Worked tables as they were published, each with where it stands.

They are the test tables of the Python package `ta` (bukosabino/ta, `test/data/cs-*.csv`), whose
tests point to StockCharts' ChartSchool for the ulcer index, VWAP and ease of movement and to
Investopedia for the Donchian channel; the spreadsheets behind them were not seen.

`spy_2017.csv` holds the first 252 daily bars of SPY from 3 January 2017 that DaveSkender's
Stock.Indicators is tested on, and what its tests say of them (Apache 2.0, `tests/indicators`:
Ichimoku, Chop and SuperTrend). Bars are counted from zero there, as here. The entropy is the worked
example of Bandt and Pompe's paper.

Keltner channels, Chaikin money flow and TSI are TA-Lib's own. No published table was found for the
range volatilities, Hurst's exponent, the variance ratio and Amihud's measure: those are worked by
hand in `test_indicators.py` and written out anew in `test_against_pandas.py`.
"""

from __future__ import annotations

import csv
from pathlib import Path

SPY = Path(__file__).with_name("spy_2017.csv")


def spy() -> tuple[list[float], list[float], list[float]]:
    """High, low and close."""
    with SPY.open(newline="", encoding="utf-8") as file:
        rows = [[float(cell) for cell in row] for row in list(csv.reader(file))[1:]]
    high, low, close = (list(column) for column in zip(*rows, strict=True))
    return high, low, close


# bar: conversion, base, first and second span over it, drawn 26 bars before
ICHIMOKU = {
    51: (224.465, 221.94, 214.8325, None),
    249: (257.15, 253.085, 246.3125, 241.685),
}
CHOPPINESS_14 = {14: 69.9967, 249: 41.8499}
# bar: the line of 14 bars and three ATR, and whether it lies below the price
SUPERTREND_14 = {14: (210.6157, True), 151: (232.8520, True), 152: (237.6436, False),
                 249: (253.8008, True)}  # fmt: skip

# Bandt and Pompe (2002): of five triples of (4, 7, 9, 10, 6, 11, 3) two rise, two are 2-3-1 and one
# is 3-1-2 or the like; entropy -2 (2/5) log2(2/5) - (1/5) log2(1/5) bits
ORDER_SERIES = (4.0, 7.0, 9.0, 10.0, 6.0, 11.0, 3.0)
ORDER_ENTROPY_BITS = 1.522

# cs-vwap.csv: high, low, close, volume, VWAP of the last 14 bars (of all so far at the start)
VWAP_14 = (
    (24.8283, 24.3205, 24.7486, 18730.144, 24.632466666666666),
    (24.7586, 24.5993, 24.7088, 12271.74, 24.654805154030853),
    (25.1568, 24.7785, 25.0373, 24691.414, 24.80379676048873),
    (25.5848, 24.9477, 25.545, 18357.606, 24.9414758619062),
    (25.6844, 24.8083, 25.0672, 22964.08, 24.99950623571372),
    (25.336, 25.0572, 25.107, 15918.948, 25.02307824302856),
    (25.2862, 24.8482, 24.888, 16067.044, 25.021133824528068),
    (25.1269, 24.7496, 24.9975, 16568.487, 25.013948032058988),
    (25.2762, 24.9278, 25.0473, 16018.729, 25.020869365685463),
    (25.3857, 25.0274, 25.336, 9773.569, 25.03392065542907),
    (25.5351, 25.0473, 25.0572, 22572.712, 25.054787605744554),
    (25.6048, 25.0622, 25.4455, 12986.669, 25.074623090960745),
    (25.7441, 25.5351, 25.5649, 10906.659, 25.101664793872967),
    (25.7242, 25.4554, 25.555, 5799.259, 25.11402265022072),
    (25.6744, 25.2862, 25.4057, 7395.274, 25.168402599215426),
    (25.4455, 25.1667, 25.3658, 5818.162, 25.20144430295291),
    (25.3161, 24.9178, 25.0373, 7164.726, 25.224830276069326),
    (25.2563, 24.9079, 24.9178, 5672.914, 25.20440931025093),
    (25.0373, 24.8283, 24.878, 5624.742, 25.196687502882995),
    (25.0074, 24.7088, 24.9676, 5023.469, 25.189626838746534),
)

# cs-ui.csv: closes of 14 bars, with the ulcer index after the last, in percent
ULCER_CLOSES = (
    199.29, 199.01, 198.29, 198.4, 200.84, 201.22, 200.5, 198.65, 197.25, 195.7, 197.77, 195.69,
    194.87, 195.08,
)  # fmt: skip
ULCER_14 = 1.760895215

# cs-dc.csv: high, low of 30 bars; upper, lower and middle line of 20 bars from the 20th on
DONCHIAN_BARS = (
    (48.70, 47.79), (48.72, 48.14), (48.90, 48.39), (48.87, 48.37), (48.82, 48.24),
    (49.05, 48.635), (49.20, 48.94), (49.35, 48.86), (49.92, 49.50), (50.19, 49.87),
    (50.12, 49.20), (49.66, 48.90), (49.88, 49.43), (50.19, 49.725), (50.36, 49.26),
    (50.57, 50.09), (50.65, 50.30), (50.43, 49.21), (49.63, 48.98), (50.33, 49.61),
    (50.29, 49.20), (50.17, 49.43), (49.32, 48.08), (48.50, 47.64), (48.3201, 41.55),
)  # fmt: skip
DONCHIAN_20 = (
    (50.65, 47.79, 49.22),
    (50.65, 48.14, 49.40),
    (50.65, 48.24, 49.45),
    (50.65, 48.08, 49.37),
    (50.65, 47.64, 49.15),
    (50.65, 41.55, 46.10),
)

# cs-easeofmovement.csv: high, low, volume of 19 bars; the mean of 14 from the 15th bar on
EASE_BARS = (
    (63.74, 62.63, 32178836),
    (64.51, 63.85, 36461672),
    (64.57, 63.81, 51372680),
    (64.31, 62.62, 42476356),
    (63.43, 62.73, 29504176),
    (62.85, 61.95, 33098600),
    (62.70, 62.06, 30577960),
    (63.18, 62.69, 35693928),
    (62.47, 61.54, 49768136),
    (64.16, 63.21, 44759968),
    (64.38, 63.87, 33425504),
    (64.89, 64.29, 15895085),
    (65.25, 64.48, 37015388),
    (64.69, 63.65, 40672116),
    (64.26, 63.68, 35627200),
    (64.51, 63.12, 47337336),
    (63.46, 62.50, 43373576),
    (62.69, 61.86, 57651752),
    (63.52, 62.56, 32357184),
)
EASE_14 = (-0.027667318, -0.188824955, -0.321890933, -0.188350045, 0.039013956)
