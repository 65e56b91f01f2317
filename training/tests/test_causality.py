"""The future changes no feature, and how care was given is not among the features."""

import numpy as np
import pytest
from people import SPEC, course, from_fixture, together

from wardwatch_training import cinc2019, export, fixture, forecast

PEOPLE = [p for p in fixture.people() if len(p["rows"]) > 3]


@pytest.mark.parametrize("person", PEOPLE, ids=lambda p: p["what"])
def test_the_future_changes_no_feature(person):
    rows, results = from_fixture(person)
    whole = course(rows, labs=[results]).matrix(fixture.FEATURES)
    half = len(rows) // 2
    known = course(rows[:half], labs=[results[:half]]).matrix(fixture.FEATURES)
    np.testing.assert_array_equal(whole[:half], known)
    dying = [(hour, {"rr": 70, "spo2": 55, "hr": 200, "sbp": 50, "temp": 41}) for hour, _ in rows[half:]]
    other = course(rows[:half] + dying, labs=[results[:half] + [{"lactate": 15}] * len(dying)]).matrix(fixture.FEATURES)
    np.testing.assert_array_equal(other[:half], known)


def test_other_people_change_no_feature():
    all_rows = [from_fixture(p) for p in PEOPLE]
    crowd = together([rows for rows, _ in all_rows], labs=[results for _, results in all_rows]).matrix(fixture.FEATURES)
    at = 0
    for rows, results in all_rows:
        np.testing.assert_array_equal(crowd[at : at + len(rows)], course(rows, labs=[results]).matrix(fixture.FEATURES))
        at += len(rows)


@pytest.mark.parametrize("person", PEOPLE, ids=lambda p: p["what"])
def test_the_clock_is_no_feature(person):
    rows, results = from_fixture(person)
    later = [(hour + 1003, inputs) for hour, inputs in rows]
    np.testing.assert_array_equal(
        course(rows, labs=[results]).matrix(fixture.FEATURES), course(later, labs=[results]).matrix(fixture.FEATURES)
    )


def test_how_often_somebody_is_measured_is_no_feature():
    values = {"hr": 84, "rr": 18, "spo2": 96, "sbp": 124, "dbp": 70, "map": 88, "temp": 37, "etco2": 36, "fio2": 0.4}
    often = course([(h, values) for h in range(25)])
    seldom = course([(h, values if h % 8 == 0 or h == 23 else {}) for h in range(25)])
    names = [n for n in fixture.FEATURES if not n.startswith("lab") and n.split(".")[-1] in ("24", "all")]
    np.testing.assert_allclose(often.matrix(names)[-1], seldom.matrix(names)[-1], atol=1e-6)


def of_the_vocabulary(name):
    """Whether the vocabulary, which knows nothing of how care was given, has the feature."""
    if name in ("age", "male"):
        return True
    if name.count(".") < 2:
        return False
    head, op, *rest = name.split(".")
    if head == "lab":
        return op in SPEC["labs"] and len(rest) == 1 and rest[0].isdigit()
    if head not in SPEC["signals"]:
        return False
    if op in ("over", "under"):
        return len(rest) >= 2 and rest[-1].isdigit() and float(".".join(rest[:-1])) > 0
    if op not in ("last", "mean", "min", "max", "sd", "slope") or len(rest) != 1:
        return False
    return rest[0] == "all" and op in ("mean", "min", "max", "sd") or rest[0].isdigit()


@pytest.mark.parametrize("path", sorted(export.MODELS.glob("*.onnx")), ids=lambda p: p.stem)
def test_no_model_reads_how_care_was_given(path):
    features = export.read_about(path)["features"]
    assert len(set(features)) == len(features)
    assert [n for n in features if not of_the_vocabulary(n)] == []


@pytest.mark.parametrize("name", ["iculos", "hour", "hr.count.24", "rr.age.24", "lab.lactate.age", "lab.count.24", "unit1", "hosp_adm_time.last.24", "hr.n.all"])
def test_names_of_care_are_not_of_the_vocabulary(name):
    assert not of_the_vocabulary(name)


def test_forecast_reads_the_vocabulary_only():
    assert [n for n in forecast.WIDE if not of_the_vocabulary(n)] == []


def test_no_column_of_care_is_read():
    read = {*cinc2019.VITALS.values(), *cinc2019.LABS.values()}
    assert not read & {"ICULOS", "HospAdmTime", "Unit1", "Unit2", "SepsisLabel"}
