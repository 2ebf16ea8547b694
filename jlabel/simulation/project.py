"""A whole project without a person: choose, open, first mask, clicks, save, train, score, and so on."""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from jlabel.annotators.annotator import Annotator
from jlabel.annotators.hand import HumanLike
from jlabel.app import LabelApp
from jlabel.datastores import Datastore
from jlabel.display.progress_bar import shown_progress
from jlabel.effort import SecondsModel
from jlabel.errors import TaskError
from jlabel.files.file_operations import remove_tree
from jlabel.files.temporary import remove_leftovers, temporary_name
from jlabel.labels.label import label_values
from jlabel.manager import AppManager
from jlabel.progress import Progress
from jlabel.simulation.app_copy import copied_app, copied_images
from jlabel.simulation.choosing import Choosing
from jlabel.simulation.labeling import Way, label_image
from jlabel.simulation.learning import Learning, choose_trainer, model_quality
from jlabel.simulation.outcome import SimulatedProject
from jlabel.simulation.project_log import ProjectLog
from jlabel.simulation.truth import Truth, find_truth, pool_and_test

_JOURNAL, _STUDIES = "simulation.jsonl", "studies"
_LEFT_OVER = 24 * 3600.0  # seconds after which the temporary folder of a simulation that was killed is removed
_ADDRESS = re.compile(r" at 0x[0-9a-f]+")


def run(
    app: LabelApp,
    annotator: Annotator | None = None,
    strategy: str = "random",
    budget: int | None = None,
    target: float = 0.85,
    *,
    test: Iterable[str] = (),
    truth: str | Path = "final",
    train: str | bool | None = True,
    model: str | None = None,
    tool: str | None = None,
    most_clicks: int = 15,
    seed: int = 0,
    strategy_params: Mapping[str, Any] | None = None,
    folder: str | Path | None = None,
    device: str = "auto",
    seconds: SecondsModel | None = None,
    progress: Progress | None = None,
    **options: Any,
) -> SimulatedProject:
    """Label a whole project without a person, to see what a strategy, a model or a tool is worth.

    The right labels are known. A second app of the same kind is made on copies of the images without labels; there the
    strategy chooses, the model in use makes a first mask, the annotator corrects each structure with clicks up to the
    target, the label is saved, trainings begin when *Train automatically* would begin them (and are waited for), and
    images are scored again where the strategy goes by scores. The app and its studies stay as they are.

    Args:
        app: The app; its images are labelled, its models and trainers are made anew and begin with nothing.
        annotator: Who clicks; ``HumanLike(seed)`` if not given. Each structure of each image has chances of its own.
        strategy: Which image is next.
        budget: How many images are labelled; all whose right label is known if not given.
        target: The Dice of each structure with which the annotator is content.
        test: Ids of images that are never labelled: models are judged by them after each round of trainings.
        truth: What is right: the tag of labels that are saved with the app's studies, or a folder of label files that
            are named as the images (a path, or a text with a slash).
        train: A train task by name, True for the first one that the images are for, None for no training.
        model: The model that makes first masks; if not given, the one that uses what the train task publishes.
        tool: The model that answers clicks; the app's first interactive one if not given.
        most_clicks: Clicks at most for each structure. One that is not good enough then is saved as it should be, as a
            person would finish it by hand; such are counted.
        seed: Of what is drawn by the strategy and the trainings; the annotator has its own.
        strategy_params: More parameters of the strategy.
        folder: Where it happens. A run that was killed goes on there, and comes to the same result; one with a larger
            budget goes on too, unless the strategy itself goes by the budget. If not given, a temporary folder that is
            removed at the end.
        device: Where models run and are trained.
        seconds: How long what is done takes a person; that of :class:`jlabel.effort.SecondsModel` if not given.
        progress: Told how far it is; a bar if not given.
        **options: Of the trainings, such as ``max_epochs=30``. Without a limit among them, each may take as long as
            *Train automatically* gives it: what ends by the clock learns another amount on another machine.

    Raises:
        TaskError: There is no such strategy, model, tool or train task, no image whose right label is known, or the
            folder has another simulated project.
        DatastoreError: An image cannot be copied, or a label cannot be saved.
        Cancelled: ``progress`` cancelled it.

    Examples:
        >>> from jlabel.simulation import Robot, run
        >>> app = jlabel.RadiologyApp(studies, ["liver"])
        >>> manager = jlabel.AppManager(app, device="cpu")
        >>> for image_id in ("case_0", "case_1"):
        ...     _ = manager.save_label(image_id, manager.image(image_id).array > 70)
        >>> result = run(app, Robot(), strategy="first", train=None)
        >>> [row["image"] for row in result.images], result.clicks <= 30, result.by_hand
        (['case_0', 'case_1'], True, 0)
        >>> manager.close()
    """
    with ExitStack() as end:
        source = AppManager(app, device=device)
        end.callback(source.close)
        right = find_truth(source, truth)
        pool, kept = pool_and_test(app.datastore.list_images(), right, test)
        place = end.enter_context(_place(app.datastore, folder))
        copies = copied_images(app.datastore, pool, place / _STUDIES)
        end.callback(copies.close)
        manager = AppManager(copied_app(app, copies), device=device)
        end.callback(manager.close)
        params = {"seed": seed, **_budget(manager, strategy, budget), **dict(strategy_params or {})}
        way, trainer = _way(manager, annotator or HumanLike(seed), model, tool, train, (target, most_clicks, seconds))
        chances = {"seed": seed} if trainer and "seed" in _config(manager, trainer) else {}
        options = {**chances, **options}
        if trainer:
            manager.app.trainers[trainer].check(options)
        settings = _settings(manager, way, strategy, params, trainer, options, truth, pool, kept)
        journal = ProjectLog(place / _JOURNAL, settings)
        end.callback(journal.close)
        project = _Project(
            manager=manager,
            journal=journal,
            way=way,
            choosing=Choosing(manager, strategy, params, device),
            learning=Learning(manager, journal, trainer, device, options),
            truth=right,
            quality=lambda: model_quality(manager, way, kept, source, right, label_values(manager.labels)),
        )
        with shown_progress("Simulating", progress) as told:
            project.go_on(len(pool) if budget is None else min(budget, len(pool)), told)
        return project.outcome(settings, budget)


