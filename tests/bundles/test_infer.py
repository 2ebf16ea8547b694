"""The infer task of a MONAI bundle: its mask is the one that MONAI itself writes, in the image's own grid."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import nibabel as nib
import numpy as np
import PIL.Image
import pytest
import torch
from monai.bundle import ConfigParser

import jlabel
from jlabel.bundles import BundleInferTask
from tests.bundles.small_bundles import INVERTED, SAVED, inference, loading, metadata, unet, volume, write_bundle

OBLIQUE = np.array([[-1.2, 0.1, 0.05, 5], [0.1, 1.4, 0.05, -3], [0.0, 0.05, 2.2, 7], [0, 0, 0, 1]])
BOTH = {"kidney": 1, "tumour": 2}


class Kept:
    """Keeps everything."""

    def __init__(self) -> None:
        self.kept: dict[str, object] = {}

    def get(self, key, build):
        if key not in self.kept:
            self.kept[key] = build()
        return self.kept[key]


def turned(codes: str, shape: tuple[int, ...]) -> np.ndarray:
    ends = nib.orientations.axcodes2ornt(tuple(codes))
    return np.diag([1.2, 1.4, 2.2, 1]) @ nib.orientations.inv_ornt_aff(ends, shape)


def monai_mask(bundle: Path, image: Path, out: Path) -> np.ndarray:
    """The mask that MONAI writes for an image, as it lies in the file."""
    parser = ConfigParser()
    parser.read_config([bundle / "configs" / "inference.json"])
    parser.update({"bundle_root": str(bundle), "output_dir": str(out), "datalist": [str(image)]})
    parser.parse()
    for id in ("initialize", "run"):
        parser.get_parsed_content(id)
    (written,) = out.iterdir()
    return np.asarray(PIL.Image.open(written) if written.suffix == ".png" else nib.load(written).dataobj)


def ask(task: BundleInferTask, image: Path, **more) -> jlabel.InferResult:
    more.setdefault("labels", BOTH)
    return task(jlabel.InferRequest(jlabel.read_image(image), image.name, **more))


@pytest.mark.parametrize("codes", ["RAS", "LPS", "PIR", "SAL", "oblique"])
@pytest.mark.parametrize("inverts", [True, False])
def test_the_mask_is_monais_own(tmp_path: Path, codes: str, inverts: bool) -> None:
    config = inference()
    if not inverts:
        config["preprocessing"]["transforms"] = loading({"_target_": "ScaleIntensityd", "keys": "@image_key"})
        config["postprocessing"]["transforms"] = [{"_target_": "AsDiscreted", "keys": "pred", "argmax": True}, SAVED]
    bundle = write_bundle(tmp_path / "kidneys", config)
    array = volume()
    affine = OBLIQUE if codes == "oblique" else turned(codes, array.shape)
    nib.save(nib.Nifti1Image(array, affine), tmp_path / "image.nii.gz")
    result = ask(BundleInferTask(bundle), tmp_path / "image.nii.gz")
    assert result.mask.shape == array.shape
    assert len(np.unique(result.mask)) > 1
    np.testing.assert_array_equal(result.mask, monai_mask(bundle, tmp_path / "image.nii.gz", tmp_path / "out"))


def test_the_second_answer_is_the_first_and_prepares_nothing(tmp_path: Path) -> None:
    nib.save(nib.Nifti1Image(volume(), OBLIQUE), tmp_path / "image.nii.gz")
    task, kept = BundleInferTask(write_bundle(tmp_path / "kidneys")), Kept()
    first = ask(task, tmp_path / "image.nii.gz", prepared=kept)
    prepared = dict(kept.kept)
    second = ask(task, tmp_path / "image.nii.gz", prepared=kept)
    np.testing.assert_array_equal(first.mask, second.mask)
    assert prepared
    assert all(kept.kept[key] is value for key, value in prepared.items())


def test_a_picture_is_turned_as_monai_turns_it_and_its_mask_turned_back(tmp_path: Path) -> None:
    """MONAI's reader of pictures has columns as the first axis."""
    config = inference(
        network_def=unet(axes=2, channels=3),
        preprocessing={"_target_": "Compose", "transforms": loading(
            {"_target_": "Resized", "keys": "@image_key", "spatial_size": [24, 16]},
            {"_target_": "ScaleIntensityd", "keys": "@image_key"},
        )},
        inferer={"_target_": "SimpleInferer"},
    )  # fmt: skip
    config["postprocessing"]["transforms"][-1] = {**SAVED, "output_ext": ".png", "resample": False}
    about = metadata(num_channels=3, spatial_shape=[24, 16], channel_def={"0": "R", "1": "G", "2": "B"})
    bundle = write_bundle(tmp_path / "tools", config, about, seed=3)
    pixels = np.random.default_rng(0).integers(0, 255, (20, 31, 3)).astype(np.uint8)
    PIL.Image.fromarray(pixels).save(tmp_path / "frame.png")
    result = ask(BundleInferTask(bundle), tmp_path / "frame.png", probabilities=True)
    assert result.mask.shape == (20, 31)
    np.testing.assert_array_equal(result.mask, monai_mask(bundle, tmp_path / "frame.png", tmp_path / "out"))
    assert result.probabilities is not None
    assert result.probabilities.shape == (2, 20, 31)


