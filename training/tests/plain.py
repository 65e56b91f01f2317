"""The features again, one person and one moment at a time, as slowly and plainly as can be."""

import math
import statistics

from people import SPEC

NAN = float("nan")


def value(name, rows, labs, at, age, male):
    """Feature `name` of a person at rows[at]."""
    if name == "age":
        return age
    if name == "male":
        return male
    signal, op, *rest = name.split(".")
    if signal == "lab":
        return _result(op, int(rest[0]), rows, labs, at)
    if rest == ["all"] or op == "all":
        xs = [x for row in rows[: at + 1] if (x := _signal(signal, row[1])) is not None]
        return _summary(op, [(0, x) for x in reversed(xs)], None)
    hours, limit = int(rest[-1]), ".".join(rest[:-1])
    now = rows[at][0]
    window = [(now - hour, _signal(signal, inputs)) for hour, inputs in rows[: at + 1] if now - hour < hours]
    newest_first = sorted((back, x) for back, x in window if x is not None)
    return _summary(op, newest_first, float(limit) if limit else None)


def _summary(op, points, limit):
    xs = [x for _, x in points]
    if not xs:
        return NAN
    if op == "last":
        return xs[0]
    if op == "mean":
        return statistics.fmean(xs)
    if op == "min":
        return min(xs)
    if op == "max":
        return max(xs)
    if op == "sd":
        return statistics.stdev(xs) if len(xs) > 1 else NAN
    if op == "slope":
        return statistics.linear_regression([-back for back, _ in points], xs).slope if len(xs) > 2 else NAN
    beyond = [x >= limit if op == "over" else x <= limit for x in xs]
    return sum(beyond) / len(xs)


def _signal(name, inputs):
    rule, believed = SPEC["signals"][name], _believed(inputs)
    if "first_of" in rule:
        return next((believed[n] for n in rule["first_of"] if n in believed), None)
    a, b = (believed.get(n) for n in rule.get("ratio") or rule["difference"])
    if a is None or b is None:
        return None
    if "difference" in rule:
        return a - b
    return a / b if b else None


def _believed(inputs):
    out = {}
    for name, x in inputs.items():
        low, high = SPEC["inputs"][name]["believe"]
        if low <= x <= high:
            out[name] = round(x, 3)
    s, d, m = (inputs[n] if n in out else None for n in ("sbp", "dbp", "map"))
    known = lambda *xs: all(x is not None for x in xs)
    if (known(s, d) and s - d < SPEC["pressure_order"]["min_pulse"]) or (known(d, m) and d >= m) or (known(m, s) and m >= s):
        for name in ("sbp", "dbp", "map"):
            out.pop(name, None)
    return out


def _result(name, hours, rows, labs, at):
    for i in range(at, -1, -1):
        if name in labs[i]:
            return labs[i][name] if rows[at][0] - rows[i][0] < hours else NAN
    return NAN


def same(a, b, within=1e-6):
    return (math.isnan(a) and math.isnan(b)) or abs(a - b) <= within * max(1, abs(b))
