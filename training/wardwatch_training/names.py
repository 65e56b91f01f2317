"""The features of each model, by the names of `features.py`.

None tells of care: no hour of the stay, no count or age of measurements, no unit, no time from
admission. Statistics since the stay began (`S.min.all` and alike) are left out too: they let trees
guess how long the stay has lasted (docs/models/deterioration.md has the figures).
"""

SIGNALS = ("hr", "rr", "spo2", "sbp", "dbp", "map", "temp", "shock_index", "pulse_pressure", "rate_ratio")
WINDOWS = (6, 24)
OPERATORS = ("mean", "sd", "min", "max", "slope")
LIMITS = (
    "hr.over.90", "hr.over.110", "hr.over.130", "hr.under.60", "rr.over.20", "rr.over.24", "rr.over.25", "rr.over.30",
    "rr.under.12", "spo2.under.90", "spo2.under.92", "spo2.under.93", "spo2.under.94", "spo2.over.99",
    "sbp.under.90", "sbp.under.100", "sbp.over.160", "map.under.65", "temp.over.37.5", "temp.over.38", "temp.under.36",
    "shock_index.over.0.9",
)
LABORATORY = (
    "ph", "paco2", "sao2", "ast", "bun", "alp", "calcium", "chloride", "creatinine", "glucose", "lactate", "magnesium",
    "phosphate", "potassium", "bilirubin_total", "troponin_i", "haematocrit", "haemoglobin", "ptt", "wbc", "platelets",
)
RESULT_HOURS = 48


def person():
    return ["age", "male"]


def course(signal, windows=WINDOWS, operators=OPERATORS):
    """One signal: its newest value and its statistics over each window."""
    return [f"{signal}.last.24"] + [f"{signal}.{op}.{h}" for h in windows for op in operators]


def shares():
    """The share of hours beyond the limits of charts and labels."""
    return [f"{limit}.{h}" for limit in LIMITS for h in WINDOWS]


def without_etco2():
    return person() + [name for signal in SIGNALS for name in course(signal)] + shares()


def vitals():
    """What monitors measure, with age and sex."""
    return without_etco2() + course("etco2")


def breathing():
    """For respiratory decline: without EtCO2, which adds nothing there, and with shorter windows of rate and saturation."""
    short = [f"{signal}.{op}.{h}" for signal in ("rr", "spo2") for h in (3, 12) for op in OPERATORS]
    near = [f"rr.over.{limit}.{h}" for limit in (22, 26, 28) for h in WINDOWS] + [f"spo2.under.{limit}.{h}" for limit in (91, 95) for h in WINDOWS]
    return without_etco2() + ["rr.last.1", "spo2.last.1"] + short + near


def oxygen():
    return course("fio2") + course("sf")


def since_start():
    """Statistics since the stay began; for measuring what they would give, never served."""
    return [f"{signal}.{op}.all" for signal in SIGNALS for op in ("mean", "sd", "min", "max")]


def laboratory():
    return [f"lab.{name}.{RESULT_HOURS}" for name in LABORATORY]


def logistic():
    """The plain reference: newest, mean, slope and variability over 6 and 24 h, age and sex."""
    return person() + [
        name for signal in ("hr", "rr", "spo2", "sbp", "dbp", "map", "temp")
        for name in course(signal, operators=("mean", "slope", "sd"))
    ]