def test_a_grey_picture_has_three_equal_channels_where_colours_are_wanted(tmp_path: Path) -> None:
    config = inference(network_def=unet(axes=2, channels=3), inferer={"_target_": "SimpleInferer"},
                       preprocessing={"_target_": "Compose", "transforms": loading()})  # fmt: skip
    bundle = write_bundle(tmp_path / "tools", config, metadata(num_channels=3, spatial_shape=[16, 16]))
    PIL.Image.fromarray(np.arange(320).reshape(16, 20).astype(np.uint8)).save(tmp_path / "grey.png")
    assert ask(BundleInferTask(bundle), tmp_path / "grey.png").mask.shape == (16, 20)


def test_an_image_of_any_size_goes_through_a_network_that_halves_it(tmp_path: Path) -> None:
    config = inference(inferer={"_target_": "SimpleInferer"}, postprocessing=None,
                       preprocessing={"_target_": "Compose", "transforms": loading()})  # fmt: skip
    bundle = write_bundle(tmp_path / "template", config)
    nib.save(nib.Nifti1Image(volume((17, 15, 11)), np.eye(4)), tmp_path / "image.nii.gz")
    assert ask(BundleInferTask(bundle), tmp_path / "image.nii.gz").mask.shape == (17, 15, 11)


def test_the_frames_of_a_4d_image_are_the_channels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pre = {"_target_": "Compose", "transforms": [
        {"_target_": "LoadImaged", "keys": "image"},
        {"_target_": "NormalizeIntensityd", "keys": "image", "nonzero": True, "channel_wise": True},
    ]}  # fmt: skip
    config = inference(network_def=unet(channels=2), preprocessing=pre)
    bundle = write_bundle(tmp_path / "two", config, metadata(num_channels=2, channel_def={"0": "T1", "1": "T2"}))
    frames = np.stack([volume(seed=0), volume(seed=1)], axis=-1)
    nib.save(nib.Nifti1Image(frames, OBLIQUE), tmp_path / "case.nii.gz")
    for number in range(2):
        nib.save(nib.Nifti1Image(frames[..., number], OBLIQUE), tmp_path / f"case_000{number}.nii.gz")
    together = ask(BundleInferTask(bundle), tmp_path / "case.nii.gz")
    ends = ["_0000.nii.gz", "_0001.nii.gz"]
    apart = ask(BundleInferTask(bundle, channels=ends), tmp_path / "case_0001.nii.gz")
    assert together.mask.any()
    reading = BundleInferTask(bundle)
    image, seen = jlabel.read_image(tmp_path / "case.nii.gz"), list[object]()
    monkeypatch.setattr(
        "jlabel.bundles.channels.read_image", lambda *a, **k: seen.append(a) or jlabel.read_image(*a, **k)
    )
    for _ in range(3):
        reading(jlabel.InferRequest(image, "case", labels=BOTH))
    assert len(seen) == 1
    np.testing.assert_array_equal(together.mask, apart.mask)


def test_classes_are_never_interpolated(tmp_path: Path) -> None:
    """A bundle that inverts after it has chosen classes: what lies between class 0 and 2 is not 1."""
    config = inference()
    discrete = {"_target_": "AsDiscreted", "keys": "pred", "argmax": True}
    config["postprocessing"]["transforms"] = [discrete, INVERTED]
    bundle = write_bundle(tmp_path / "prostate", config)
    nib.save(nib.Nifti1Image(volume(), OBLIQUE), tmp_path / "image.nii.gz")
    assert set(np.unique(ask(BundleInferTask(bundle), tmp_path / "image.nii.gz").mask)) <= {0, 1, 2}


