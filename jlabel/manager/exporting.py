"""Trained models for the world outside: as MONAI bundles."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jlabel.bundles.infer import BundleInferTask
from jlabel.errors import TaskError
from jlabel.manager.manager_base import ManagerBase
from jlabel.registry import ModelVersion, PublishedModel
from jlabel.tasks.infer import InferTask


class Exporting(ManagerBase):
    """Trained models as bundles; see :class:`jlabel.AppManager`."""

    def export_bundle(
        self,
        name: str,
        version: int | None = None,
        to: str | Path = "bundle/",
        *,
        license: str | Path = "not stated",
        metadata: Mapping[str, Any] | None = None,
        network: Mapping[str, Any] | None = None,
        train: bool = True,
        overwrite: bool = False,
    ) -> Path:
        """Write a trained version of a model as a MONAI bundle, which ``python -m monai.bundle run`` takes unchanged.

        The bundle needs no jlabel. Its masks are those of the model here, voxel for voxel. It holds weights, the
        configuration of inference and of further training, and a model card; the card says on how many labels the
        version was trained, and neither the bundle nor the card names an image or a folder of this machine.

        A bundle that was trained further here keeps its own configuration and gets the new weights. Models that need
        prompts in every image cannot be exported.

        Args:
            name: The name of a train task, or of a model that uses what it publishes.
            version: Its number; the version in use if not given.
            to: The folder of the bundle (``~`` is the home folder), which is made: whole or not at all.
            license: What the model card says of the licence, such as ``"CC-BY-4.0"``; a :class:`pathlib.Path` is
                a file with its text, which becomes ``LICENSE``.
            metadata: Fields of ``metadata.json`` that you state, such as ``authors`` and ``data_source``.
            network: The network as configuration, ``{"_target_": "UNet", ...}``, where it cannot be found out.
            train: Whether to write ``train.json``, with which the bundle is fine-tuned.
            overwrite: Whether to replace a bundle that is in the folder already.

        Returns:
            The folder.

        Raises:
            TaskError: No such model or version, nothing is trained yet, the version is damaged, the model needs
                prompts, or a part of it cannot be written as configuration, such as a class of a notebook.
            DatastoreError: The folder is not empty, or cannot be written; nothing has changed then.

        Examples:
            >>> manager = jlabel.AppManager(jlabel.RadiologyApp(studies, ["liver"]), device="cpu")
            >>> try:
            ...     manager.export_bundle("segmentation", to=studies / "bundle")
            ... except jlabel.TaskError as error:
            ...     print(error)
            model 'segmentation' has not been trained yet: manager.train('segmentation')
            >>> manager.close()
        """
        task = self._exported_task(name)
        published = task.published
        assert published is not None
        chosen = _version(published, version)
        from jlabel.bundles.export.bundle import write_bundle
        from jlabel.bundles.export.model import ExportedModel, file_values

        values = file_values(task.classes(chosen), self.label_names.values_for(task, ""))
        model = ExportedModel(task, chosen, self.app.trainers.get(published.name), values, network)
        return write_bundle(model, Path(to), license, metadata, train, overwrite)

    def _exported_task(self, name: str) -> InferTask:
        """The infer task that applies the model to whole images, without prompts."""
        able: dict[str, InferTask] = {}
        for task in self.app.infers.values():
            if task.published is not None and _runs_on_files(task):
                able.setdefault(task.published.name, task)
        named = self.app.infers.get(name)
        if named is not None and named.published is not None and _runs_on_files(named):
            return named
        model = name if named is None or named.published is None else named.published.name
        if model in able:
            return able[model]
        which = (
            f"what can be exported: {', '.join(sorted(able))}" if able else "the app has no model that can be exported"
        )
        if named is not None and _runs_on_files(named):
            raise TaskError(f"model {name!r} is none that a train task publishes, so it has no version; {which}")
        if named is not None or name in self.app.trainers:
            raise TaskError(
                f"model {name!r} needs prompts in every image, and monai.bundle runs a bundle on files alone; {which}"
            )
        raise TaskError(f"no model {name!r}; {which}")


def _runs_on_files(task: InferTask) -> bool:
    """Whether MONAI alone can apply it: it needs no prompts, or it is a bundle, which brings its own way."""
    return not task.interactive or isinstance(task, BundleInferTask)


def _version(published: PublishedModel, number: int | None) -> ModelVersion:
    """The version with a number, or the one in use.

    Raises:
        TaskError: There is none, or it is damaged.
    """
    name, store = published.name, published.store
    used = store.in_use(name) if number is None else None
    if used is not None:
        return used
    versions = {one.number: one for one in store.versions(name)}
    there = ", ".join(map(str, versions))
    if number is None:
        if versions:
            raise TaskError(f"no version of model {name!r} is in use; give version=, there are: {there}")
        raise TaskError(f"model {name!r} has not been trained yet: manager.train({name!r})")
    if number in versions:
        return versions[number]
    if isinstance(number, int) and (store.folder / name / str(number)).is_dir():
        return ModelVersion.read(store.folder / name / str(number), name, False)
    raise TaskError(f"model {name!r} has no version {number}; there are: {there or 'none'}")
