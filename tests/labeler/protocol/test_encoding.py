"""Images, regions, prompts and masks as they travel: what is sent comes back as it was."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jlabel.errors import JlabelError, PromptError
from jlabel.imaging import Image, Region, decode_voxels
from jlabel.imaging.intensity import Intensities
from jlabel.labeler.protocol import encoding
from jlabel.labeler.protocol.encoding import header, mask_parts, prompt_from_wire, region_from_wire, region_to_wire
from jlabel.labeler.protocol.prompt_messages import PromptInfo
from jlabel.prompts import Box, Click, Lasso, Scribble, prompt_to_json

STATISTICS = Intensities(0, 100, 50, 10)


@st.composite
def shapes_and_regions(draw: st.DrawFn) -> tuple[tuple[int, ...], Region]:
    """The shape of a picture or a volume, and a region in it."""
    shape = draw(st.lists(st.integers(1, 7), min_size=2, max_size=3))
    ends = [sorted(draw(st.lists(st.integers(0, n), min_size=2, max_size=2, unique=True))) for n in shape]
    return tuple(shape), Region(tuple(low for low, _ in ends), tuple(up for _, up in ends))


# Regions.


@given(shapes_and_regions())
def test_a_region_comes_back(given: tuple[tuple[int, ...], Region]) -> None:
    shape, region = given
    wire = region_to_wire(region)
    assert len(wire) == 6
    assert region_from_wire(wire, shape) == region


def test_a_region_of_a_picture_is_one_slice_thick() -> None:
    assert region_to_wire(Region((1, 2), (3, 4))) == (1, 2, 0, 3, 4, 1)


@pytest.mark.parametrize(
    "flat", [(0, 0, 0, 9, 1, 1), (0, 0, 0, 0, 1, 1), (-1, 0, 0, 1, 1, 1), (0, 0, 3, 1, 1, 4), (2, 0, 0, 1, 1, 1)]
)
def test_a_region_outside_of_the_image_is_refused_in_words(flat: Any) -> None:
    with pytest.raises(JlabelError, match=r"the region \[.*\] does not lie inside an image of shape \(3, 3, 3\)"):
        region_from_wire(flat, (3, 3, 3))


@pytest.mark.parametrize("flat", [(0, 0, 0, 4, 1, 1), (0, -1, 0, 1, 1, 1), (1, 1, 0, 1, 2, 1)])
def test_a_region_outside_of_a_picture_is_refused_too(flat: Any) -> None:
    with pytest.raises(JlabelError, match="does not lie inside"):
        region_from_wire(flat, (3, 3))


# Masks.


@given(shapes_and_regions(), st.sampled_from(["uint8", "uint16"]), st.sampled_from(["C", "F"]), st.integers(1, 60))
def test_the_parts_of_a_mask_are_together_its_region(
    given: tuple[tuple[int, ...], Region], dtype: str, order: Any, most: int
) -> None:
    shape, region = given
    mask = np.random.default_rng(0).integers(0, np.iinfo(dtype).max, shape).astype(dtype, order=order)
    volume = np.zeros((*shape, 1)[:3], dtype)
    times = np.zeros(volume.shape, int)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(encoding, "MASK_VOXELS", most)
        for flat, data in mask_parts(mask, region):
            part = Region.from_flat(flat)
            # A row is never cut.
            row = part.shape[0] * mask.dtype.itemsize
            assert part.size * mask.dtype.itemsize <= max(most, row)
            volume[part.slices] = decode_voxels(data, part, dtype)
            times[part.slices] += 1
    came = volume.reshape(shape)
    np.testing.assert_array_equal(came[region.slices], mask[region.slices])
    inside = np.zeros(shape, int)
    inside[region.slices] = 1
    np.testing.assert_array_equal(times.reshape(shape), inside)


def test_a_mask_travels_in_parts_that_stay_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoding, "MASK_VOXELS", 40)
    mask = np.random.default_rng(0).integers(0, 3, (7, 8, 9), dtype=np.uint8)
    region = Region((1, 0, 2), (7, 8, 9))
    back = np.zeros_like(mask)
    for flat, data in mask_parts(mask, region):
        part = Region.from_flat(flat)
        assert part.size <= 40
        back[part.slices] = decode_voxels(data, part, "uint8")
    np.testing.assert_array_equal(back[region.slices], mask[region.slices])


def test_a_picture_counts_as_one_slice() -> None:
    mask = np.eye(3, dtype=np.uint8)
    [(flat, data)] = mask_parts(mask, Region((0, 0), (3, 2)))
    assert flat == (0, 0, 0, 3, 2, 1)
    assert region_from_wire(flat, (3, 3)) == Region((0, 0), (3, 2))
    np.testing.assert_array_equal(decode_voxels(data, Region((0, 0), (3, 2)), "uint8"), mask[:, :2])


# Prompts.

corners = st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(0, 9))
labels = st.text(max_size=5)
prompts_3d = st.one_of(
    st.builds(Click, corners, st.booleans(), labels),
    st.builds(Box, corners, corners, labels),
    st.builds(Scribble, st.lists(corners, min_size=1, max_size=4).map(tuple), st.booleans(), labels),
    st.builds(
        lambda points, plane, positive, label: Lasso(
            tuple((*p[:plane], 4, *p[plane + 1 :]) for p in points), plane, positive, label
        ),
        st.lists(corners, min_size=3, max_size=5),
        st.integers(0, 2),
        st.booleans(),
        labels,
    ),
)


def from_page(fields: dict[str, Any]) -> PromptInfo:
    return msgspec.convert(fields, PromptInfo)


@given(prompts_3d)
def test_a_prompt_comes_back(prompt: Any) -> None:
    sent = {**prompt_to_json(prompt), "id": "p", "waits": True, "slice": [2, 4]}
    assert prompt_from_wire(from_page(sent), 3) == prompt


@pytest.mark.parametrize(
    ("sent", "prompt"),
    [
        ({"kind": "click", "position": [1, 2, 0], "positive": False}, Click((1, 2), positive=False)),
        ({"kind": "box", "lower": [1, 2, 0], "upper": [3, 4, 0]}, Box((1, 2), (3, 4))),
        ({"kind": "scribble", "positions": [[1, 2, 0], [1, 3, 0]], "positive": True}, Scribble(((1, 2), (1, 3)))),
        (
            {"kind": "lasso", "points": [[1, 1, 0], [2, 1, 0], [2, 2, 0]], "plane": 2, "positive": True},
            Lasso(((1, 1), (2, 1), (2, 2)), 2),
        ),
    ],
)
def test_in_a_picture_the_third_index_is_dropped(sent: dict[str, Any], prompt: Any) -> None:
    assert prompt_from_wire(from_page({"label": "", **sent}), 2) == prompt


@pytest.mark.parametrize(
    "sent",
    [
        {"kind": "click", "positive": True},
        {"kind": "box", "lower": [1, 2, 3]},
        {"kind": "scribble", "positions": [], "positive": True},
        {"kind": "lasso", "points": [[1, 1, 1]], "plane": 2, "positive": True},
    ],
)
def test_what_is_no_prompt_is_refused(sent: dict[str, Any]) -> None:
    with pytest.raises(PromptError):
        prompt_from_wire(from_page({"label": "", **sent}), 3)


# Headers.


def test_a_volume_says_what_it_is() -> None:
    affine = np.diag([0.5, 1.0, 2.0, 1.0])
    image = Image(np.zeros((4, 5, 6), np.int16), affine, notes={"scale": "kept"})
    said = header(image, "case", np.zeros((4, 5, 6), np.uint16), STATISTICS, "stamp")
    assert (said.id, said.shape, said.channels) == ("case", (4, 5, 6), 1)
    assert (said.dtype, said.mask_dtype) == ("int16", "uint16")
    assert said.spacing == (0.5, 1.0, 2.0)
    assert said.affine == affine.tolist()
    assert said.flat is None
    assert [plane.name for plane in said.planes] == ["axial", "coronal", "sagittal"]
    assert sorted(plane.normal for plane in said.planes) == [0, 1, 2]
    assert said.notes == {"scale": "kept"}


def test_a_picture_in_colour_is_one_slice_with_three_channels() -> None:
    image = Image(np.zeros((4, 5, 3), np.uint8), np.eye(4), channels="rgb")
    said = header(image, "photo", np.zeros((4, 5), np.uint8), STATISTICS, "stamp")
    assert (said.shape, said.dtype, said.channels) == ((4, 5, 1), "uint8", 3)
    # The only plane worth showing is the one across the axis that the picture does not have.
    assert said.flat in {plane.name for plane in said.planes if plane.normal == 2}


def test_what_the_browser_cannot_hold_is_announced_as_it_is_sent() -> None:
    image = Image(np.zeros((2, 2, 2), np.float64), np.eye(4))
    assert header(image, "case", np.zeros((2, 2, 2), np.uint8), STATISTICS, "stamp").dtype == "float32"


def test_an_image_without_a_size_has_voxels_of_one_millimetre() -> None:
    image = Image(np.zeros((2, 2, 2), np.int16), np.diag([0.0, 1.0, 1.0, 1.0]))
    assert header(image, "case", np.zeros((2, 2, 2), np.uint8), STATISTICS, "stamp").spacing == (1.0, 1.0, 1.0)


def test_a_header_is_plain_values_for_any_image() -> None:
    image = Image(np.zeros((2, 3), np.uint8), np.eye(4))
    sent = msgspec.to_builtins(header(image, "p", np.zeros((2, 3), np.uint8), STATISTICS, "stamp"))
    assert msgspec.json.decode(msgspec.json.encode(sent))["maskDtype"] == "uint8"


def test_a_region_beside_the_one_slice_of_a_picture_is_refused() -> None:
    with pytest.raises(JlabelError, match="does not lie inside"):
        region_from_wire((0, 0, 5, 2, 2, 9), (3, 3))