class TestLabels:
    """Names come from the metadata, and go to the app's labels."""

    def test_they_have_the_apps_values_in_any_spelling(self, tmp_path: Path) -> None:
        nib.save(nib.Nifti1Image(volume(), OBLIQUE), tmp_path / "image.nii.gz")
        about = metadata({"0": "background", "1": "left_kidney", "2": "Tumour"})
        task = BundleInferTask(write_bundle(tmp_path / "kidneys", about=about))
        own = ask(task, tmp_path / "image.nii.gz", labels={})
        assert own.labels == {"left_kidney": 1, "Tumour": 2}
        result = ask(task, tmp_path / "image.nii.gz", labels={"liver": 1, "Left Kidney": 7, "tumour": 300})
        assert result.labels == {"Left Kidney": 7, "tumour": 300}
        np.testing.assert_array_equal(result.mask == 7, own.mask == 1)
        np.testing.assert_array_equal(result.mask == 300, own.mask == 2)
        assert not (result.mask == 1).any()

    def test_what_the_app_does_not_have_is_background(self, tmp_path: Path) -> None:
        nib.save(nib.Nifti1Image(volume(), OBLIQUE), tmp_path / "image.nii.gz")
        task = BundleInferTask(write_bundle(tmp_path / "kidneys"))
        result = ask(task, tmp_path / "image.nii.gz", labels={"tumour": 1})
        assert result.labels == {"tumour": 1}
        assert set(np.unique(result.mask)) <= {0, 1}

    def test_where_the_app_has_none_of_them_all_are_told_by_values_that_are_free(self, tmp_path: Path) -> None:
        nib.save(nib.Nifti1Image(volume(), OBLIQUE), tmp_path / "image.nii.gz")
        task = BundleInferTask(write_bundle(tmp_path / "kidneys"))
        assert ask(task, tmp_path / "image.nii.gz", labels={"liver": 1}).labels == {"kidney": 2, "tumour": 3}

    def test_they_can_be_given(self, tmp_path: Path) -> None:
        task = BundleInferTask(write_bundle(tmp_path / "kidneys", about={}), labels={"cyst": 2, "stone": 1})
        assert task.labels == {"cyst": 2, "stone": 1}

    def test_without_names_the_bundle_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(jlabel.TaskError, match=r"bundle 'kidneys' does not say what it finds.*labels="):
            BundleInferTask(write_bundle(tmp_path / "kidneys", about={}))

    def test_values_that_nobody_named_are_told(self, tmp_path: Path) -> None:
        nib.save(nib.Nifti1Image(volume(), OBLIQUE), tmp_path / "image.nii.gz")
        about = metadata({"0": "background", "1": "kidney"})
        task = BundleInferTask(write_bundle(tmp_path / "kidneys", about=about), labels={"kidney": 1, "gut": 9})
        config = inference()
        config["postprocessing"]["transforms"].insert(
            3, {"_target_": "Lambdad", "keys": "pred", "func": "$lambda x: x + 12"}
        )
        odd = BundleInferTask(write_bundle(tmp_path / "odd", config), labels={"kidney": 1, "gut": 9})
        assert task.labels == odd.labels
        with pytest.raises(jlabel.TaskError, match=r"'odd' gives values that no label has \(13, 14; 'kidney' is 1"):
            ask(odd, tmp_path / "image.nii.gz")


