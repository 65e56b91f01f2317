"""Writes the figures of results-imaging.json into the cards, between their markers: `python -m wardwatch_training.imaging.cards`.

A marker is `<!-- pictures: WHAT -->`; the text up to `<!-- end -->` is made anew.
"""

import json
import re

from . import results
from .files import ROOT

MARKED = re.compile(r"(<!-- pictures: (\w+) -->\n).*?(<!-- end -->)", re.S)


def main():
    told = json.loads(results.FILE.read_text())
    for card in (ROOT / "docs" / "models").glob("*.md"):
        text = card.read_text()
        new = MARKED.sub(lambda m: m[1] + TABLES[m[2]](told) + m[3], text)
        if new != text:
            card.write_text(new)


def children(told):
    one = told["demo-pneumonia"]
    folds, calm = one["random_folds"], one["calibrated"]
    return table(["| figure | value (95 % interval) |", "|---|---|",
                  f"| pictures, with pneumonia | {one['n']:,}, {one['pneumonia']:,} |",
                  f"| AUROC, folds at random | {span(folds['auroc'])} |", f"| AUPRC, folds at random | {span(folds['auprc'])} |",
                  f"| sensitivity at 0.5 | {percent(calm['sensitivity'])} |", f"| specificity at 0.5 | {percent(calm['specificity'])} |",
                  f"| calibration slope, intercept (each fold calibrated by the others) | {calm['slope']:.2f}, {round(calm['intercept'], 2) + 0.0:.2f} |", f"| Brier score | {calm['brier']:.3f} |"])


def spoilt(told):
    out = ["| picture | AUROC | AUROC where only healthy children's pictures are so |", "|---|---|---|"]
    return table(out + [f"| {name} | {span(one['all'])} | {span(one['healthy_only'])} |" for name, one in told["demo-pneumonia"]["spoilt"].items()])


def apart(told):
    out = ["| group left out | pictures | with pneumonia | AUROC |", "|---|---|---|---|"]
    return table(out + [f"| {i + 1} | {one['n']:,} | {one['pneumonia']:,} | {span(one['auroc'])} |" for i, one in enumerate(told["demo-pneumonia"]["groups_left_out"])])


def refused(told):
    out = ["| group that was left out | kind | pictures | refused | by the networks alone |", "|---|---|---|---|---|"]
    for group, kinds in told["frontal-chest"]["refused"].items():
        out += [f"| {group} | {kind} | {one['n']:,} | {100 * one['share']:.1f} % | {100 * one['networks_alone']:.1f} % |" for kind, one in kinds.items()]
    return table(out)


def passed(told):
    out = ["| chests that were left out | people (children: pictures) | pass |", "|---|---|---|"]
    return table(out + [f"| {name} | {one['people']:,} | {100 * one['share']:.1f} % |" for name, one in told["frontal-chest"]["passed"].items()])


def adults(told):
    one = told["adult-chest-experiment"]
    names = [n for n in next(iter(one["findings"].values())) if n != "with"]
    out = [f"| finding | with it, of {one['n']} | " + " | ".join(names) + " |", "|---" * (len(names) + 2) + "|"]
    for finding, f in one["findings"].items():
        out.append(f"| {finding.replace('_', ' ')} | {f['with']} | " + " | ".join(span(f[n], 2) for n in names) + " |")
    return table(out)


def span(estimate, digits=3):
    value, low, high = (f"{x:.{digits}f}" for x in estimate)
    return f"{value} ({low}–{high})"


def percent(estimate):
    value, low, high = (f"{100 * x:.1f}" for x in estimate)
    return f"{value} % ({low}–{high})"


def table(lines):
    return "\n".join(lines) + "\n"


TABLES = {"children": children, "spoilt": spoilt, "apart": apart, "refused": refused, "passed": passed, "adults": adults}

if __name__ == "__main__":
    main()
