"""The features: by hand tables, and against the plain re-implementation."""

import numpy as np
import plain
import pytest
from people import SPEC, course, from_fixture, hourly, together

from wardwatch_training import fixture

NAN = float("nan")

# breathing rate by the hour, feature, its value at the last hour
HAND = [
    ([18], "rr.last.24", 18),
    ([18, None, None], "rr.last.3", 18),
    ([18, None, None, None], "rr.last.3", NAN),  # the fourth hour back is outside
    ([18, None, 24], "rr.last.24", 24),
    ([12, 18, 24], "rr.mean.2", 21),
    ([12, None, 24], "rr.mean.3", 18),  # an empty hour is not a number
    ([None, None, None], "rr.mean.3", NAN),
    ([12, 30, 24], "rr.min.2", 24),
    ([12, 30, 24], "rr.max.24", 30),
    ([18], "rr.sd.24", NAN),
    ([18, 22], "rr.sd.24", 8**0.5),
    ([18, 18, 18], "rr.sd.24", 0),
    ([18, 20], "rr.slope.24", NAN),  # two points are no trend
    ([18, 20, 22], "rr.slope.24", 2),
    ([30, 18, 20, 22], "rr.slope.3", 2),
    ([18, None, 22, 24], "rr.slope.6", 2),
    ([20, 20, 20, 20], "rr.slope.6", 0),
    ([29, 30, 31, None], "rr.over.30.24", 2 / 3),
    ([29, 30, 31, None], "rr.under.30.24", 2 / 3),  # both limits count
    ([29, 30, 31, None], "rr.over.30.1", NAN),
    ([12, 18] + [None] * 30, "rr.mean.all", 15),  # however long ago
    ([12, 18] + [None] * 30, "rr.sd.all", 18**0.5),
    ([12, 18, 15], "rr.min.all", 12),
    ([12, 18, 15], "rr.max.all", 18),
    ([None], "rr.max.all", NAN),
    ([0.5, 81], "rr.last.24", NAN),  # nobody breathes so
    ([1, 80], "rr.mean.24", 40.5),
    ([18.00049], "rr.last.24", 18),  # thousandths are kept
]


@pytest.mark.parametrize("values, name, want", HAND)
def test_by_hand(values, name, want):
    got = course(hourly("rr", values)).feature(name)[-1]
    assert plain.same(got, want), f"{name} of {values}: {got}, want {want}"


PRESSURES = [
    ((120, 80, 93), (120, 80, 93)),
    ((120, 111, 115), None),  # a pulse pressure of 9
    ((120, 110, 115), (120, 110, 115)),
    ((90, 95, 92), None),
    ((120, 70, 70), None),
    ((120, 70, 120), None),
    ((NAN, 80, 70), None),
    ((120, NAN, 93), (120, NAN, 93)),
]


@pytest.mark.parametrize("measured, want", PRESSURES)
def test_pressures_that_contradict_each_other_are_not_believed(measured, want):
    names = ("sbp", "dbp", "map")
    it = course([(0, {n: v for n, v in zip(names, measured) if v == v})])
    got = [it.feature(f"{n}.last.24")[0] for n in names]
    assert all(plain.same(g, w) for g, w in zip(got, want or (NAN,) * 3))


SIGNALS = [
    ({"hr": 90, "sbp": 120}, "shock_index.last.24", 0.75),
    ({"pr": 90, "sbp": 120}, "shock_index.last.24", NAN),  # the index is of the heart rate
    ({"hr": 90, "rr": 18}, "rate_ratio.last.24", 5),
    ({"sbp": 120, "dbp": 70}, "pulse_pressure.last.24", 50),
    ({"spo2": 96, "fio2": 0.4}, "sf.last.24", 240),
    ({"spo2": 96}, "sf.last.24", NAN),
    ({"hr": 90, "pr": 88}, "hr.last.24", 90),
    ({"pr": 88}, "hr.last.24", 88),
]


@pytest.mark.parametrize("inputs, name, want", SIGNALS)
def test_signals_of_several_inputs(inputs, name, want):
    assert plain.same(course([(0, inputs)]).feature(name)[0], want)


def test_a_ratio_needs_both_in_the_same_hour():
    assert np.isnan(course([(0, {"hr": 90}), (1, {"sbp": 120})]).feature("shock_index.last.24")[-1])


def test_results_last_as_long_as_they_may():
    rows = [(h, {}) for h in range(50)]
    results = [{"lactate": 3.1}] + [{}] * 49
    it = course(rows, labs=[results])
    day, two = it.feature("lab.lactate.24"), it.feature("lab.lactate.48")
    assert plain.same(day[23], 3.1) and np.isnan(day[24])
    assert plain.same(two[47], 3.1) and np.isnan(two[48])


def test_nothing_passes_from_one_person_to_the_next():
    ill, well = hourly("rr", [40, 42, 44]), [(3, {}), (4, {"rr": 16})]
    it = together([ill, well], labs=[[{"lactate": 9}] * 3, [{}, {}]])
    for name in ("rr.last.24", "rr.mean.all", "rr.max.24", "rr.min.all", "lab.lactate.48"):
        assert np.isnan(it.feature(name)[3]), name
    assert it.feature("rr.max.all")[4] == 16


@pytest.mark.parametrize("name", ["rr.mean.25", "rr.mean.0", "rr.median.6", "pulse.mean.6", "rr.slope.all"])
def test_a_feature_that_is_none_is_refused(name):
    with pytest.raises((ValueError, KeyError)):
        course(hourly("rr", [18, 19, 20])).feature(name)


def generated():
    return pytest.mark.parametrize("person", fixture.people(), ids=lambda p: p["what"])


@generated()
def test_as_the_plain_implementation(person):
    rows, results = from_fixture(person)
    age, male = (NAN if person[k] is None else person[k] for k in ("age", "male"))
    it = course(rows, age, male, [results])
    for name in fixture.FEATURES:
        got = it.feature(name)
        for i in range(len(rows)):
            want = plain.value(name, rows, results, i, age, male)
            assert plain.same(got[i], want), f"{name} at row {i}: {got[i]}, want {want}"


@generated()
def test_the_matrix_holds_the_features_in_their_order(person):
    rows, results = from_fixture(person)
    it = course(rows, labs=[results])
    names = fixture.FEATURES[::-1]
    matrix = it.matrix(names)
    assert matrix.dtype == np.float32
    for i, name in enumerate(names):
        np.testing.assert_array_equal(matrix[:, i], it.feature(name).astype(np.float32))


def test_every_signal_and_operator_is_compared():
    seen = {tuple(name.split(".")[:2]) for name in fixture.FEATURES}
    assert {s for s, _ in (x for x in seen if len(x) == 2)} >= set(SPEC["signals"])
    assert {op for _, op in (x for x in seen if len(x) == 2)} >= {"last", "mean", "min", "max", "sd", "slope", "over", "under"}
    assert {name.split(".")[1] for name in fixture.FEATURES if name.endswith(".all")} == {"mean", "min", "max", "sd"}
