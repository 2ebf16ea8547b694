"""Clicks on real images, beside scikit-image's region growing with the same annotator."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from skimage.segmentation import flood, random_walker

from jlabel.imaging import read_image, read_label
from jlabel.imaging.region import Region
from jlabel.interactive import ClassicClickSegment
from jlabel.simulation import dice, next_click, simulate
from jlabel.tasks.request import InferRequest


def grown(image, truth):
    """The Dice of region growing from the first click, within a tenth of the intensity range."""
    grey = image.array.mean(axis=-1) if image.channels == "rgb" else image.array.astype(float)
    low, high = np.percentile(grey, [0.5, 99.5])
    click = next_click(truth, np.zeros(image.shape), image.spacing)
    return dice(truth, flood(grey, click.position, tolerance=0.1 * (high - low)))


@pytest.mark.parametrize(
    ("kind", "stems", "values", "at_least"),
    [
        ("hippocampus_msd", ("hippocampus_001", "hippocampus_123"), (2,), 0.55),
        ("ct_mr_totalseg", ("ct_abdomen_3mm",), (1, 5), 0.5),
        ("kvasir_polyp", ("cju1f8w0t65en0799m9oacq0q", "cju2zwg05a0oy0801yr73ig7g"), (255,), 0.5),
        ("nuclei_dsb2018", ("fluo_003cee89357d", "fluo_1e8408fbb161"), (1, 2), 0.7),
        ("wbc_cells", ("wbc_002", "wbc_045"), (2,), 0.85),
    ],
)
def test_five_clicks(shared_data: Path, kind, stems, values, at_least):
    ours, theirs = [], []
    for stem in stems:
        (path,) = (shared_data / kind / "images").glob(f"{stem}.*")
        (label_path,) = (shared_data / kind / "labels").glob(f"{stem}.*")
        image = read_image(path)
        label = read_label(label_path, image)
        for value in values:
            truth = label == value if (label == value).any() else label > 0
            ours.append(max(simulate(ClassicClickSegment(), image, truth, 5)))
            theirs.append(grown(image, truth))
    assert np.mean(ours) > max(at_least, np.mean(theirs))


@pytest.mark.parametrize(
    ("kind", "stem", "value"),
    [("nrrd_pyradiomics", "brain1", 1), ("hippocampus_msd", "hippocampus_001", 2), ("wbc_cells", "wbc_002", 2)],
)
def test_the_same_five_clicks_tell_others_less(shared_data: Path, kind, stem, value):
    (path,) = (shared_data / kind / "images").glob(f"{stem}.*")
    (label_path,) = (shared_data / kind / "labels").glob(f"{stem}*")
    image = read_image(path)
    truth = read_label(label_path, image) == value
    task, clicks, found = ClassicClickSegment(), [], np.zeros(image.shape, np.uint8)
    for _ in range(5):
        clicks.append(next_click(truth, found, image.spacing))
        found = task(InferRequest(image, stem, tuple(clicks))).mask
    grey = image.array.mean(axis=-1) if image.channels == "rgb" else image.array.astype(float)
    seeds = np.zeros(image.shape, np.int32)
    for click in clicks:
        seeds[click.position] = 1 if click.positive else 2
    near = Region.around([click.position for click in clicks]).grow(12, image.shape).slices
    walked = np.zeros(image.shape, dtype=bool)
    walked[near] = random_walker(grey[near], seeds[near], mode="cg_j", spacing=np.array(image.spacing)) == 1
    assert dice(truth, found) > max(dice(truth, walked), grown(image, truth))
