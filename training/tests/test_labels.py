"""The labels, by hand tables."""

import numpy as np
import pandas as pd
import pytest

from wardwatch_training import cinc2019

NAN = float("nan")


def sepsis(*people):
    return pd.DataFrame([(f"p{i}", hour, label) for i, rows in enumerate(people) for hour, label in rows], columns=["patient", "ICULOS", "SepsisLabel"])


def test_deterioration_is_the_label_until_six_hours_after_it_began():
    table = sepsis([(h, int(h >= 4)) for h in range(1, 14)], [(h, 0) for h in range(1, 4)])
    y, eligible = cinc2019.deterioration(table)
    assert y.tolist() == [False] * 3 + [True] * 10 + [False] * 3
    assert eligible.tolist() == [True] * 9 + [False] * 4 + [True] * 3  # hours 10 to 13 of the first are dropped


def test_deterioration_counts_hours_and_not_rows():
    y, eligible = cinc2019.deterioration(sepsis([(1, 0), (2, 1), (7, 1), (8, 1)]))
    assert y.tolist() == [False, True, True, True]
    assert eligible.tolist() == [True, True, True, False]


def test_deterioration_from_the_first_hour():
    y, eligible = cinc2019.deterioration(sepsis([(h, 1) for h in range(1, 9)]))
    assert y.all() and eligible.tolist() == [True] * 6 + [False] * 2


def breathing(*people):
    return pd.DataFrame(
        [(f"p{i}", hour, rr, spo2) for i, rows in enumerate(people) for hour, rr, spo2 in rows], columns=["patient", "ICULOS", "Resp", "O2Sat"]
    )


WELL, FAST, LOW, GONE = (18, 97), (30, 97), (18, 90), (NAN, NAN)

# what the first hour is followed by; (label, eligible) of the first hour
AFTER = [
    ([WELL] * 6, False, True),
    ([WELL, FAST, WELL, WELL, FAST, WELL], True, True),
    ([WELL, FAST, WELL, LOW, WELL, WELL], True, True),  # one of each is two hours
    ([(30, 90), WELL, WELL, WELL, WELL, WELL], False, True),  # both in one hour are one hour
    ([WELL, FAST, WELL, WELL, WELL, WELL], False, True),
    ([(29, 91)] * 6, False, True),
    ([WELL] * 5 + [FAST, FAST], False, True),  # the seventh hour is too late
    ([WELL] * 4 + [FAST, FAST], True, True),
    ([WELL, WELL, GONE, GONE, GONE, GONE], False, False),  # two observed hours are too few
    ([WELL, GONE, (NAN, 97), (18, NAN), GONE, GONE], False, True),
    ([GONE, LOW, GONE, (31, NAN), GONE, (NAN, 96)], True, True),
    ([WELL, WELL], False, False),  # the stay ends
    ([LOW, LOW, WELL], True, True),
]


@pytest.mark.parametrize("after, label, eligible", AFTER)
def test_respiratory_decline(after, label, eligible):
    rows = [(1 + i, rr, spo2) for i, (rr, spo2) in enumerate([WELL, *after])]
    y, ok = cinc2019.respiratory(breathing(rows))
    assert (bool(y[0]), bool(ok[0])) == (label, eligible)


NOW = [((24, 92), True), ((25, 97), False), ((18, 91), False), ((NAN, 97), False), ((18, NAN), False)]


@pytest.mark.parametrize("now, eligible", NOW)
def test_only_the_well_decline(now, eligible):
    rows = [(1, *now)] + [(h, *WELL) for h in range(2, 8)]
    assert bool(cinc2019.respiratory(breathing(rows))[1][0]) == eligible


def test_respiratory_decline_counts_hours_and_not_rows():
    rows = [(1, *WELL), (2, *WELL), (3, *WELL), (4, *WELL), (9, *LOW), (10, *LOW)]
    y, ok = cinc2019.respiratory(breathing(rows))
    assert (bool(y[0]), bool(ok[0])) == (False, True)


def test_respiratory_decline_of_the_next_person_is_not_mine():
    mine = [(h, *WELL) for h in range(1, 5)]
    y, ok = cinc2019.respiratory(breathing(mine, [(h, *LOW) for h in range(5, 11)]))
    assert not y[:4].any() and bool(ok[0]) and not ok[3]


def test_columns_of_the_layout():
    columns = [*cinc2019.VITALS.values(), *cinc2019.LABS.values()]
    table = pd.DataFrame({c: [float(i)] for i, c in enumerate(columns)})
    inputs, labs = cinc2019.inputs(table), cinc2019.labs(table)
    assert inputs["rr"][0] == columns.index("Resp") and inputs["spo2"][0] == columns.index("O2Sat")
    assert np.isnan(inputs["pr"][0]) and labs["lactate"][0] == columns.index("Lactate")
