"""The models: what each foretells, from which features, and the recipes that inner validation chooses from."""

from dataclasses import dataclass, field

from . import names
from .learn import Recipe

SEED = 2019
VERSION = "2"
TRAINED_AT = "2026-11-22"


@dataclass(frozen=True)
class Model:
    id: str
    task: str
    features: list
    recipes: dict
    quiet: float  # share of the rows without event that are learned from
    ablations: dict = field(default_factory=dict)  # other feature lists to measure, never served


def _named(*recipes):
    return {recipe.name: recipe for recipe in recipes}


_RARE = _named(
    Recipe("15 leaves", rounds=200, leaves=15, rate=0.04, least_rows=100),
    Recipe("31 leaves", rounds=350, leaves=31, rate=0.02, least_rows=150, features=0.15, l2=30.0),
)
_LESS_RARE = _named(
    Recipe("31 leaves", rounds=400, leaves=31, rate=0.03, least_rows=150, features=0.15, l2=30.0),
)
_PENALTIES = {"l2 0.0001": 1e-4, "l2 0.01": 1e-2}

MODELS = [
    Model("deterioration-vitals", "deterioration", names.vitals(), _RARE, 0.4, {
        "without EtCO2": names.without_etco2(),
        "with FiO2 and S/F": names.vitals() + names.oxygen(),
        "with statistics since the stay began": names.vitals() + names.since_start(),
    }),
    Model("respiratory-vitals", "respiratory", names.breathing(), _LESS_RARE, 0.5, {
        "with EtCO2": names.vitals(),
        "with FiO2 and S/F": names.vitals() + names.oxygen(),
        "with statistics since the stay began": names.vitals() + names.since_start(),
    }),
    Model("deterioration-logistic", "deterioration", names.logistic(), _PENALTIES, 0.2),
    Model("respiratory-logistic", "respiratory", names.logistic(), _PENALTIES, 0.25),
    Model("deterioration-labs", "deterioration", names.vitals() + names.laboratory(), _RARE, 0.4),
]
