"""The pictures that training reads, from the folder named by WARDWATCH_TESTDATA. README.md says where they are from."""

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image


@dataclass(frozen=True)
class Set:
    """Pictures of one source: values [rows, columns] each, and whose they are."""

    name: str
    pictures: list
    person: np.ndarray


def folder():
    named = os.environ.get("WARDWATCH_TESTDATA")
    if not named:
        raise SystemExit("WARDWATCH_TESTDATA is not set: name the folder that holds the pictures (training/README.md)")
    return Path(named)


def children():
    """PneumoniaMNIST, official training and validation part: pictures [n, 28, 28] uint8, labels 0 or 1."""
    file = np.load(folder() / "cxr-pneumoniamnist-28px" / "dev.npz")
    join = lambda what: np.concatenate([file[f"train_{what}"], file[f"val_{what}"]])
    return join("images"), join("labels")[:, 0].astype(int)


def adults():
    """NIH ChestX-ray14, 64 pixels: the pictures and the table of their labels."""
    table = pd.read_csv(folder() / "cxr-nih1000-64px" / "labels.csv")
    return [_read(folder() / "cxr-nih1000-64px" / "images" / n) for n in table.image], table


def chests():
    """Every set of frontal chests, for the gate."""
    small, _ = children()
    nih, table = adults()
    covid = pd.read_csv(folder() / "cxr-covid-ccby" / "labels.csv")
    large = [_read(folder() / "cxr-covid-ccby" / "images" / n) for n in covid.image]
    return [
        Set("children", list(small), np.arange(len(small))),
        Set("adults, NIH", nih, pd.factorize(table.patient)[0]),
        Set("adults, COVID-19", large, pd.factorize(covid.patient)[0]),
    ]


def _read(file):
    return np.asarray(Image.open(file).convert("L"))