class TestTrust:
    """A bundle runs code: only where it was named, and its weights never."""

    def test_nothing_runs_when_the_task_is_made(self, tmp_path: Path) -> None:
        mark = tmp_path / "ran"
        config = inference(network=f"$open({str(mark)!r}, 'w') and @network_def")
        config["imports"].append(f"$open({str(mark)!r}, 'w')")
        task = BundleInferTask(
            write_bundle(tmp_path / "kidneys", config, scripts={"__init__.py": f"open({str(mark)!r}, 'w')"})
        )
        task.info()
        pickle.loads(pickle.dumps(task))
        assert not mark.exists()

    def test_one_that_lies_with_the_studies_is_never_loaded(self, tmp_path: Path) -> None:
        mark = tmp_path / "ran"
        config = inference(network=f"$__import__('os').system('touch {mark}') or @network_def")
        write_bundle(tmp_path / "studies" / "kidneys", config)
        nib.save(nib.Nifti1Image(volume(), OBLIQUE), tmp_path / "studies" / "image.nii.gz")
        app = jlabel.RadiologyApp(tmp_path / "studies", ["kidney"])
        manager = jlabel.AppManager(app, device="cpu")
        manager.infer("click", "image", [jlabel.Click((6, 5, 4))], label="kidney")
        manager.close()
        assert "kidneys" not in app.infers
        assert not mark.exists()

    def test_weights_that_would_run_code_are_refused(self, tmp_path: Path) -> None:
        mark = tmp_path / "ran"

        class Evil:
            def __reduce__(self):
                return open, (str(mark), "w")

        bundle = write_bundle(tmp_path / "kidneys")
        (bundle / "models" / "model.pt").write_bytes(pickle.dumps({"model": Evil()}))
        nib.save(nib.Nifti1Image(volume(), OBLIQUE), tmp_path / "image.nii.gz")
        with pytest.raises(jlabel.TaskError, match=r"model\.pt: not a file of tensors"):
            ask(BundleInferTask(bundle), tmp_path / "image.nii.gz")
        assert not mark.exists()

    def test_also_those_that_the_configuration_loads(self, tmp_path: Path) -> None:
        mark = tmp_path / "ran"

        class Evil:
            def __reduce__(self):
                return open, (str(mark), "w")

        config = inference(search="$torch.load(@bundle_root + '/models/search.pt', weights_only=False)",
                           network="$@network_def if @search else None")  # fmt: skip
        bundle = write_bundle(tmp_path / "kidneys", config)
        torch.save({"arch": Evil()}, bundle / "models" / "search.pt")
        nib.save(nib.Nifti1Image(volume(), OBLIQUE), tmp_path / "image.nii.gz")
        with pytest.raises(jlabel.TaskError, match=r"'kidneys', inference\.json, 'evaluator::network'"):
            ask(BundleInferTask(bundle), tmp_path / "image.nii.gz")
        assert not mark.exists()


class TestFaults:
    """One error that names the bundle, the file and the part."""

    @pytest.mark.parametrize(
        ("parts", "said"),
        [
            ({"network_def": {"_target_": "NoSuchNet"}}, r"inference\.json, 'evaluator::network'.*NoSuchNet"),
            ({"network": "@nowhere"}, r"'evaluator::network'.*nowhere"),
            ({"network_def": "@network"}, r"circular references"),
            ({"network_def": {"_target_": "scripts.nets.Missing"}}, r"'evaluator::network'.*scripts\.nets"),
            (
                {"imports": ["$import surely_not_installed"], "network": "$surely_not_installed.net()"},
                r"needs the package 'surely_not_installed'.*pip install",
            ),
            ({"network": "$open('/nowhere/search.pt')"}, r"needs the file /nowhere/search\.pt"),
            ({"network": "$@network_def.to('cuda')"}, r"'evaluator::network'.*(CUDA|NVIDIA|cuda)"),
            ({"network_def": 5, "network": "@network_def"}, r"needs a network.*it is a int"),
            ({"inferer": {"_target_": "SlidingWindowInferer", "roi_sise": 3}}, r"'evaluator::inferer'.*roi_sise"),
        ],
    )
    @pytest.mark.skipif(torch.cuda.is_available(), reason="a fixed 'cuda' is right where there is one")
    def test_in_a_configuration(self, tmp_path: Path, parts: dict, said: str) -> None:
        write_bundle(tmp_path / "whole")
        bundle = write_bundle(tmp_path / "a bündle", inference(**parts), weights=False)
        nib.save(nib.Nifti1Image(volume(), OBLIQUE), tmp_path / "image.nii.gz")
        with pytest.raises(jlabel.TaskError, match=said) as caught:
            ask(BundleInferTask(bundle, random_weights=True), tmp_path / "image.nii.gz")
        assert "bundle 'a bündle'" in str(caught.value)

    def test_no_weights(self, tmp_path: Path) -> None:
        task = BundleInferTask(write_bundle(tmp_path / "kidneys", weights=False))
        nib.save(nib.Nifti1Image(volume(), OBLIQUE), tmp_path / "image.nii.gz")
        assert not task.is_valid()
        with pytest.raises(jlabel.TaskError, match=r"'kidneys' has no weights.*jlabel bundles download kidneys"):
            ask(task, tmp_path / "image.nii.gz")

    def test_weights_of_another_network(self, tmp_path: Path) -> None:
        bundle = write_bundle(tmp_path / "kidneys")
        torch.save({"other": torch.zeros(3)}, bundle / "models" / "model.pt")
        nib.save(nib.Nifti1Image(volume(), OBLIQUE), tmp_path / "image.nii.gz")
        with pytest.raises(jlabel.TaskError, match=r"bundle 'kidneys'.*weights are of another network than UNet"):
            ask(BundleInferTask(bundle), tmp_path / "image.nii.gz")

    def test_a_script_that_raises(self, tmp_path: Path) -> None:
        config = inference(network_def={"_target_": "scripts.nets.Own"})
        bundle = write_bundle(
            tmp_path / "kidneys", config, scripts={"nets.py": "raise ValueError('no good')"}, weights=False
        )
        nib.save(nib.Nifti1Image(volume(), OBLIQUE), tmp_path / "image.nii.gz")
        with pytest.raises(jlabel.TaskError, match=r"bundle 'kidneys', inference\.json.*no good"):
            ask(BundleInferTask(bundle, random_weights=True), tmp_path / "image.nii.gz")

    def test_a_volume_for_a_bundle_of_pictures(self, tmp_path: Path) -> None:
        bundle = write_bundle(
            tmp_path / "tools", inference(network_def=unet(2, 3)), metadata(num_channels=3, spatial_shape=[8, 8])
        )
        nib.save(nib.Nifti1Image(volume(), OBLIQUE), tmp_path / "image.nii.gz")
        with pytest.raises(jlabel.TaskError, match=r"'tools' is for pictures"):
            ask(BundleInferTask(bundle), tmp_path / "image.nii.gz")

    def test_an_image_without_all_channels(self, tmp_path: Path) -> None:
        about = metadata(num_channels=2, channel_def={"0": "T1", "1": "T2"})
        bundle = write_bundle(tmp_path / "two", inference(network_def=unet(channels=2)), about)
        nib.save(nib.Nifti1Image(volume(), OBLIQUE), tmp_path / "image.nii.gz")
        with pytest.raises(jlabel.TaskError, match=r"needs 2 values a voxel \(T1, T2\), and the image has 1: use a 4D"):
            ask(BundleInferTask(bundle), tmp_path / "image.nii.gz")
        nib.save(nib.Nifti1Image(volume(), OBLIQUE), tmp_path / "x_t1.nii.gz")
        with pytest.raises(jlabel.TaskError, match=r"beside x_t1\.nii\.gz there is no x_t2\.nii\.gz"):
            ask(BundleInferTask(bundle, channels=["_t1.nii.gz", "_t2.nii.gz"]), tmp_path / "x_t1.nii.gz")


