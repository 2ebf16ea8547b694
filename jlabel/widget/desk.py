"""The work at the labeler: what is open, what was chosen, what the models are asked, and what is saved."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, NamedTuple

from numpy.typing import NDArray

from jlabel.errors import DatastoreError, ImageError, JlabelError, LabelError
from jlabel.imaging import Region
from jlabel.manager import AppManager
from jlabel.tasks import InferTask, label_values, prompt_to_json
from jlabel.widget.asking import Asking
from jlabel.widget.draft import Draft
from jlabel.widget.journal import Journal, read_journal
from jlabel.widget.opened import OpenedImage
from jlabel.widget.worker import SerialWorker

if TYPE_CHECKING:
    from jlabel.widget.labeler import Labeler

# How many unreadable images "next" passes by before it gives up.
_MOST_UNREADABLE = 20


class _Said(NamedTuple):
    """What there is to say about an image that was opened."""

    notice: str | None = None
    problem: str | None = None


class Desk:
    """The state of one labeler and all that changes it. The labeler's lock guards it; nothing slow happens under it.

    Args:
        manager: The app manager.
        labeler: Where to show things.
        tag: Under which tag labels are saved.
        strategy: Chosen at the start.
        model: Chosen at the start.
    """

    def __init__(
        self, manager: AppManager, labeler: Labeler, tag: str, strategy: str | None, model: str | None
    ) -> None:
        app = manager.app
        self.manager = manager
        self.tag = tag
        self.values = label_values(app.labels)
        self.opened: OpenedImage | None = None
        self.label = app.labels[0].name
        interactive = [name for name, task in app.infers.items() if task.interactive and task.is_valid()]
        self.model = model or next(iter(interactive), next(iter(app.infers), None))
        self.strategy = strategy or next(iter(app.strategies), "")
        self.labeler = labeler
        self.lock = labeler.lock
        self._moving = threading.Lock()
        self._keeper = SerialWorker("jlabel-journal")
        self._epoch = 0
        self.busy: str | None = None
        self.notice: str | None = None
        self.asking = Asking(self)
        self.used_models: list[str] = []
        self._counts = (0, 0)
        self._unreadable: set[str] = set()
        if model is not None:
            self.choose("model", model)
        if strategy is not None:
            self.choose("strategy", strategy)

    def need(self) -> OpenedImage:
        """What is open.

        Raises:
            JlabelError: Nothing is.
        """
        if self.opened is None:
            raise JlabelError("no image is open; press Next, or call labeler.open(image_id)")
        return self.opened

    def state(self) -> dict[str, Any]:
        """Everything small that the front end shows."""
        app, opened = self.manager.app, self.opened
        draft = opened.draft if opened is not None else None
        return {
            "type": "state",
            "state": {
                "imageId": opened.image_id if opened is not None else None,
                "epoch": opened.epoch if opened is not None else 0,
                "labels": [{"name": one.name, "value": one.value, "color": one.color} for one in app.labels],
                "label": self.label,
                "models": [_model_info(name, task) for name, task in app.infers.items()],
                "model": self.model,
                "strategies": [{"name": k, "description": v.description} for k, v in app.strategies.items()],
                "strategy": self.strategy,
                "prompts": [prompt_to_json(prompt) for prompt in draft.prompts] if draft is not None else [],
                "canUndo": draft is not None and draft.history.can_undo,
                "canRedo": draft is not None and draft.history.can_redo,
                "dirty": draft is not None and draft.dirty,
                "busy": self.busy,
                "notice": self.notice,
                "images": self._counts[0],
                "labelled": self._counts[1],
            },
        }

    def fail(self, text: str) -> None:
        """Show an error under the picture."""
        with self.lock:
            self.labeler.tell({"type": "error", "text": text})
            self.labeler.tell(self.state())

    def choose(self, what: str, value: str) -> None:
        """Choose a model, a strategy or a label.

        Raises:
            JlabelError: There is none of that name.
        """
        app = self.manager.app
        names = {"model": list(app.infers), "strategy": list(app.strategies), "label": list(self.values)}.get(what, [])
        if value not in names:
            raise JlabelError(f"no {what} {value!r}; there is {', '.join(names) or 'none'}")
        with self.lock:
            setattr(self, what, value)
            self.labeler.tell(self.state())

    def close(self) -> None:
        """Give up what is asked, and finish what is being written."""
        self.asking.cancel()
        self._keeper.close()

    # Opening, going on, saving: each takes time, so they run without the lock and show that they do.

    def open(self, image_id: str, discard: bool) -> None:
        """See :meth:`jlabel.Labeler.open`."""
        with self._moving:
            self._check_saved(discard)
            self._open(image_id)

    def next(self, discard: bool) -> str | None:
        """See :meth:`jlabel.Labeler.next`."""
        with self._moving:
            self._check_saved(discard)
            failures: list[str] = []
            while len(failures) < _MOST_UNREADABLE:
                here = [self.opened.image_id] if self.opened is not None else []
                image_id = self.manager.next_image(self.strategy, exclude=(*here, *self._unreadable))
                if image_id is None:
                    break
                try:
                    self._open(image_id)
                except (ImageError, DatastoreError) as error:
                    self._unreadable.add(image_id)
                    failures.append(str(error))
                    continue
                self._report(failures)
                return image_id
            self._report(failures)
            self._say(self._nothing_left())
            return None

    def skip(self, discard: bool) -> str | None:
        """See :meth:`jlabel.Labeler.skip`."""
        self._check_saved(discard)
        self.manager.skip(self.need().image_id)
        return self.next(discard)

    def save(self) -> str:
        """See :meth:`jlabel.Labeler.save`."""
        with self._moving:
            with self.lock:
                opened = self.need()
                position = opened.draft.history.position
                mask: NDArray[Any] = opened.draft.mask.copy(order="F")
                info = {"prompts": _prompts_json(opened.draft), "models": list(self.used_models)}
                self.show_busy("Saving")
            try:
                label_id = self.manager.save_label(opened.image_id, mask, self.tag, info)
            except BaseException:
                self.show_busy(None)
                raise
            with self.lock:
                opened.draft.mark_saved(position)
                self._count()
                self.busy = None
                self._say(f"Saved as {self.tag}")
            return label_id

    def _open(self, image_id: str) -> None:
        self.show_busy(f"Opening {image_id}")
        try:
            image = self.manager.image(image_id)
            statistics = self.manager.intensities(image_id)
            draft, said = self._draft(image_id, image.shape)
            occupied = draft.occupied()
        except BaseException:
            self.show_busy(None)
            raise
        with self.lock:
            self.asking.cancel()
            if self.opened is not None and self.opened.draft.dirty:
                self.opened.draft.forget()
            self._epoch += 1
            self.opened = OpenedImage(image_id, self._epoch, image, draft, statistics)
            self.busy, self.notice, self.used_models = None, said.notice, []
            self._count()
            self.labeler.show_image(self.opened)
            self.labeler.show_mask(self.opened, occupied)
            self.labeler.tell(self.state())
            if said.problem is not None:
                self.fail(said.problem)

    def _draft(self, image_id: str, shape: tuple[int, ...]) -> tuple[Draft, _Said]:
        """The draft to go on with: one that was never saved, else the saved label, else an empty one."""
        file = self.manager.datastore.draft_file(image_id)
        if self.opened is not None and self.opened.image_id == image_id and self.opened.draft.dirty:
            self.opened.draft.forget()
        self._keeper.flush()
        found = read_journal(file, shape) if file is not None else None
        start: NDArray[Any] | None
        if found is not None:
            start, said = found.mask, _Said(notice=f"Restored the unsaved draft of {found.time:%Y-%m-%d %H:%M} UTC")
        else:
            start, problem = self._saved_label(image_id)
            said = _Said(problem=problem)
        journal = Journal(file, start, self._keeper) if file is not None else None
        return Draft(shape, start, max(self.values.values()), found is not None, journal), said

    def _saved_label(self, image_id: str) -> tuple[NDArray[Any] | None, str | None]:
        """The label to go on from, and what is wrong with it."""
        tags = self.manager.datastore.get_labels_by_image_id(image_id)
        tag = next((tag for tag in (self.tag, "final", "original") if tag in tags), None)
        if tag is None:
            return None, None
        try:
            return self.manager.label(image_id, tag), None
        except (LabelError, ImageError, DatastoreError) as error:
            return None, f"the saved label {tag!r} of {image_id} is not shown: {error}"

    def _check_saved(self, discard: bool) -> None:
        if not discard and self.opened is not None and self.opened.draft.dirty:
            raise JlabelError(
                f"{self.opened.image_id} has changes that are not saved: save them, or go on with discard=True"
            )

    def _report(self, failures: list[str]) -> None:
        if failures:
            shown = "; ".join(failures[:3]) + (f"; and {len(failures) - 3} more" if len(failures) > 3 else "")
            self.fail(f"Left out, since it cannot be read: {shown}")

    def _nothing_left(self) -> str:
        images = self._counts[0]
        if self.opened is None and images == 0:
            self._count()
            images = self._counts[0]
        return "There are no images in the studies folder" if images == 0 else "No further image without a label"

    # Strokes and steps: under the lock, and quick.

    def paint(self, region: Region, touched: NDArray[Any], value: int) -> None:
        """A stroke from the browser, with the lock held."""
        opened = self.need()
        if value not in {0, *self.values.values()}:
            raise JlabelError(f"a stroke has the value {value}, and the labels are {self.values}")
        self.asking.cancel()
        opened.draft.paint(region, touched, value)
        self.notice = None

    def step(self, which: str) -> None:
        """Undo or redo."""
        with self.lock:
            opened = self.need()
            self.asking.cancel()
            region = opened.draft.undo() if which == "undo" else opened.draft.redo()
            self.labeler.show_mask(opened, region)
            self.show_state()

    def clear_prompts(self) -> None:
        """Forget the prompts; what they made stays."""
        with self.lock:
            self.asking.cancel()
            self.need().draft.clear_prompts()
            self.show_state()

    def show_state(self) -> None:
        """Send the state to the pages."""
        with self.lock:
            self.labeler.tell(self.state())

    def show_busy(self, text: str | None) -> None:
        """Show what takes time, or that nothing does."""
        with self.lock:
            self.busy = text
            self.show_state()

    def _say(self, notice: str) -> None:
        with self.lock:
            self.notice = notice
            self.show_state()

    def _count(self) -> None:
        self._counts = (self.manager.datastore.count_images(), self.manager.datastore.count_labeled())


def _model_info(name: str, task: InferTask) -> dict[str, Any]:
    return {
        "name": name,
        "description": task.description,
        "interactive": task.interactive,
        "dimension": task.dimension,
        "valid": task.is_valid(),
    }


def _prompts_json(draft: Draft) -> list[dict[str, Any]]:
    return [prompt_to_json(prompt) for prompt in draft.prompts]
