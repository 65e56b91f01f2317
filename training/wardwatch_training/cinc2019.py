"""Reads the PhysioNet/CinC Challenge 2019 layout and makes the labels that Wardwatch foretells."""

import numpy as np
import pandas as pd

VITALS = {"hr": "HR", "rr": "Resp", "spo2": "O2Sat", "sbp": "SBP", "dbp": "DBP", "map": "MAP", "temp": "Temp", "etco2": "EtCO2", "fio2": "FiO2"}
LABS = {
    "base_excess": "BaseExcess", "bicarbonate": "HCO3", "ph": "pH", "paco2": "PaCO2", "sao2": "SaO2", "ast": "AST", "bun": "BUN",
    "alp": "Alkalinephos", "calcium": "Calcium", "chloride": "Chloride", "creatinine": "Creatinine", "bilirubin_direct": "Bilirubin_direct",
    "glucose": "Glucose", "lactate": "Lactate", "magnesium": "Magnesium", "phosphate": "Phosphate", "potassium": "Potassium",
    "bilirubin_total": "Bilirubin_total", "troponin_i": "TroponinI", "haematocrit": "Hct", "haemoglobin": "Hgb", "ptt": "PTT", "wbc": "WBC",
    "fibrinogen": "Fibrinogen", "platelets": "Platelets",
}


def read(path):
    return pd.read_csv(path)


def inputs(table):
    out = {name: table[column].to_numpy(np.float64) for name, column in VITALS.items()}
    out["pr"] = np.full(len(table), np.nan)
    return out


def labs(table):
    return {name: table[column].to_numpy(np.float64) for name, column in LABS.items()}


def deterioration(table):
    """SepsisLabel; rows from six hours after a patient's first label are dropped. (label, eligible)"""
    y = table["SepsisLabel"].to_numpy() == 1
    hour = table["ICULOS"].to_numpy()
    person = table["patient"].to_numpy()
    onset = table["ICULOS"].where(y).groupby(person, sort=False).transform("min").to_numpy()
    return y, ~(hour >= onset + 6)


def respiratory(table):
    """At least two of the next six hours with RR >= 30 or SpO2 <= 90. (label, eligible)

    Eligible: RR <= 24 and SpO2 >= 92, both measured in the hour; at least three of the next six
    hours observed (RR or SpO2 measured).
    """
    rr, spo2 = table["Resp"].to_numpy(), table["O2Sat"].to_numpy()
    hour, person = table["ICULOS"].to_numpy(), table["patient"].to_numpy()
    with np.errstate(invalid="ignore"):
        bad = (rr >= 30) | (spo2 <= 90)
        calm = (rr <= 24) & (spo2 >= 92)
    seen = ~np.isnan(rr) | ~np.isnan(spo2)
    n, worse, observed = len(table), np.zeros(len(table), int), np.zeros(len(table), int)
    for rows in range(1, 7):
        j = np.minimum(np.arange(n) + rows, n - 1)
        ok = (np.arange(n) + rows < n) & (person[j] == person) & (hour[j] - hour <= 6)
        worse += ok & bad[j]
        observed += ok & seen[j]
    return worse >= 2, calm & (observed >= 3)