@dataclass(frozen=True)
class _Project:
    manager: AppManager
    journal: ProjectLog
    way: Way
    choosing: Choosing
    learning: Learning
    truth: Truth
    quality: Callable[[], dict[str, Any]]

    def go_on(self, budget: int, progress: Progress) -> None:
        """Go on from wherever it was left, up to so many labels."""
        self._undo_unwritten()
        done = len(self.journal.of("image"))
        while True:
            self._learn(done)
            progress.step(done, budget)
            if done >= budget:
                return
            self._label(done + 1)
            done += 1

    def outcome(self, settings: Mapping[str, Any], budget: int | None) -> SimulatedProject:
        images = self.journal.of("image")[:budget]
        rows = {
            kind: [row for row in self.journal.of(kind) if row["labels"] <= len(images)]
            for kind in ("image", "training", "quality")
        }
        return SimulatedProject(settings, rows["image"], rows["training"], rows["quality"])

    def _undo_unwritten(self) -> None:
        """A label that was saved before a kill, and not written down, is made again."""
        written = {row["image"] for row in self.journal.of("image")}
        for image_id in set(self.manager.datastore.get_labeled_images()) - written:
            self.manager.datastore.remove_label(image_id, "final")

    def _label(self, number: int) -> None:
        choice = self.choosing.next(number)
        values = label_values(self.manager.labels)
        wanted = self.truth.label(choice.image_id, self.manager.image(choice.image_id))
        made = label_image(self.manager, choice.image_id, wanted, self.way, values)
        self.manager.save_label(choice.image_id, made.label)
        self.journal.add("image", labels=number, reason=choice.reason, score=choice.score, **made.row)

    def _learn(self, labels: int) -> None:
        self.learning.train_if_due(labels)
        begun = [row for row in self.journal.of("training") if row["labels"] == labels]
        if begun and not any(row["labels"] == labels for row in self.journal.of("quality")):
            facts = {"in_use": begun[0]["in_use"], "validation": begun[0]["best_metric"]}
            self.journal.add("quality", labels=labels, **facts, **self.quality())