def test_a_fixed_gpu_in_a_transform_becomes_the_device(tmp_path: Path) -> None:
    config = inference()
    config["preprocessing"]["transforms"][-1]["device"] = "cuda:0"
    task = BundleInferTask(write_bundle(tmp_path / "kidneys", config))
    nib.save(nib.Nifti1Image(volume(), OBLIQUE), tmp_path / "image.nii.gz")
    assert ask(task, tmp_path / "image.nii.gz").mask.any()


def test_overrides_and_several_files(tmp_path: Path) -> None:
    bundle = write_bundle(tmp_path / "kidneys")
    (bundle / "configs" / "fast.json").write_text(json.dumps({"inferer::overlap": 0.0}))
    task = BundleInferTask(bundle, config=["inference", "fast"], overrides={"inferer#roi_size": [8, 8, 8]})
    inferer = task.parts("cpu").inferer
    assert (inferer.overlap, inferer.roi_size) == (0.0, [8, 8, 8])


def test_a_window_and_the_cpu_by_name(tmp_path: Path) -> None:
    bundle = write_bundle(tmp_path / "kidneys")
    task = BundleInferTask(bundle, roi_size=(8, 16, 8), device="cpu")
    assert task.parts("cpu").inferer.roi_size == [8, 16, 8]
    assert task.cpu_only
    assert not BundleInferTask(bundle).cpu_only
    with pytest.raises(jlabel.TaskError, match="device is 'cpu' or 'auto', not 'gpu'"):
        BundleInferTask(bundle, device="gpu")


def test_it_travels_to_a_job(tmp_path: Path) -> None:
    nib.save(nib.Nifti1Image(volume(), OBLIQUE), tmp_path / "image.nii.gz")
    task = BundleInferTask(write_bundle(tmp_path / "kidneys"))
    first = ask(task, tmp_path / "image.nii.gz")
    again = ask(pickle.loads(pickle.dumps(task)), tmp_path / "image.nii.gz")
    np.testing.assert_array_equal(first.mask, again.mask)
