"""Made pictures that are no frontal chest X-ray, for training and testing the gate. Nothing of them is of a person.

They are rough on purpose: what they teach is what a frontal chest is not. Each maker takes a random
generator and gives a grey picture [SIDE, SIDE], 0–1.
"""

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from scipy.ndimage import gaussian_filter, rotate, zoom

SIDE = 96


def grid():
    """Coordinates of the pixels, -1 to 1: down, across."""
    line = np.linspace(-1, 1, SIDE)
    return np.meshgrid(line, line, indexing="ij")


def ellipse(down, across, tall, wide, turn=0.0, soft=0.04):
    """1 inside an ellipse, 0 outside, with a soft edge."""
    yy, xx = grid()
    y, x = yy - down, xx - across
    cos, sin = np.cos(turn), np.sin(turn)
    far = np.hypot((cos * y + sin * x) / tall, (cos * x - sin * y) / wide)
    return 1 / (1 + np.exp(np.clip((far - 1) / soft, -50, 50)))


def bar(y0, x0, y1, x1, thick, soft=0.02):
    """1 along a straight bar, 0 elsewhere."""
    yy, xx = grid()
    dy, dx = y1 - y0, x1 - x0
    along = np.clip(((yy - y0) * dy + (xx - x0) * dx) / (dy * dy + dx * dx + 1e-9), 0, 1)
    far = np.hypot(yy - y0 - along * dy, xx - x0 - along * dx)
    return 1 / (1 + np.exp(np.clip((far - thick) / soft, -50, 50)))


def cloud(rng, power):
    """Noise with a falling spectrum; power 0: white."""
    f = np.hypot(np.fft.fftfreq(SIDE)[:, None], np.fft.rfftfreq(SIDE)[None])
    f[0, 0] = 1 / SIDE
    wave = np.fft.rfft2(rng.normal(size=(SIDE, SIDE))) * f**-power
    out = np.fft.irfft2(wave, s=(SIDE, SIDE))
    return (out - out.min()) / (np.ptp(out) + 1e-9)


def film(rng, picture, grain=0.05):
    """What any machine adds: softness, grain, a veil."""
    out = gaussian_filter(picture, rng.uniform(0, 1.2)) + rng.uniform(0, 0.15) * cloud(rng, rng.uniform(1, 2))
    out = out + rng.normal(size=out.shape) * rng.uniform(0, grain)
    low, high = out.min(), out.max()
    return ((out - low) / (high - low + 1e-9)) ** np.exp(rng.uniform(-0.5, 0.5))


def noise(rng):
    if rng.random() < 0.2:
        return (rng.random((SIDE, SIDE)) < rng.uniform(0.02, 0.6)).astype(float)
    if rng.random() < 0.2:
        side = int(rng.integers(2, 40))
        return zoom(rng.random((side, side)), SIDE / side, order=int(rng.integers(0, 2)))[:SIDE, :SIDE]
    return cloud(rng, rng.uniform(0, 3))


def gradient(rng):
    yy, xx = grid()
    turn = rng.uniform(0, 2 * np.pi)
    out = np.cos(turn) * yy + np.sin(turn) * xx
    kind = rng.random()
    if kind < 0.4:
        out = np.hypot(yy - rng.uniform(-1, 1), (xx - rng.uniform(-1, 1)) * rng.uniform(0.5, 2)) * rng.choice([-1, 1])
    elif kind < 0.6:
        out = out * (np.sin(turn) * yy - np.cos(turn) * xx)
    return film(rng, out, 0.2)


