"""The parity fixture that the engine is tested with."""

import json

import pytest

from wardwatch_training import fixture


@pytest.fixture(scope="module")
def on_disk():
    return json.loads(fixture.FILE.read_text())


def test_the_file_is_what_the_features_say_today(on_disk):
    assert on_disk == json.loads(fixture.text(fixture.build())), "make it again: python -m wardwatch_training.fixture"


def test_each_feature_has_values_and_is_missing_at_times(on_disk):
    rows = [r["expected"] for p in on_disk["people"] for r in p["rows"] if "expected" in r]
    for i, name in enumerate(on_disk["features"]):
        values = [r[i] for r in rows]
        assert any(v is None for v in values), name
        if not name.endswith((".sd.1", ".slope.2")):  # one slot has no spread, two have no slope
            assert len({v for v in values if v is not None}) > 1, name


def test_what_is_not_believed_is_among_what_was_measured(on_disk):
    dropped = [(r["dropped"], r["inputs"]) for p in on_disk["people"] for r in p["rows"]]
    assert all(set(names) <= set(inputs) for names, inputs in dropped)
    assert sum(len(names) for names, _ in dropped) > 20


def test_it_is_small():
    assert fixture.FILE.stat().st_size <= 400_000
