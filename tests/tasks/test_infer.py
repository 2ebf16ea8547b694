from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from monai.inferers import SimpleInferer
from monai.transforms import (
    Activationsd,
    AsDiscreted,
    EnsureChannelFirstd,
    Invertd,
    Lambdad,
    LoadImaged,
    Orientationd,
    RandGaussianNoised,
    Spacingd,
    ToNumpyd,
)

from jlabel.errors import TaskError
from jlabel.imaging import Image
from jlabel.tasks import InferRequest, InferTask


class Above(torch.nn.Module):
    """A network whose logit is positive where the input is above 0.5."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return (x - 0.5) * 20


class Threshold(InferTask):
    """An author's task, as MONAI Label's documentation would write it."""

    def pre_transforms(self, data):
        return [LoadImaged(keys="image"), ToNumpyd(keys="image")]

    def inferer(self, data):
        return SimpleInferer()

    def post_transforms(self, data):
        return [Activationsd(keys="pred", sigmoid=True), AsDiscreted(keys="pred", threshold=0.5)]


class Cached:
    """Keeps everything, and counts what was built."""

    def __init__(self) -> None:
        self.kept: dict[str, object] = {}

    def get(self, key, build):
        if key not in self.kept:
            self.kept[key] = build()
        return self.kept[key]


def bright_box(shape=(12, 10, 8), affine=None) -> Image:
    array = np.zeros(shape, np.float32)
    array[3:6, 2:8, 1:4] = 1
    return Image(array, np.eye(4) if affine is None else affine, path=Path("case.nii.gz"))


def request(image: Image, **more) -> InferRequest:
    return InferRequest(image=image, image_id="case", **more)


def test_an_authors_task_runs_as_written():
    image = bright_box()
    result = Threshold(network=Above(), labels=["box"])(request(image))
    np.testing.assert_array_equal(result.mask, image.array > 0.5)
    assert result.mask.dtype == np.uint8
    assert set(result.latencies) == {"pre", "inferer", "post", "total"}


def test_the_apps_value_of_a_label_is_used_by_name():
    result = Threshold(network=Above(), labels=["box"])(request(bright_box(), labels={"other": 1, "box": 300}))
    assert set(np.unique(result.mask)) == {0, 300}
    assert result.labels == {"box": 300}


def test_pictures_go_through_a_network_of_two_dimensions():
    image = Image(bright_box().array[:, :, 2].copy(), np.eye(4))
    result = Threshold(network=Above(), labels=["box"], dimension=2)(request(image))
    np.testing.assert_array_equal(result.mask, image.array > 0.5)


@pytest.mark.parametrize("codes", ["RAS", "LPS", "PIR", "SAL"])
@pytest.mark.parametrize("drops_history", [False, True])
def test_a_turned_and_resampled_image_comes_back_to_its_own_grid(codes, drops_history):
    import nibabel as nib

    turn = nib.orientations.inv_ornt_aff(nib.orientations.axcodes2ornt(tuple(codes)), (12, 10, 8))
    image = bright_box(affine=turn)

    class Turned(Threshold):
        def pre_transforms(self, data):
            steps = [
                LoadImaged(keys="image"),
                EnsureChannelFirstd(keys="image"),
                Orientationd(keys="image", axcodes="RAS", labels=None),
                Spacingd(keys="image", pixdim=(0.5, 0.5, 0.5), mode="nearest"),
            ]
            return [*steps, ToNumpyd(keys="image")] if drops_history else steps

    result = Turned(network=Above(), labels=["box"])(request(image))
    np.testing.assert_array_equal(result.mask, image.array > 0.5)


def test_an_author_may_invert_by_hand():
    class ByHand(Threshold):
        def pre_transforms(self, data):
            self.steps = [
                LoadImaged(keys="image"),
                EnsureChannelFirstd(keys="image"),
                Orientationd(keys="image", axcodes="LPS", labels=None),
            ]
            return self.steps

        def post_transforms(self, data):
            from monai.transforms import Compose

            invert = Invertd(keys="pred", transform=Compose(self.steps), orig_keys="image", nearest_interp=True)
            return [*super().post_transforms(data), invert]

    image = bright_box()
    result = ByHand(network=Above(), labels=["box"])(request(image))
    np.testing.assert_array_equal(result.mask, image.array > 0.5)


def test_probabilities_can_be_inverted_before_the_post_transforms():
    class First(Threshold):
        def pre_transforms(self, data):
            return [
                LoadImaged(keys="image"),
                EnsureChannelFirstd(keys="image"),
                Orientationd(keys="image", axcodes="LPS", labels=None),
            ]

        def inverse_transforms(self, data):
            return []

    image = bright_box()
    np.testing.assert_array_equal(First(network=Above(), labels=["box"])(request(image)).mask, image.array > 0.5)


def test_what_depends_on_the_image_alone_is_done_once():
    calls = []

    class Counting(Threshold):
        def pre_transforms(self, data):
            return [
                LoadImaged(keys="image"),
                Lambdad(keys="image", func=lambda x: calls.append("image") or x),
                Lambdad(keys="prompts", func=lambda x: calls.append("prompts") or x),
            ]

    task, prepared, image = Counting(network=Above(), labels=["box"]), Cached(), bright_box()
    for _ in range(3):
        task(request(image, prepared=prepared))
    assert calls.count("image") == 1
    assert calls.count("prompts") == 3


def test_what_was_kept_comes_back_by_transforms_made_anew():
    made = []

    class Finer(Threshold):
        def pre_transforms(self, data):
            made.append(
                [
                    LoadImaged(keys="image"),
                    EnsureChannelFirstd(keys="image"),
                    Orientationd(keys="image", axcodes="LPS", labels=None),
                    Spacingd(keys="image", pixdim=(0.5, 0.5, 0.5), mode="nearest"),
                ]
            )
            return made[-1]

    task, prepared, image = Finer(network=Above(), labels=["box"]), Cached(), bright_box()
    for _ in range(3):
        result = task(request(image, prepared=prepared))
        np.testing.assert_array_equal(result.mask, image.array > 0.5)


def test_an_author_may_invert_by_hand_what_was_kept():
    made = []

    class ByHand(Threshold):
        def pre_transforms(self, data):
            made.append([LoadImaged("image"), EnsureChannelFirstd("image"), Spacingd("image", pixdim=(0.5, 0.5, 0.5))])
            return made[-1]

        def post_transforms(self, data):
            from monai.transforms import Compose

            invert = Invertd(keys="pred", transform=Compose(made[-1]), orig_keys="image", nearest_interp=False)
            return [invert, *super().post_transforms(data)]

    task, prepared, image = ByHand(network=Above(), labels=["box"]), Cached(), bright_box()
    for _ in range(2):
        result = task(request(image, prepared=prepared))
        np.testing.assert_array_equal(result.mask, image.array > 0.5)


def test_what_an_author_inverts_first_is_interpolated():
    class Fractions(torch.nn.Module):
        def forward(self, x):
            return x

    class ByHand(Threshold):
        def pre_transforms(self, data):
            self.steps = [LoadImaged("image"), EnsureChannelFirstd("image"), Spacingd("image", pixdim=(2.0, 2.0, 2.0))]
            return self.steps

        def post_transforms(self, data):
            from monai.transforms import Compose

            invert = Invertd(keys="pred", transform=Compose(self.steps), orig_keys="image", nearest_interp=False)
            return [invert, Lambdad(keys="pred", func=found), AsDiscreted(keys="pred", threshold=0.5)]

    seen = []

    def found(pred):
        seen.append(np.asarray(pred))
        return pred

    image = bright_box()
    result = ByHand(network=Fractions(), labels=["box"])(request(image))
    assert seen[0].shape == (1, *image.shape)
    assert len(np.unique(seen[0])) > 2
    np.testing.assert_array_equal(result.mask, seen[0][0] >= 0.5)


def test_random_transforms_are_not_kept():
    class Noisy(Threshold):
        def pre_transforms(self, data):
            return [LoadImaged(keys="image"), RandGaussianNoised(keys="image", prob=1.0, std=1.0)]

        def post_transforms(self, data):
            return [AsDiscreted(keys="pred", threshold=0.0)]

    task, prepared, image = Noisy(network=Above(), labels=["box"]), Cached(), bright_box()
    first, second = (task(request(image, prepared=prepared)).mask for _ in range(2))
    assert not np.array_equal(first, second)


def test_one_channel_per_class():
    class Two(torch.nn.Module):
        def forward(self, x):
            return torch.cat([1 - x, x, torch.zeros_like(x)], dim=1)

    class Multi(Threshold):
        def post_transforms(self, data):
            return [AsDiscreted(keys="pred", argmax=True)]

    image = bright_box()
    result = Multi(network=Two(), labels=["box", "other"])(request(image))
    np.testing.assert_array_equal(result.mask, image.array > 0.5)


def test_a_task_without_network_runs_transforms():
    class Plain(Threshold):
        def inferer(self, data):
            return [Lambdad(keys="image", func=lambda x: x), lambda d: {**d, "pred": d["image"]}]

        def post_transforms(self, data):
            return [AsDiscreted(keys="pred", threshold=0.5)]

    image = bright_box()
    np.testing.assert_array_equal(Plain(labels=["box"])(request(image)).mask, image.array > 0.5)


def test_a_failing_transform_is_named():
    class Failing(Threshold):
        def post_transforms(self, data):
            return [Lambdad(keys="pred", func=lambda x: 1 / 0)]

    with pytest.raises(TaskError, match=r"post transform Lambdad failed: .*ZeroDivisionError"):
        Failing(network=Above(), labels=["box"])(request(bright_box()))


def test_a_failing_network_is_named():
    with pytest.raises(TaskError, match="the network Conv3d failed on input"):
        Threshold(network=torch.nn.Conv3d(4, 1, 1), labels=["box"])(request(bright_box()))


def test_fractions_are_no_mask():
    class Soft(Threshold):
        def post_transforms(self, data):
            return [Activationsd(keys="pred", sigmoid=True)]

    with pytest.raises(TaskError, match="fractions"):
        Soft(network=Above(), labels=["box"])(request(bright_box()))


def test_a_mask_of_another_shape_is_refused():
    class Cut(Threshold):
        def pre_transforms(self, data):
            return [LoadImaged(keys="image"), lambda d: {**d, "image": np.asarray(d["image"])[:4]}]

    with pytest.raises(TaskError, match="shape"):
        Cut(network=Above(), labels=["box"])(request(bright_box()))


def test_weights_are_read_again_only_when_the_file_changed(tmp_path):
    class Scale(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.gain = torch.nn.Parameter(torch.tensor(1.0))

        def forward(self, x):
            return (x - 0.5) * self.gain

    path, image = tmp_path / "model.pt", bright_box()
    torch.save({"model": {"gain": torch.tensor(20.0)}}, path)
    task = Threshold(path=path, network=Scale(), labels=["box"])
    np.testing.assert_array_equal(task(request(image)).mask, image.array > 0.5)
    torch.save({"gain": torch.tensor(-20.0)}, path)
    np.testing.assert_array_equal(task(request(image)).mask, image.array < 0.5)


def test_missing_weights(tmp_path):
    task = Threshold(path=tmp_path / "none.pt", network=Above(), labels=["box"])
    assert not task.is_valid()
    with pytest.raises(TaskError, match=r"none\.pt"):
        task(request(bright_box()))
