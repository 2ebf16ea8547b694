from __future__ import annotations

import numpy as np
import pytest
import torch
from monai.inferers import SimpleInferer, SlidingWindowInferer

from jlabel.errors import Cancelled, TaskError
from jlabel.imaging import Image
from jlabel.selection.scoring.passes import DropoutPasses, FlipPasses, OnePass, VersionPasses
from jlabel.selection.scoring.streaming import grid, stream
from jlabel.tasks import InferRequest, pipeline
from tests.selection.scoring.conftest import LABELS, SHAPE, Contrast, ContrastTask, volume


class Windows(ContrastTask):
    window: tuple[int, ...] = (8, 8, 8)
    overlap: float = 0.25

    def inferer(self, data):
        return SlidingWindowInferer(self.window, overlap=self.overlap)


class Whole(ContrastTask):
    """An inferer that nobody knows."""

    def inferer(self, data):
        return lambda inputs, network: network(inputs)


class Blurred(Contrast):
    """Sees three voxels around each."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return super().forward(torch.nn.functional.avg_pool3d(x, 7, stride=1, padding=3))


def task(kind=ContrastTask, network=None) -> ContrastTask:
    return kind(network=(network or Contrast()).eval(), labels=LABELS)


def image(shape=SHAPE) -> Image:
    return Image(np.ascontiguousarray(volume(0)[tuple(slice(0, size) for size in shape)]), np.eye(4))


def given(one: ContrastTask, picture: Image | None = None) -> pipeline.NetworkInput:
    return pipeline.prepare(one, InferRequest(picture or image(), "case"), None)


def outputs(one: ContrastTask, passes=OnePass, picture: Image | None = None) -> list[np.ndarray]:
    """The output of each pass for the whole image, put together from the parts."""
    prepared = given(one, picture)
    found: list[np.ndarray] = []
    for tile, parts in stream(one, prepared, passes(one.network), "cpu", lambda: None):
        for index, part in enumerate(parts):
            if index == len(found):
                found.append(np.full((part.shape[0], *grid(one, prepared)), np.nan, np.float32))
            found[index][(slice(None), *tile.core)] = part[(slice(None), *tile.inside)]
    return found


@pytest.mark.parametrize("kind", [ContrastTask, Windows, Whole])
def test_the_parts_make_up_what_the_network_says_of_the_image(kind):
    one = task(kind)
    (found,) = outputs(one)
    wanted = one.network(torch.from_numpy(image().array)[None, None])[0]
    np.testing.assert_allclose(found, wanted.detach(), atol=1e-6)


def test_cores_keep_from_the_edges_of_their_windows_where_the_inferer_lets_windows_overlap():
    picture = Image(np.random.default_rng(0).normal(1, 1, (48, 8, 8)).astype(np.float32), np.eye(4))

    def seams(overlap: float) -> float:
        one = task(type("Wide", (Windows,), {"window": (16, 8, 8), "overlap": overlap}), Blurred())
        (found,) = outputs(one, picture=picture)
        wanted = one.network(torch.from_numpy(picture.array)[None, None])[0].detach().numpy()
        return float(np.abs(found - wanted).max())

    assert seams(0.5) < seams(0.0)


def test_an_image_of_one_window_is_as_the_inferer_sees_it():
    one = task(type("Large", (Windows,), {"window": (32, 16, 16)}), Blurred())
    (found,) = outputs(one)
    batch = torch.from_numpy(image().array)[None, None]
    np.testing.assert_allclose(found, one.inferer({})(batch, one.network)[0].detach(), atol=1e-6)


def test_no_part_is_larger_than_a_window_and_its_whole_answer_is_never_there():
    one = task(Windows)
    sizes = []

    class Counted(OnePass):
        def over(self, batch, number):
            sizes.append(tuple(batch.shape[2:]))
            return super().over(batch, number)

    outputs(one, Counted)
    assert set(sizes) == {(8, 8, 8)}
    assert len(sizes) > 8


def test_pictures_go_through_networks_of_two_dimensions():
    class Flat(Contrast):
        pass

    one = Windows(network=Flat().eval(), labels=LABELS, dimension=2)
    one.window = (8, 8)
    picture = Image(np.ascontiguousarray(volume(0)[:, :, 5]), np.eye(4))
    (found,) = outputs(one, picture=picture)
    assert found.shape == (3, *SHAPE[:2])
    assert np.isfinite(found).all()


@pytest.mark.parametrize("kind", [ContrastTask, Windows, Whole])
def test_passes_with_dropout_differ_and_come_again_with_the_same_seed(kind):
    one = task(kind)
    first, second = (outputs(one, lambda network: DropoutPasses(network, 3, seed=7)) for _ in range(2))
    assert len(first) == 3
    assert not np.array_equal(first[0], first[1])
    np.testing.assert_array_equal(first, second)
    other = outputs(one, lambda network: DropoutPasses(network, 3, seed=8))
    assert not np.array_equal(first[0], other[0])


@pytest.mark.parametrize("kind", [ContrastTask, Windows, Whole])
def test_a_network_that_looks_at_single_voxels_does_not_mind_flips(kind):
    found = outputs(task(kind), FlipPasses)
    assert len(found) == 4
    for one in found[1:]:
        np.testing.assert_allclose(one, found[0], atol=1e-6)


def test_several_networks_are_asked_one_after_the_other():
    one, other = task(), Contrast()
    other.sharpness.data *= 2
    found = outputs(one, lambda network: VersionPasses([network, other.eval()], []))
    np.testing.assert_allclose(found[1], 2 * found[0], atol=1e-6)


def test_a_network_that_fails_says_on_what():
    one = task(Windows, torch.nn.Conv3d(2, 2, 1))
    with pytest.raises(TaskError, match=r"the network Conv3d failed on input \(1, 8, 8, 8\)"):
        outputs(one)


def test_an_answer_of_another_size_is_refused():
    one = task(network=torch.nn.MaxPool3d(2))
    with pytest.raises(TaskError, match="MaxPool3d answered"):
        outputs(one)


def test_it_stops_between_parts():
    one, calls = task(Windows), []

    def check() -> None:
        calls.append(1)
        if len(calls) == 3:
            raise Cancelled("enough")

    parts = stream(one, given(one), OnePass(one.network), "cpu", check)
    with pytest.raises(Cancelled):
        list(map(list, (outputs for _, outputs in parts)))
    assert len(calls) == 3


def test_a_task_that_runs_its_network_in_its_own_way_is_asked_in_that_way():
    class Doubling(ContrastTask):
        def run_inferer(self, data, device):
            data = super().run_inferer(data, device)
            return {**data, "pred": data["pred"] * 2}

    (found,) = outputs(task(Doubling))
    (plain,) = outputs(task())
    np.testing.assert_allclose(found, 2 * plain)


def test_a_simple_inferer_is_asked_once():
    assert isinstance(ContrastTask(labels=LABELS).inferer({}), SimpleInferer)
    one = task()
    assert len(list(stream(one, given(one), OnePass(one.network), "cpu", lambda: None))) == 1
