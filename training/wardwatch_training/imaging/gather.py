"""Cuts real pictures of other things out of unpacked packages, for the gate: `python -m wardwatch_training.imaging.gather FROM TO`.

FROM holds packages as README.md lists them, unpacked. TO gets one file a picture, TO/KIND/NAME.png, grey,
at most 160 pixels a side. They teach the gate and are not part of this repository.
"""

import sys
from pathlib import Path

import numpy as np
from PIL import Image

SIDE = 160
PICTURES = {".png", ".jpg", ".jpeg", ".webp", ".tif", ".gif"}
KINDS = (  # the first that is part of the path
    ("/stamps/animals/", "animal"), ("/cartoon", "drawing"), ("/symbols/", "drawing"), ("/stamps/", "object"),
    ("/backgrounds/", "photo"), ("/skimage/", "photo"), ("/sklearn/", "photo"),
)


def main():
    source, target = map(Path, sys.argv[1:])
    for file in sorted(p for p in source.rglob("*") if p.is_file()):
        for kind, name, picture in pictures(file):
            _keep(target, kind, name, picture)
    for folder in sorted({p.parent for p in source.rglob("cxr/1-*.dcm")}):
        for kind, name, picture in chest(folder):
            _keep(target, kind, name, picture)


def pictures(file):
    """(kind, name, grey picture 0–255) of one file; none when it holds no picture."""
    try:
        if file.name.endswith((".nii", ".nii.gz")):
            yield from _volume(file)
        elif file.suffix == ".dcm":
            yield from _dicom(file)
        elif file.suffix.lower() in PICTURES:
            kind = next((kind for part, kind in KINDS if part in str(file)), None)
            if kind:
                yield kind, _name(file), _flat(Image.open(file))
    except Exception as why:  # broken files are among the packages' own tests
        print(f"{file}: left out: {why}", file=sys.stderr)


def chest(folder):
    """Slices of a chest CT in three planes, and its shadow from the side, aslant and from above."""
    import pydicom
    from scipy.ndimage import rotate, zoom

    slices = sorted((pydicom.dcmread(p) for p in folder.glob("*.dcm")), key=lambda d: -float(d.ImagePositionPatient[2]))
    volume = np.stack([d.pixel_array * float(d.RescaleSlope) + float(d.RescaleIntercept) for d in slices]).astype(np.float32)[:, ::4, ::4]
    tall = float(np.abs(np.diff([float(d.ImagePositionPatient[2]) for d in slices])).mean()) / (4 * float(slices[0].PixelSpacing[0]))
    volume = zoom(volume, (tall, 1, 1), order=1)
    for axis, plane in enumerate(("across", "front", "side")):
        for at in range(int(volume.shape[axis] * 0.1), int(volume.shape[axis] * 0.9), 2):
            cut = np.take(volume, at, axis)
            for window, (low, high) in {"soft": (-160, 240), "lung": (-1350, 150), "bone": (-500, 1300)}.items():
                yield f"chest CT, {plane}", f"ct.{plane}.{at}.{window}", (np.clip((cut - low) / (high - low), 0, 1) * 255).astype(np.uint8)
    dense = np.clip(volume + 1000, 0, 2500) / 1000
    yield "chest shadow", "from-above", _grey(dense.sum(0))
    for turn in (*range(50, 131, 5), *range(230, 311, 5)):
        shadow = rotate(dense, turn, axes=(1, 2), reshape=False, order=1).sum(1)
        yield "chest shadow", f"turned.{turn}", _grey(shadow)
        yield "chest shadow", f"turned.{turn}.log", _grey(1 - np.exp(-shadow / 40))


def _keep(target, kind, name, picture):
    out = target / kind / f"{name}.png"
    out.parent.mkdir(parents=True, exist_ok=True)
    _small(picture).save(out)


def _flat(image):
    """On white, where it lets light through."""
    image = image.convert("RGBA")
    image.thumbnail((SIDE, SIDE))
    return np.asarray(Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("L"))


def _volume(file):
    import nibabel

    if "templates" not in str(file) and "cxr" not in file.name and "nilearn" not in str(file):
        return
    volume = np.nan_to_num(np.squeeze(np.asarray(nibabel.load(file).dataobj, np.float32)))
    if volume.ndim == 3 and min(volume.shape) >= 60:
        yield from _planes("head slice, real", _name(file), volume)


def _planes(kind, name, volume, every=6):
    for axis in range(3):
        for at in range(int(volume.shape[axis] * 0.2), int(volume.shape[axis] * 0.8), every):
            yield kind, f"{name}.{axis}.{at}", _grey(np.rot90(np.take(volume, at, axis)))


def _dicom(file):
    import pydicom

    data = pydicom.dcmread(file)
    if file.parent.name != "cxr" and data.get("Modality") in ("CT", "MR", "US", "NM", "PT") and "PixelData" in data:
        picture = np.asarray(data.pixel_array, np.float32)
        if picture.ndim == 2:
            yield f"{data.Modality} file", _name(file), _grey(picture)


def _grey(picture):
    low, high = np.percentile(picture, [0.5, 99.8])
    return (np.clip((picture - low) / max(high - low, 1e-6), 0, 1) * 255).astype(np.uint8)


def _name(file):
    return "-".join(file.parts[-3:]).replace(".", "-")


def _small(picture):
    image = Image.fromarray(picture)
    image.thumbnail((SIDE, SIDE), Image.BOX)
    return image


if __name__ == "__main__":
    main()
