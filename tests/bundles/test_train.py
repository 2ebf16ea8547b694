"""The train task of a bundle: its own training, on a datastore's labels, as a job."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
import torch
from monai.bundle import ConfigParser

import jlabel
from jlabel.bundles import BundleTrainTask
from tests.bundles.small_bundles import metadata, training, volume, write_bundle

VALUES = {"tumour": 3, "Kidney": 7}


def write_training(folder: Path, config: dict | None = None, **more: object) -> Path:
    """A bundle with a configuration of a training."""
    bundle = write_bundle(folder, **more)
    (bundle / "configs" / "train.json").write_text(json.dumps(training() if config is None else config))
    return bundle


def label(number: int = 0, shape: tuple[int, ...] = (18, 15, 11)) -> np.ndarray:
    found = np.zeros(shape, np.uint8)
    found[4:12, 3:9, 2:7] = VALUES["Kidney"]
    found[8 + number % 3 : 11, 5:8, 3:6] = VALUES["tumour"]
    return found


@pytest.fixture
def studies(tmp_path: Path, own_locks: Path) -> jlabel.LocalDatastore:
    """Four labelled volumes."""
    folder = tmp_path / "studies"
    folder.mkdir()
    for number in range(4):
        nib.save(nib.Nifti1Image(volume(seed=number), np.diag([1, 1, 1.5, 1])), folder / f"case_{number}.nii.gz")
    datastore = jlabel.LocalDatastore(folder)
    for number in range(4):
        datastore.save_label(f"case_{number}", label(number))
    return datastore


class Run:
    """A run that remembers what it is told."""

    device, devices, rank, threads = "cpu", ["cpu"], 0, 1

    def __init__(self, folder: Path, cancel_at: int | None = None) -> None:
        self.folder, self.checkpoints = folder, folder / "checkpoints"
        self.checkpoints.mkdir(parents=True, exist_ok=True)
        self.notes: list[str] = []
        self.rows: dict[int, dict] = {}
        self.fractions: list[float] = []
        self._cancel_at = cancel_at

    @property
    def cancelled(self) -> bool:
        return self._cancel_at is not None and len(self.rows) >= self._cancel_at

    def check_cancelled(self) -> None:
        if self.cancelled:
            raise jlabel.Cancelled("the job was cancelled")

    def progress(self, fraction: float, left: float | None = None) -> None:
        self.fractions.append(fraction)

    def metrics(self, epoch: int, **values: float | None) -> None:
        self.rows[epoch] = values

    def note(self, text: str) -> None:
        self.notes.append(text)


def train(task: BundleTrainTask, datastore: jlabel.LocalDatastore, run: Run, **options: object) -> dict:
    return task({"name": "kidneys", "labels": VALUES, "run": run, "max_epochs": 2, **options}, datastore)


def digest(folder: Path) -> dict[str, str]:
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*")) if file.is_file()
    }  # fmt: skip


def test_a_version_comes_of_it_and_the_bundle_stays_as_it_is(studies, tmp_path: Path) -> None:
    bundle = write_training(tmp_path / "kidneys")
    before = digest(bundle)
    run = Run(tmp_path / "run")
    result = train(BundleTrainTask(bundle), studies, run, pretrained=False, max_epochs=3)
    assert digest(bundle) == before
    assert (result["epochs"], result["train_images"], result["val_images"]) == (3, 3, 1)
    assert result["metric"] == "val_mean_dice"
    assert result["version"] == 1
    assert set(run.rows) == {1, 2, 3}
    assert set(run.rows[1]) >= {"loss", "val_mean_dice", "seconds"}
    assert run.fractions[-1] == 1.0
    app = jlabel.LabelApp(studies, VALUES, bundles=[bundle])
    version = app.infers["kidneys"].published.store.versions("kidneys")[0]
    assert version.labels == {"Kidney": 1, "tumour": 2}
    assert version.score == pytest.approx(result["best_metric"])
    assert version.network == {"bundle": "kidneys", "version": "0.1.0"}


def test_its_loss_is_that_of_monai_alone(studies, tmp_path: Path) -> None:
    """The same seed, images and steps: the same curve."""
    bundle = write_training(tmp_path / "kidneys")
    run = Run(tmp_path / "run")
    task = BundleTrainTask(bundle)
    train(task, studies, run, pretrained=False, max_epochs=4)

    # The same images, labels as classes, for MONAI's own readers.
    order = [one for one in map("case_{}".format, range(4)) if studies.get_image_info(one)["split"] == "training"]
    judged = [one for one in map("case_{}".format, range(4)) if one not in order]
    pairs = []
    for name in (*order, *judged):
        image = nib.load(studies.get_image_uri(name))
        classes = np.select([label(int(name[-1])) == 7, label(int(name[-1])) == 3], [1, 2], 0).astype(np.uint8)
        nib.save(nib.Nifti1Image(classes, image.affine), tmp_path / f"{name}_classes.nii.gz")
        pairs.append({"image": studies.get_image_uri(name), "label": str(tmp_path / f"{name}_classes.nii.gz")})
    parser = ConfigParser()
    parser.read_config([bundle / "configs" / "train.json"])
    parser["bundle_root"], parser["epochs"] = str(tmp_path / "alone"), 4
    parser["train::dataset::data"], parser["validate::dataset::data"] = pairs[: len(order)], pairs[len(order) :]
    parser.parse()
    parser.get_parsed_content("initialize")
    trainer, losses = parser.get_parsed_content("train::trainer"), []
    from ignite.engine import Events

    trainer.add_event_handler(Events.ITERATION_COMPLETED, lambda engine: losses.append(engine.state.output[0]["loss"]))
    parser.get_parsed_content("run")
    alone = np.array(losses).reshape(4, -1).mean(axis=1)
    np.testing.assert_allclose([run.rows[epoch]["loss"] for epoch in range(1, 5)], alone, rtol=1e-5)


def test_it_goes_on_where_it_was_cancelled(studies, tmp_path: Path) -> None:
    task = BundleTrainTask(write_training(tmp_path / "kidneys"))
    first = Run(tmp_path / "run", cancel_at=2)
    with pytest.raises(jlabel.Cancelled):
        train(task, studies, first, max_epochs=4, checkpoint_seconds=0.0)
    again = Run(tmp_path / "run")
    result = train(task, studies, again, max_epochs=4)
    assert set(again.rows) == {3, 4}
    assert "going on after epoch 2" in again.notes
    assert result["epochs"] == 4


def test_it_begins_with_the_bundles_own_weights_and_is_only_used_where_it_is_better(studies, tmp_path: Path) -> None:
    bundle = write_training(tmp_path / "kidneys")
    # Good weights: a network that was trained for long, and a training that spoils it.
    good = Run(tmp_path / "good")
    task = BundleTrainTask(bundle)
    train(task, studies, good, pretrained=False, max_epochs=60)
    store = jlabel.LabelApp(studies, VALUES, bundles=[bundle]).infers["kidneys"].published.store
    from safetensors.torch import load_file

    torch.save(load_file(store.versions("kidneys")[0].file), bundle / "models" / "model.pt")
    spoiled = BundleTrainTask(bundle, overrides={"optimizer::lr": 5.0})
    other = jlabel.LocalDatastore(_copied(studies, tmp_path / "other"))
    run = Run(tmp_path / "spoiled")
    result = train(spoiled, other, run, max_epochs=1)
    assert "begins with the bundle's own weights" in run.notes
    assert not result["in_use"]
    assert "of the bundle's own weights" in result["note"]


def _copied(datastore: jlabel.LocalDatastore, folder: Path) -> Path:
    folder.mkdir()
    for number in range(4):
        (folder / f"case_{number}.nii.gz").write_bytes(Path(datastore.get_image_uri(f"case_{number}")).read_bytes())
    made = jlabel.LocalDatastore(folder)
    for number in range(4):
        made.save_label(f"case_{number}", label(number))
    return folder


def test_options_go_where_the_configuration_has_them(studies, tmp_path: Path) -> None:
    bundle = write_training(tmp_path / "kidneys")
    run = Run(tmp_path / "run")
    result = train(
        BundleTrainTask(bundle), studies, run, max_epochs=1, train_batch_size=1, learning_rate=0.5, val_interval=1
    )
    assert result["epochs"] == 1


def test_labels_that_it_does_not_know_are_background_and_named(studies, tmp_path: Path) -> None:
    about = metadata({"0": "background", "1": "kidney"})
    run = Run(tmp_path / "run")
    task = BundleTrainTask(write_training(tmp_path / "kidneys", about=about))
    train(task, studies, run, max_epochs=1)
    assert any("does not know tumour: background in this training" in note for note in run.notes)
    with pytest.raises(jlabel.TaskError, match="finds kidney, and the app has none of these labels, only liver"):
        task({"name": "kidneys", "labels": {"liver": 1}, "run": run}, studies)


def test_images_that_its_transforms_cannot_take_are_named_and_the_rest_goes_on(studies, tmp_path: Path) -> None:
    folder = Path(studies.get_image_uri("case_0")).parent
    nib.save(nib.Nifti1Image(volume((6, 6, 6)), np.eye(4)), folder / "small.nii.gz")
    datastore = jlabel.LocalDatastore(folder)
    datastore.save_label("small", np.full((6, 6, 6), VALUES["Kidney"], np.uint8))
    datastore.update_image_info("small", {"split": "training"})
    run = Run(tmp_path / "run")
    result = train(BundleTrainTask(write_training(tmp_path / "kidneys")), datastore, run)
    assert list(result["left_out"]) == ["small"]
    assert any(note.startswith("image 'small' is left out: ") for note in run.notes)
    assert result["epochs"] == 2


def test_a_bundle_that_writes_where_it_lies_writes_into_a_copy(studies, tmp_path: Path) -> None:
    config = training()
    config["initialize"] += ["$open('here.txt', 'w')", "$open(@bundle_root + '/there.txt', 'w')"]
    bundle = write_training(tmp_path / "kidneys", config)
    before, here = digest(bundle), Path.cwd()
    train(BundleTrainTask(bundle), studies, Run(tmp_path / "run"), max_epochs=1)
    assert digest(bundle) == before
    assert Path.cwd() == here


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda config: config.pop("train"), r"has no trainer \(id 'train#trainer' or 'trainer'\)"),
        (lambda config: config["train"].update(dataset="$[1]"), r"has no list of images that can be set"),
        (lambda config: config["train"]["deterministic_transforms"][0].update(keys="image"), "one image and one label"),
    ],
)
def test_what_it_lacks_is_told_before_a_job_begins(tmp_path: Path, change, said: str) -> None:
    config = training()
    change(config)
    task = BundleTrainTask(write_training(tmp_path / "kidneys", config))
    with pytest.raises(jlabel.TaskError, match=rf"bundle 'kidneys' cannot be trained here: .*{said}"):
        task.check({})


def test_an_unknown_option_is_told_before_a_job_begins(tmp_path: Path) -> None:
    with pytest.raises(jlabel.TaskError, match="unknown option 'epoch'"):
        BundleTrainTask(write_training(tmp_path / "kidneys")).check({"epoch": 3})


def test_the_trainer_at_the_top_level_and_another_entry(studies, tmp_path: Path) -> None:
    config = training()
    config |= {"trainer": config["train"].pop("trainer"), "training": ["$@trainer.run()"]}
    del config["run"], config["initialize"]
    result = train(BundleTrainTask(write_training(tmp_path / "kidneys", config)), studies, Run(tmp_path / "run"))
    assert result["epochs"] == 2


@pytest.mark.timeout(900)
def test_as_a_job_of_an_app(studies, tmp_path: Path) -> None:
    bundle = write_training(tmp_path / "kidneys")
    manager = jlabel.AppManager(jlabel.LabelApp(studies, VALUES, bundles=[bundle]), device="cpu")
    try:
        before = manager.infer("kidneys", "case_0")
        assert before.labels == VALUES
        job = manager.train("kidneys", max_epochs=2)
        job.wait(timeout=600)
        assert job.state == "done"
        assert manager.models("kidneys")
    finally:
        manager.close()


def test_one_that_cannot_label_images_is_refused(tmp_path: Path) -> None:
    about = {"network_data_format": {"outputs": {"pred": {"type": "probabilities", "format": "classes"}}}}
    with pytest.raises(jlabel.TaskError, match="classification"):
        BundleTrainTask(write_training(tmp_path / "kidneys", about=about))


def test_a_training_without_memory_says_so(studies, tmp_path: Path) -> None:
    config = training(loss={"_target_": "scripts.losses.Greedy"})
    text = "class Greedy:\n    def __call__(self, *_):\n        raise RuntimeError('CUDA out of memory. Tried')\n"
    task = BundleTrainTask(write_training(tmp_path / "kidneys", config, scripts={"losses.py": text}))
    with pytest.raises(jlabel.TaskError, match="out of memory: use smaller patches or train_batch_size=1"):
        train(task, studies, Run(tmp_path / "run"))


def test_a_training_that_fails_names_the_bundle(studies, tmp_path: Path) -> None:
    config = training(loss={"_target_": "scripts.losses.Wrong"})
    text = "class Wrong:\n    def __call__(self, *_):\n        raise ValueError('no good')\n"
    task = BundleTrainTask(write_training(tmp_path / "kidneys", config, scripts={"losses.py": text}))
    with pytest.raises(jlabel.TaskError, match="the training failed: ValueError: no good"):
        train(task, studies, Run(tmp_path / "run"))


def several(**more: object) -> dict:
    """As the files ``multi_gpu_train`` of the model zoo."""
    return {
        "network": {"_target_": "torch.nn.parallel.DistributedDataParallel", "module": "$@network_def.to(@device)"},
        "train#sampler": {"_target_": "DistributedSampler", "dataset": "@train#dataset", "even_divisible": True},
        "train#dataloader#sampler": "@train#sampler",
        "train#dataloader#shuffle": False,
        "validate#sampler": {"_target_": "DistributedSampler", "dataset": "@validate#dataset", "even_divisible": False},
        "validate#dataloader#sampler": "@validate#sampler",
        "initialize": [
            "$import torch.distributed as dist",
            "$dist.is_initialized() or dist.init_process_group(backend='nccl')",
            "$monai.utils.set_determinism(seed=123)",
            "$open('rank.txt', 'w').write(os.environ['LOCAL_RANK'] + os.environ['WORLD_SIZE'])",
        ],
        "finalize": ["$dist.is_initialized() and dist.destroy_process_group()"],
        **more,
    }


@pytest.mark.timeout(900)
def test_on_several_devices_by_the_bundles_own_overrides(studies, tmp_path: Path) -> None:
    bundle = write_training(tmp_path / "kidneys")
    (bundle / "configs" / "multi_gpu_train.json").write_text(json.dumps(several()))
    manager = jlabel.AppManager(jlabel.LabelApp(studies, VALUES, bundles=[bundle]), device="cpu")
    try:
        job = manager.train("kidneys", device=["cpu", "cpu"], max_epochs=2, pretrained=False)
        job.wait(timeout=900)
        assert job.state == "done", job.error
        assert job.result["epochs"] == 2
        assert job.result["val_images"] == 1
        assert len(manager.models("kidneys")) == 1
    finally:
        manager.close()


def test_without_overrides_for_several_devices_it_says_so(studies, tmp_path: Path) -> None:
    run = Run(tmp_path / "run")
    run.devices = ["cpu", "cpu"]
    with pytest.raises(jlabel.TaskError, match=r"bundle 'kidneys' has no configs/multi_gpu_train\.json"):
        train(BundleTrainTask(write_training(tmp_path / "kidneys")), studies, run)
