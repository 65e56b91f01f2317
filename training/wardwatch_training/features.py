"""Causal features of a person's course, hour by hour, as `scoring/course/features.json` defines them.

The engine computes the same numbers from the same file; a parity test compares the two.

A *slot* is one whole hour of Unix time. An input's slot is the mean of what was believed in that
hour, rounded to thousandths; an empty slot is NaN. Slot 0 is the hour of the moment itself. A
signal is made slot by slot: `first_of` takes the first input that has a value, `ratio` and
`difference` need both. Missing is NaN, never a number.

Names of features:
  age, male          years; 1 male, 0 female, NaN unknown
  S.last.H           the newest filled slot among the last H
  S.mean.H  S.min.H  S.max.H       over the filled slots among the last H
  S.sd.H             sample standard deviation, of two or more
  S.slope.H          least squares, per hour, of three or more
  S.over.X.H         share of the filled slots among the last H that are >= X
  S.under.X.H        ... that are <= X
  S.mean.all  S.min.all  S.max.all  S.sd.all   over every slot since the stay began
  lab.NAME.H         newest result of a laboratory value not older than H hours

All but age, male and laboratory values are rounded to millionths: a spread or a slope that is truly
zero must not be 1e-15 here and 0 in the engine, since trees like to split at zero.
"""

import json
from pathlib import Path

import numpy as np

SPEC_FILE = Path(__file__).resolve().parents[2] / "scoring" / "course" / "features.json"


def load_spec(path=SPEC_FILE):
    return json.loads(Path(path).read_text())


def believe(spec, inputs):
    """Drops what the engine would not believe: impossible values, pressures that do not fit."""
    out = {}
    for name, rule in spec["inputs"].items():
        x = np.array(inputs[name], dtype=np.float64, copy=True)
        low, high = rule["believe"]
        x[~((x >= low) & (x <= high))] = np.nan
        out[name] = x
    s, d, m = out["sbp"], out["dbp"], out["map"]
    with np.errstate(invalid="ignore"):
        odd = (s - d < spec["pressure_order"]["min_pulse"]) | (d >= m) | (m >= s)
    for x in (s, d, m):
        x[odd] = np.nan
    return {name: np.round(x * 1000) / 1000 for name, x in out.items()}


