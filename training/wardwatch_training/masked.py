"""Respiratory decline that the label does not see: more oxygen was given, and the saturation held."""

import numpy as np

WITHIN = 6  # hours
RISE, HIGH = 0.2, 0.6  # of the inspired fraction


def count(data):
    """Rows eligible for the respiratory label, without it, after which FiO2 rose by 0.2 or to 0.6 within six hours."""
    fio2 = data.column("fio2.last.1").astype(np.float64)
    person, n = data.person, len(data.person)
    known = ~np.isnan(data.column("fio2.last.24"))
    before = data.column("fio2.last.24").astype(np.float64)
    raised = np.zeros(n, dtype=bool)
    for hours in range(1, WITHIN + 1):
        later = np.minimum(np.arange(n) + hours, n - 1)
        same = (person[later] == person) & (np.arange(n) + hours < n)
        with np.errstate(invalid="ignore"):
            raised |= same & ((fio2[later] - before >= RISE - 1e-9) | ((fio2[later] >= HIGH) & (before < HIGH)))
    rows = data.eligible["respiratory"] & known
    missed = rows & raised & ~data.label["respiratory"]
    return {
        "eligible_rows": int(data.eligible["respiratory"].sum()),
        "eligible_rows_with_fio2_known": int(rows.sum()),
        "events_among_them": int((rows & data.label["respiratory"]).sum()),
        "rows_with_oxygen_raised_within_6h_without_the_label": int(missed.sum()),
        "patients_with_such_rows": int(len(np.unique(person[missed]))),
    }