def _way(
    manager: AppManager,
    annotator: Annotator,
    model: str | None,
    tool: str | None,
    train: str | bool | None,
    limits: tuple[float, int, SecondsModel | None],
) -> tuple[Way, str]:
    """How images are labelled, and what is trained.

    Raises:
        TaskError: There is no such model, tool or train task.
    """
    trainer, infers = choose_trainer(manager, train), manager.app.infers
    learns = {name: task.learns_from for name, task in infers.items() if task.segments_alone}
    by_trainer = [name for name, published in learns.items() if published is not None and published.name == trainer]
    first = model if model is not None else next(iter(by_trainer), "") if trainer else ""
    tools = [name for name, task in infers.items() if task.interactive and task.is_valid()]
    answers = tool if tool is not None else next(iter(tools), "")
    if answers not in infers or not infers[answers].interactive:
        raise TaskError(f"no interactive model {answers!r}; the app has {', '.join(tools) or 'none'}")
    if first and (first not in infers or not infers[first].segments_alone):
        raise TaskError(f"no model {first!r} that makes first masks; the app has {', '.join(learns) or 'none'}")
    target, most_clicks, seconds = limits
    return Way(annotator, answers, first, target, most_clicks, seconds or SecondsModel()), trainer


def _settings(
    manager: AppManager,
    way: Way,
    strategy: str,
    params: Mapping[str, Any],
    trainer: str,
    options: Mapping[str, Any],
    truth: str | Path,
    pool: list[str],
    test: list[str],
) -> dict[str, Any]:
    hand = getattr(way.annotator, "parameters", None)
    return {
        "app": type(manager.app).__name__,
        "strategy": strategy,
        "strategy_params": {name: _told(value) for name, value in params.items()},
        "annotator": _told(way.annotator),
        "hand": {} if hand is None else hand.as_dict(),
        "target": way.target,
        "most_clicks": way.most_clicks,
        "tool": way.tool,
        "first_masks": way.first_masks,
        "trainer": trainer,
        "options": {name: _told(value) for name, value in options.items()},
        "truth": str(truth),
        "labels": label_values(manager.labels),
        "seconds_model": {name: _told(value) for name, value in asdict(way.seconds).items()},
        "images": len(pool),
        "test": test,
        "digest": hashlib.sha256("\n".join(pool).encode()).hexdigest()[:16],
    }


def _told(value: Any) -> Any:
    """A value for the journal: itself where JSON has such, else in words that are the same in the next process."""
    if isinstance(value, frozenset):
        return sorted(value)
    return value if value is None or isinstance(value, bool | int | float | str) else _ADDRESS.sub("", repr(value))


def _budget(manager: AppManager, strategy: str, budget: int | None) -> dict[str, Any]:
    """The budget, for a strategy that goes by it: with another one it chooses other images."""
    known = hasattr(manager.app.strategies.get(strategy), "budget")
    return {"budget": budget} if known and budget is not None else {}


def _config(manager: AppManager, trainer: str) -> Mapping[str, Any]:
    config: Mapping[str, Any] = manager.app.trainers[trainer].info().get("config", {})
    return config


@contextmanager
def _place(datastore: Datastore, folder: str | Path | None) -> Iterator[Path]:
    """The folder that was asked for, or a temporary one."""
    if folder is not None:
        yield Path(folder).expanduser()
        return
    caches = datastore.workspace.cache_folder("simulation")
    if caches is None:
        with tempfile.TemporaryDirectory(prefix="jlabel-") as made:
            yield Path(made)
        return
    remove_leftovers(caches, _LEFT_OVER)
    place = caches / temporary_name()
    try:
        yield place
    finally:
        remove_tree(place, ignore_errors=True)