class Course:
    """The hourly rows of many people, one after another, with every slot of the look-back at hand.

    person: an id a row, equal within a person. hour: the row's whole hour, rising within a person.
    inputs and labs: arrays a row, NaN where not measured.
    """

    def __init__(self, spec, person, hour, inputs, age, male, labs=None):
        self.spec, self.hours = spec, spec["hours"]
        self.person = np.asarray(person)
        self.hour = np.asarray(hour, dtype=np.int64)
        self.age = np.asarray(age, dtype=np.float64)
        self.male = np.asarray(male, dtype=np.float64)
        self.labs = labs or {}
        n = len(self.person)
        new = np.r_[True, self.person[1:] != self.person[:-1]]
        self.start = np.flatnonzero(new)
        self.first = self.start[np.cumsum(new) - 1]
        self._back = self._look_back(n)
        believed = believe(spec, inputs)
        self.signals = {name: self._signal(rule, believed) for name, rule in spec["signals"].items()}
        self._grids = {}

    def _look_back(self, n):
        """Row index of each of the last `hours` slots; -1 where there is no row."""
        back = np.full((n, self.hours), -1, dtype=np.int64)
        for rows in range(self.hours):
            i = np.arange(rows, n)
            j = i - rows
            same = j >= self.first[i]
            lag = self.hour[i] - self.hour[j]
            ok = same & (lag < self.hours)
            back[i[ok], lag[ok]] = j[ok]
        return back

    def _signal(self, rule, inputs):
        with np.errstate(invalid="ignore", divide="ignore"):
            if "first_of" in rule:
                out = inputs[rule["first_of"][0]].copy()
                for name in rule["first_of"][1:]:
                    out = np.where(np.isnan(out), inputs[name], out)
                return out
            if "ratio" in rule:
                a, b = (inputs[n] for n in rule["ratio"])
                return np.where(b != 0, a / b, np.nan)
            a, b = (inputs[n] for n in rule["difference"])
            return a - b

    def _grid(self, signal):
        if signal not in self._grids:
            x = np.r_[self.signals[signal], np.nan]
            self._grids = {signal: x[self._back]}
        return self._grids[signal]

    def feature(self, name):
        """One feature a row, float64."""
        value = self._feature(name)
        if name in ("age", "male") or name.startswith("lab."):
            return value
        return np.round(value, 6) + 0.0  # + 0.0: never a negative zero

    def _feature(self, name):
        if name == "age":
            return self.age
        if name == "male":
            return self.male
        parts = name.split(".")
        if parts[0] == "lab":
            return self._lab(parts[1], int(parts[2]))
        if parts[-1] == "all":
            return self._since_start(parts[0], parts[1])
        hours = int(parts[-1])
        if not 1 <= hours <= self.hours:
            raise ValueError(f"{name}: give 1 to {self.hours} hours")
        x = self._grid(parts[0])[:, :hours]
        if parts[1] in ("over", "under"):
            return _share(x, parts[1], float(".".join(parts[2:-1])))
        return _OPS[parts[1]](x)

    def matrix(self, names):
        """The features in this order, float32, as the model reads them."""
        order = sorted(range(len(names)), key=lambda i: names[i].split(".")[0])  # one grid at a time
        out = np.empty((len(self.person), len(names)), dtype=np.float32)
        for i in order:
            out[:, i] = self.feature(names[i])
        return out

    def _lab(self, name, hours):
        x, out = np.asarray(self.labs[name], dtype=np.float64), np.full(len(self.person), np.nan)
        last, at = np.nan, 0
        for i in range(len(x)):
            if i == self.first[i]:
                last = np.nan
            if not np.isnan(x[i]):
                last, at = x[i], self.hour[i]
            if not np.isnan(last) and self.hour[i] - at < hours:
                out[i] = last
        return out

    def _since_start(self, signal, op):
        x = self.signals[signal]
        have = ~np.isnan(x)
        n = self._run(have.astype(np.float64))
        if op in ("min", "max"):
            f = np.minimum if op == "min" else np.maximum
            empty = np.inf if op == "min" else -np.inf
            filled, out = np.where(have, x, empty), np.empty(len(x))
            for a, b in zip(self.start, np.r_[self.start[1:], len(x)]):
                out[a:b] = f.accumulate(filled[a:b])
            return np.where(n > 0, out, np.nan)
        # around the person's first value, so that the sums stay exact
        shift = self._first_value(x)
        y = np.where(have, x - shift, 0.0)
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = self._run(y) / n
            if op == "mean":
                return np.where(n > 0, shift + mean, np.nan)
            var = (self._run(y * y) - n * mean * mean) / (n - 1)
        if op != "sd":
            raise ValueError(f"{signal}.{op}.all: no such feature")
        return np.where(n > 1, np.sqrt(np.maximum(var, 0)), np.nan)

    def _run(self, x):
        out = np.empty(len(x))
        for a, b in zip(self.start, np.r_[self.start[1:], len(x)]):
            out[a:b] = np.cumsum(x[a:b])
        return out

    def _first_value(self, x):
        out = np.empty(len(x))
        for a, b in zip(self.start, np.r_[self.start[1:], len(x)]):
            known = np.flatnonzero(~np.isnan(x[a:b]))
            out[a:b] = x[a + known[0]] if len(known) else np.nan
        return out


def _have(x):
    have = ~np.isnan(x)
    return have, have.sum(1)


def _last(x):
    have, n = _have(x)
    return np.where(n > 0, x[np.arange(len(x)), have.argmax(1)], np.nan)


def _mean(x):
    have, n = _have(x)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(n > 0, np.where(have, x, 0).sum(1) / n, np.nan)


def _min(x):
    have, n = _have(x)
    return np.where(n > 0, np.where(have, x, np.inf).min(1), np.nan)


def _max(x):
    have, n = _have(x)
    return np.where(n > 0, np.where(have, x, -np.inf).max(1), np.nan)


def _sd(x):
    have, n = _have(x)
    d = np.where(have, x - _mean(x)[:, None], 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(n > 1, np.sqrt((d * d).sum(1) / (n - 1)), np.nan)


def _slope(x):
    have, n = _have(x)
    t = np.where(have, -np.arange(x.shape[1], dtype=np.float64), 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        dt = np.where(have, t - (t.sum(1) / n)[:, None], 0)
        dx = np.where(have, x - _mean(x)[:, None], 0)
        return np.where(n > 2, (dt * dx).sum(1) / (dt * dt).sum(1), np.nan)


def _share(x, side, limit):
    have, n = _have(x)
    with np.errstate(invalid="ignore", divide="ignore"):
        beyond = (x >= limit) if side == "over" else (x <= limit)
        return np.where(n > 0, (beyond & have).sum(1) / n, np.nan)


_OPS = {"last": _last, "mean": _mean, "min": _min, "max": _max, "sd": _sd, "slope": _slope}
