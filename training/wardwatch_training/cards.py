"""Writes the figures of results.json into the model cards, between their markers: `python -m wardwatch_training.cards`.

A marker is `<!-- figures: WHAT MODEL -->`; the table up to `<!-- end -->` is made anew.
"""

import json
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MARKED = re.compile(r"(<!-- figures: (\w+) ([\w-]+) -->\n).*?(<!-- end -->)", re.S)
ROWS = {"vitals": "vitals", "labs": "vitals and laboratory values", "logistic": "plain logistic regression"}
GROUPS = ("age 18-44", "age 45-64", "age 65-79", "age 80+", "female", "male", "EtCO2 measured", "no EtCO2")


def main():
    results = json.loads((ROOT / "training" / "results.json").read_text())
    for card in (ROOT / "docs" / "models").glob("*.md"):
        text = card.read_text()
        told = MARKED.sub(lambda m: m[1] + TABLES[m[2]](results, m[3]) + m[4], text)
        if told != text:
            card.write_text(told)


def nested(results, task):
    out = ["| model | AUROC | AUPRC | calibration slope | intercept | alerts over those of NEWS2 ≥ 5 |", "|---|---|---|---|---|---|"]
    for key, name in ROWS.items():
        if f"{task}-{key}" in results:
            figures = results[f"{task}-{key}"]["nested"]
            one = figures["all"]
            out.append(f"| {name} | {span(one['auroc'])} | {span(one['auprc'])} | {span(one['calibration_slope'], 2)} | "
                       f"{span(one['calibration_intercept'], 2)} | {figures['alerts_vs_news2_5']['ratio']:.2f} |")
    points = results["news2_lower_bound"][task]
    out.append(f"| NEWS2, lower bound | {points['auroc']:.3f} | {points['auprc']:.3f} | | | 1 |")
    return table(out)


def groups(results, model):
    out = ["| group | rows | events | AUROC | AUPRC | calibration slope |", "|---|---|---|---|---|---|"]
    for name in GROUPS:
        if name in results[model]["nested"]:
            one = results[model]["nested"][name]
            out.append(f"| {name.replace('-', '–')} | {one['n']:,} | {one['events']:,} | {span(one['auroc'])} | {span(one['auprc'])} | {span(one['calibration_slope'], 2)} |")
    return table(out)


def ablations(results, model):
    out = ["| features | AUROC | AUPRC | AUROC within the hour of stay | clock |", "|---|---|---|---|---|"]
    for name, one in results[model]["ablations"].items():
        out.append(f"| {name} | {one['auroc']:.3f} | {one['auprc']:.3f} | {one['within_hour']:.3f} | {one['clock']:.3f} |")
    return table(out)


def threshold(results, model):
    """One sentence on what alerting by the file's threshold means."""
    one = results[model]["nested"]["at_inner_threshold"]
    return (f"At the threshold in the file ({100 * results[model]['final']['threshold']:.1f} %) {100 * one['ppv']:.1f} % of alerting rows have the event, with "
            f"{one['alerts_per_patient_day']:.1f} alerting rows a patient-day; that warns of {100 * one['patient_sensitivity']:.0f} % of event patients "
            "(threshold chosen by the inner folds, figures on the outer ones).\n")


def span(estimate, digits=3):
    value, low, high = (f"{x:.{digits}f}" for x in estimate)
    return f"{value} ({low}–{high})"


def table(lines):
    return "\n".join(lines) + "\n"


TABLES = {"nested": nested, "groups": groups, "ablations": ablations, "threshold": threshold}

if __name__ == "__main__":
    main()