def blank(rng):
    out = np.full((SIDE, SIDE), rng.random()) + rng.normal(size=(SIDE, SIDE)) * rng.uniform(0, 0.03)
    if rng.random() < 0.6:
        top, left = rng.integers(0, SIDE // 2, 2)
        out[top : top + rng.integers(10, SIDE), left : left + rng.integers(10, SIDE)] = rng.random()
    if rng.random() < 0.3:
        out = out + bar(*rng.uniform(-1, 1, 4), rng.uniform(0.02, 0.3)) * rng.uniform(-1, 1)
    return np.clip(out, 0, 1)


def pattern(rng):
    yy, xx = grid()
    turn, often = rng.uniform(0, np.pi), rng.uniform(2, 30)
    a = np.sin(often * (np.cos(turn) * yy + np.sin(turn) * xx) + rng.uniform(0, 6))
    b = np.sin(often * rng.uniform(0.7, 1.4) * (np.cos(turn) * xx - np.sin(turn) * yy) + rng.uniform(0, 6))
    kind = rng.integers(5)
    if kind == 0:
        return film(rng, (np.sign(a * b) + 1) / 2)
    if kind == 1:
        return film(rng, a)
    if kind == 2:
        return film(rng, a + b)
    if kind == 3:
        return film(rng, (np.maximum(a, b) > 0.9).astype(float))
    return film(rng, np.sin(often * np.hypot(yy - rng.uniform(-1, 1), xx - rng.uniform(-1, 1))))


def text(rng):
    image = Image.new("L", (SIDE * 3, SIDE * 3), int(rng.integers(150, 256)))
    draw, size = ImageDraw.Draw(image), int(rng.integers(9, 60))
    font, ink, y = ImageFont.load_default(size), int(rng.integers(0, 90)), int(rng.integers(0, 40))
    while y < SIDE * 3:
        words = "".join(rng.choice(list("abcdefghilmnoprstuv    ABDEHRT0123456789.,-"), int(rng.integers(2, 60))))
        draw.text((int(rng.integers(0, 60)), y), words, ink, font)
        y += int(size * rng.uniform(1.1, 2))
    out = np.asarray(image, float).reshape(SIDE, 3, SIDE, 3).mean((1, 3)) / 255
    return film(rng, 1 - out if rng.random() < 0.4 else out)


def shapes(rng):
    image = Image.new("L", (SIDE, SIDE), int(rng.integers(0, 256)))
    draw = ImageDraw.Draw(image)
    for _ in range(rng.integers(1, 14)):
        box = np.sort(rng.integers(-10, SIDE + 10, (2, 2)), axis=0)
        corners, ink = [tuple(map(int, p)) for p in box], int(rng.integers(0, 256))
        kind = rng.integers(3)
        if kind == 0:
            draw.ellipse(corners, ink)
        elif kind == 1:
            draw.rectangle(corners, ink)
        else:
            draw.polygon([tuple(map(int, p)) for p in rng.integers(-10, SIDE + 10, (3, 2))], ink)
    return film(rng, np.asarray(image, float) / 255)


def slice_of_body(rng):
    """A CT or MR slice across the trunk: an oval with air outside, perhaps lungs, a vertebra, a table."""
    tall, wide = rng.uniform(0.45, 0.8), rng.uniform(0.65, 0.98)
    body = ellipse(0, 0, tall, wide)
    out = body * rng.uniform(0.3, 0.5) + ellipse(0, 0, tall * 0.9, wide * 0.92) * rng.uniform(0.05, 0.25)
    if rng.random() < 0.6:
        for side in (-1, 1):
            out -= ellipse(rng.uniform(-0.1, 0.1), side * wide * rng.uniform(0.4, 0.5), tall * rng.uniform(0.5, 0.75), wide * rng.uniform(0.2, 0.38), rng.uniform(-0.4, 0.4)) * rng.uniform(0.3, 0.6)
        out += ellipse(-0.1, rng.uniform(-0.1, 0.2), tall * 0.4, wide * 0.3) * rng.uniform(0, 0.15)
    for _ in range(rng.integers(1, 8)):
        out += ellipse(rng.uniform(-tall, tall) * 0.6, rng.uniform(-wide, wide) * 0.6, *rng.uniform(0.05, 0.3, 2), rng.uniform(0, 3)) * rng.uniform(-0.2, 0.25)
    out += ellipse(tall * rng.uniform(0.4, 0.6), 0, rng.uniform(0.1, 0.18), rng.uniform(0.1, 0.18)) * rng.uniform(0.2, 0.6)
    for turn in np.linspace(0, 2 * np.pi, rng.integers(6, 16), endpoint=False):
        out += ellipse(np.sin(turn) * tall * 0.85, np.cos(turn) * wide * 0.87, 0.05, 0.09, -turn) * rng.uniform(0, 0.5)
    out = np.clip(out, 0, None) * body
    if rng.random() < 0.5:
        out += bar(0.9, -0.8, 0.9, 0.8, 0.02) * 0.4
    return film(rng, out, 0.08)


def slice_of_head(rng):
    tall, wide = rng.uniform(0.7, 0.95), rng.uniform(0.55, 0.8)
    rim = ellipse(0, 0, tall, wide) - ellipse(0, 0, tall * 0.9, wide * 0.88)
    out = rim * rng.uniform(-0.2, 1) + ellipse(0, 0, tall * 0.88, wide * 0.86) * rng.uniform(0.3, 0.7)
    for side in (-1, 1):
        out += ellipse(rng.uniform(-0.2, 0.1), side * rng.uniform(0.08, 0.2), rng.uniform(0.15, 0.35), rng.uniform(0.05, 0.12), side * rng.uniform(-0.4, 0.4)) * rng.uniform(-0.4, 0.4)
    out += (cloud(rng, 1.2) - 0.5) * ellipse(0, 0, tall * 0.85, wide * 0.83) * rng.uniform(0, 0.5)
    return film(rng, np.clip(out, 0, None), 0.08)


def limb(rng):
    """One or two long bones with soft tissue about them, and perhaps a joint, at any angle."""
    out, thick = np.zeros((SIDE, SIDE)), rng.uniform(0.2, 0.5)
    bend, gap = rng.uniform(-0.3, 0.3), rng.uniform(0.1, 0.3)
    out += bar(-1.3, bend, 1.3, -bend, thick, 0.05) * rng.uniform(0.2, 0.5)
    for side in (-1, 1) if rng.random() < 0.5 else (0,):
        across, core = side * gap, rng.uniform(0.06, 0.18)
        shaft = bar(-1.3, across + bend, rng.uniform(-0.1, 1.3), across - bend, core)
        out += shaft * rng.uniform(0.3, 0.6) - bar(-1.3, across + bend, 1.3, across - bend, core * 0.4) * rng.uniform(0, 0.2)
    if rng.random() < 0.6:
        at = rng.uniform(-0.4, 0.4)
        for up in (-1, 1):
            out += ellipse(at + up * 0.14, 0, 0.12, thick * 0.8) * rng.uniform(0.2, 0.5)
    return film(rng, rotate(out, rng.uniform(0, 360), reshape=False, mode="nearest", order=1))


def hand(rng):
    out = ellipse(0.45, 0, 0.4, 0.4) * rng.uniform(0.2, 0.4)
    for finger, lean in enumerate(np.linspace(-0.7, 0.7, 5) * rng.uniform(0.7, 1.3)):
        long = rng.uniform(0.7, 1.1) * (0.75 if finger in (0, 4) else 1)
        y1, x1 = 0.3 - long * np.cos(lean), long * np.sin(lean)
        out += bar(0.3, lean * 0.3, y1, x1, 0.08, 0.03) * rng.uniform(0.2, 0.35)
        joints = np.linspace(0.05, 1, 5)
        for a, b in zip(joints[:-1] + 0.02, joints[1:] - 0.02):
            out += bar(0.3 - a * (0.3 - y1), lean * 0.3 + a * (x1 - lean * 0.3), 0.3 - b * (0.3 - y1), lean * 0.3 + b * (x1 - lean * 0.3), 0.03) * 0.4
    for _ in range(8):
        out += ellipse(rng.uniform(0.4, 0.7), rng.uniform(-0.25, 0.25), 0.08, 0.08) * 0.25
    for across in (-0.1, 0.12):
        out += bar(0.75, across, 1.3, across, 0.07) * 0.4
    return film(rng, rotate(out, rng.choice([0, 0, 90, 180, 270]) + rng.uniform(-30, 30), reshape=False, mode="nearest", order=1))


def skull(rng):
    out = ellipse(-0.15, 0, 0.75, rng.uniform(0.55, 0.8)) * 0.4 + (ellipse(-0.15, 0, 0.75, 0.7) - ellipse(-0.15, 0, 0.68, 0.63)) * rng.uniform(0.1, 0.5)
    out += ellipse(0.5, rng.uniform(-0.1, 0.3), 0.4, 0.4) * 0.25
    for side in (-1, 1):
        out -= ellipse(0.1, side * 0.25, 0.13, 0.15) * rng.uniform(0, 0.3)
    out -= ellipse(0.3, 0, 0.14, 0.08) * rng.uniform(0, 0.3)
    for across in np.linspace(-0.25, 0.25, 8):
        out += bar(0.5, across, 0.62, across, 0.02) * rng.uniform(0.1, 0.5)
    out += bar(0.7, 0.1, 1.3, 0.15, 0.15) * 0.3
    return film(rng, np.clip(out, 0, None))


def spine(rng):
    """A column of vertebrae on soft tissue, seen from front or side."""
    out, lean, thick = np.full((SIDE, SIDE), rng.uniform(0.1, 0.4)), rng.uniform(-0.4, 0.4), rng.uniform(0.12, 0.28)
    out += ellipse(0, 0, 1.6, rng.uniform(0.5, 1.2), soft=0.1) * rng.uniform(0, 0.3)
    for y in np.arange(-1.1, 1.1, thick * rng.uniform(1.3, 1.7)):
        x = lean * (y**2 - 0.3)
        out += bar(y, x - thick * 0.6, y, x + thick * 0.6, thick * 0.5) * rng.uniform(0.25, 0.5)
        out += ellipse(y, x - thick * 1.2, 0.05, 0.12) * rng.uniform(0, 0.3) + ellipse(y, x + thick * 1.2, 0.05, 0.12) * rng.uniform(0, 0.3)
    return film(rng, out)


def pelvis(rng):
    """A belly or a pelvis from the front: wings, sacrum, hips, gas."""
    out = ellipse(0, 0, rng.uniform(1, 1.5), rng.uniform(0.8, 1.1), soft=0.08) * rng.uniform(0.3, 0.5)
    at = rng.uniform(-0.1, 0.9)
    for side in (-1, 1):
        out += ellipse(at - 0.3, side * 0.5, 0.35, 0.25, side * 0.5) * rng.uniform(0.15, 0.4)
        out -= ellipse(at + 0.3, side * 0.25, 0.12, 0.12) * rng.uniform(0, 0.3)
        out += ellipse(at + 0.15, side * 0.65, 0.14, 0.14) * 0.3 + bar(at + 0.2, side * 0.7, 1.4, side * 0.6, 0.11) * 0.3
    for y in np.arange(-1.1, at - 0.2, 0.25):
        out += bar(y, -0.1, y, 0.1, 0.09) * 0.3
    for _ in range(rng.integers(2, 14)):
        out -= ellipse(rng.uniform(-0.9, 0.7), rng.uniform(-0.7, 0.7), *rng.uniform(0.04, 0.2, 2), rng.uniform(0, 3)) * rng.uniform(0.05, 0.3)
    return film(rng, out)


def side_of_chest(rng):
    """A chest from the side, of a person or, lying, of an animal: one lung field, the spine along one edge."""
    out = ellipse(0, 0, rng.uniform(1.0, 1.4), rng.uniform(0.6, 1.0), soft=0.06) * rng.uniform(0.4, 0.6)
    out -= ellipse(rng.uniform(-0.2, 0.1), rng.uniform(-0.1, 0.2), rng.uniform(0.6, 0.9), rng.uniform(0.35, 0.6), rng.uniform(-0.3, 0.3), 0.1) * rng.uniform(0.2, 0.45)
    out += ellipse(rng.uniform(0.1, 0.4), rng.uniform(-0.35, 0), rng.uniform(0.25, 0.45), rng.uniform(0.2, 0.35), rng.uniform(-0.8, 0.8), 0.08) * rng.uniform(0.15, 0.35)
    out += ellipse(rng.uniform(0.8, 1.1), 0, 0.4, 0.9, 0, 0.08) * rng.uniform(0.1, 0.3)
    back = rng.uniform(0.5, 0.75)
    for y in np.arange(-1.1, 1.1, 0.2):
        out += bar(y, back - 0.05, y, back + 0.08, 0.07) * rng.uniform(0.1, 0.3)
        out += bar(y, back, y + 0.35, -0.5, 0.025) * rng.uniform(0, 0.15)
    if rng.random() < 0.5:
        out = out[:, ::-1]
    if rng.random() < 0.5:
        out = np.rot90(out)
        out = out[::-1] if rng.random() < 0.5 else out
    return film(rng, np.clip(out, 0, None))


def breast(rng):
    out = ellipse(0, -1, rng.uniform(0.6, 0.9), rng.uniform(0.8, 1.4)) * (0.3 + cloud(rng, 1.5) * rng.uniform(0.2, 0.7))
    out += bar(-1, -1, rng.uniform(-0.5, 0.5), -1, rng.uniform(0.1, 0.4)) * rng.uniform(0, 0.5)
    return film(rng, out[:, ::-1] if rng.random() < 0.5 else out)


def ultrasound(rng):
    yy, xx = grid()
    far, turn = np.hypot(yy + 1.1, xx), np.arctan2(xx, yy + 1.1)
    fan = ((np.abs(turn) < rng.uniform(0.4, 0.8)) & (far > rng.uniform(0, 0.3)) & (far < rng.uniform(1.6, 2.1))).astype(float)
    tissue = gaussian_filter(cloud(rng, rng.uniform(0.3, 1.2)), (0.4, 1.5))
    for _ in range(rng.integers(1, 5)):
        tissue = tissue * (1 - ellipse(*rng.uniform(-0.5, 0.7, 2), *rng.uniform(0.08, 0.4, 2), rng.uniform(0, 3)) * rng.uniform(0.5, 1))
    return film(rng, tissue * (fan if rng.random() < 0.7 else 1), 0.15)


def cells(rng):
    out = np.full((SIDE, SIDE), rng.uniform(0.6, 1))
    for _ in range(rng.integers(5, 90)):
        out -= ellipse(*rng.uniform(-1, 1, 2), *rng.uniform(0.03, 0.2, 2), rng.uniform(0, 3)) * rng.uniform(0.05, 0.5)
    return film(rng, 1 - out if rng.random() < 0.3 else out, 0.1)


def teeth(rng):
    out, curve = np.full((SIDE, SIDE), rng.uniform(0.1, 0.4)), rng.uniform(-0.4, 0.4)
    yy, xx = grid()
    out += np.exp(-(((yy - curve * xx**2) / 0.5) ** 2)) * 0.3
    for x in np.arange(-0.95, 0.95, rng.uniform(0.1, 0.3)):
        for up in (-1, 1):
            y = curve * x**2 + up * 0.04
            out += bar(y, x, y + up * rng.uniform(0.2, 0.35), x, rng.uniform(0.03, 0.06)) * rng.uniform(0.2, 0.6)
    return film(rng, out)


KINDS = {
    "noise": noise, "gradient": gradient, "blank": blank, "pattern": pattern, "text": text, "shapes": shapes,
    "body slice": slice_of_body, "head slice": slice_of_head, "limb": limb, "hand": hand, "skull": skull, "spine": spine,
    "pelvis": pelvis, "side of chest": side_of_chest, "breast": breast, "ultrasound": ultrasound, "cells": cells, "teeth": teeth,
}
