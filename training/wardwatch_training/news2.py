"""The lower bound of NEWS2 from what hourly data has: without consciousness, and with oxygen only where
a fraction over 0.21 was recorded.

Royal College of Physicians, National Early Warning Score (NEWS) 2, 2017, chart 1, SpO2 scale 1. A
value counts for eight hours; one that is missing counts nothing, so that the sum is a lower bound.
It is here to choose alert thresholds; the engine's own chart is the judge.
"""

import numpy as np

CARRIED = 8  # hours
AIR, OXYGEN = 0.21, 2  # the fraction in room air, and the points of any more
# parameter: step it is rounded to, then the least value of each band and its points
CHART = {
    "rr": (1, [(-np.inf, 3), (9, 1), (12, 0), (21, 2), (25, 3)]),
    "spo2": (1, [(-np.inf, 3), (92, 2), (94, 1), (96, 0)]),
    "sbp": (1, [(-np.inf, 3), (91, 2), (101, 1), (111, 0), (220, 3)]),
    "hr": (1, [(-np.inf, 3), (41, 1), (51, 0), (91, 1), (111, 2), (131, 3)]),
    "temp": (0.1, [(-np.inf, 3), (35.1, 1), (36.1, 0), (38.1, 1), (39.1, 2)]),
}


def lower_bound(data):
    """The points of each row."""
    total = np.zeros(len(data.person))
    for signal in CHART:
        total += points(signal, data.column(f"{signal}.last.{CARRIED}").astype(np.float64))
    with np.errstate(invalid="ignore"):
        return total + OXYGEN * (data.column(f"fio2.last.{CARRIED}") > AIR + 1e-6)


def points(signal, value):
    """The points of these values; none where a value is missing."""
    step, bands = CHART[signal]
    steps = np.floor(value / step + 0.5 + 1e-6)
    least = np.array([-np.inf] + [round(low / step) for low, _ in bands[1:]])
    scores = np.array([score for _, score in bands])
    band = np.clip(np.searchsorted(least, steps, side="right") - 1, 0, None)
    return np.where(np.isnan(value), 0, scores[np.where(np.isnan(value), 0, band)])
