from __future__ import annotations

import signal
import subprocess
import sys

import nibabel as nib
import numpy as np
import pytest
from PIL import Image as Picture

import jlabel
from jlabel.imaging import Image
from jlabel.selection.appearance_vector import LENGTH, PARTS, appearance
from jlabel.selection.feature_kinds import APPEARANCE, FeatureKind, comparable
from tests.selection.synthetic_pools import make_studies


def ball(size: int = 20, bright: float = 100, spacing: float = 1) -> Image:
    grid = np.stack(np.meshgrid(*[np.linspace(-1, 1, size)] * 3, indexing="ij"))
    array = np.where(np.linalg.norm(grid, axis=0) < 0.6, bright, 10).astype(np.float32)
    return Image(array, np.diag([spacing, spacing, spacing, 1]))


def test_an_image_is_a_vector_whatever_its_size_and_type():
    for image in (
        ball(),
        Image(np.zeros((3, 1, 2), np.int16), np.eye(4)),
        Image(np.arange(48, dtype=np.uint8).reshape(8, 6), np.eye(4)),
        Image(np.zeros((70, 90, 3), np.uint8), np.eye(4), channels="rgb"),
        Image(np.full((9, 9, 9), np.nan, np.float32), np.eye(4)),
    ):
        vector, share = appearance(image)
        assert vector.shape == (LENGTH,)
        assert np.isfinite(vector).all()
        assert 0 <= share <= 1


def test_the_share_of_bright_voxels_is_that_of_the_body():
    vector, share = appearance(ball())
    assert share == pytest.approx(4 / 3 * np.pi * 0.6**3 / 8, abs=0.03)
    assert vector[PARTS["histogram"]].sum() == pytest.approx(1, abs=1e-5)
    np.testing.assert_allclose(vector[PARTS["extent"]], np.log10([20] * 3), atol=1e-5)


def test_another_resolution_of_the_same_looks_the_same_and_another_shape_does_not():
    same, finer = appearance(ball(48, spacing=2))[0], appearance(ball(96, spacing=1))[0]
    half = Image(np.where(np.arange(48) < 24, ball(48).array, 10), np.eye(4))
    shape = PARTS["small copy"]
    assert np.linalg.norm(same[shape] - finer[shape]) < 0.1 * np.linalg.norm(same[shape] - appearance(half)[0][shape])
    np.testing.assert_allclose(same[PARTS["extent"]], finer[PARTS["extent"]])


def test_what_is_no_measurement_counts_as_the_darkest():
    image = ball()
    holed = np.array(image.array)
    holed[:3] = np.nan
    vector, share = appearance(Image(holed, image.affine))
    np.testing.assert_allclose(vector, appearance(image)[0], atol=0.02)
    assert share == pytest.approx(appearance(image)[1], abs=0.01)


def test_each_part_has_its_weight_in_the_distance():
    rng = np.random.default_rng(0)
    vectors = (rng.normal(size=(30, LENGTH)) * 1000).astype(np.float32)
    vectors[:, PARTS["spacing"]] = 1
    features = comparable(FeatureKind(APPEARANCE), vectors)
    assert features.var(0).sum() == pytest.approx(3.25 / 3.5, rel=0.01)


@pytest.fixture
def store(tmp_path):
    opened = make_studies(tmp_path / "studies", ["a", "b", "c"])
    yield opened
    opened.close()


def test_images_are_looked_at_once_and_labelled_ones_too(store, tmp_path):
    store.save_label("a", np.zeros((4, 4, 4), np.uint8))
    method = jlabel.Appearance()
    assert method({}, store) == {"done": 3, "already": 0, "left_out": {}}
    ids, features = store.scores.features("appearance")
    assert (ids, features.shape) == (("a", "b", "c"), (3, LENGTH))
    nib.save(nib.Nifti1Image(np.zeros((5, 5, 5), np.uint8), np.eye(4)), tmp_path / "studies" / "d.nii.gz")
    store.refresh()
    assert method({"images": "unlabeled"}, store) == {"done": 1, "already": 3, "left_out": {}}
    (score,) = store.scores.of_image("d")
    assert (score.model, score.version, score.info) == ("", 0, {"extent_mm": [5.0] * 3, "spacing": [1.0] * 3})


def test_an_image_that_cannot_be_read_is_named_and_the_others_are_looked_at(store, tmp_path):
    (tmp_path / "studies" / "b.nii.gz").write_bytes(b"broken")
    answer = jlabel.Appearance()({}, store)
    assert answer["done"] == 2
    assert list(answer["left_out"]) == ["b"]
    assert store.scores.scored("appearance") == {"a", "c"}
    for name in ("a", "c"):
        (tmp_path / "studies" / f"{name}.nii.gz").write_bytes(b"broken")
    assert jlabel.Appearance()({}, store)["already"] == 2
    with pytest.raises(jlabel.TaskError, match="none of 1 images could be read"):
        jlabel.Appearance()({"images": ["b"]}, store)


def test_a_picture_in_colour_differs_from_one_in_gray(tmp_path):
    rng = np.random.default_rng(0)
    array = np.repeat(rng.integers(0, 255, (40, 40, 1), dtype=np.uint8), 3, -1)
    Picture.fromarray(array).save(tmp_path / "gray.png")
    array[..., 1:] //= 3
    Picture.fromarray(array).save(tmp_path / "red.png")
    gray, red = (appearance(jlabel.read_image(tmp_path / f"{name}.png"))[0][PARTS["level"]] for name in ("gray", "red"))
    assert abs(gray[2]) < 0.1 < red[2]


PROGRAM = """
import sys, jlabel
store = jlabel.LocalDatastore(sys.argv[1])
class Run:
    device, threads, cancelled = "cpu", 0, False
    def check_cancelled(self): pass
    def note(self, text): pass
    def progress(self, part, left=None): print(part, flush=True)
jlabel.Appearance()({"run": Run()}, store)
"""


def test_a_kill_loses_nothing_that_was_looked_at(tmp_path):
    names = [f"image_{number}" for number in range(12)]
    store = make_studies(tmp_path / "studies", names)
    process = subprocess.Popen([sys.executable, "-c", PROGRAM, str(store.folder)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    for _ in range(4):
        process.stdout.readline()
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    there = len(store.scores.scored("appearance"))
    assert there >= 4
    assert len(store.scores.features("appearance")[0]) == there
    assert jlabel.Appearance()({}, store) == {"done": 12 - there, "already": there, "left_out": {}}
    store.close()
