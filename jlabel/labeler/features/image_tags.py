"""The tags of the open image: a person chooses classes, models propose them; and what else a model told of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jlabel.annotation.provenance import versioned
from jlabel.datastores.image_tags import model_tag, person_tag, propose_tag
from jlabel.errors import DatastoreError, TaskError
from jlabel.labeler.background.serial_worker import SerialWorker
from jlabel.labeler.context import LabelerContext
from jlabel.labeler.feature import Feature, Handlers
from jlabel.labeler.features.prompting import PromptController
from jlabel.labeler.open_image import OpenImage
from jlabel.labeler.protocol import tag_messages
from jlabel.labeler.protocol.state import State
from jlabel.labeler.protocol.tag_messages import ResultInfo, TagInfo
from jlabel.labeler.result_rows import result_rows
from jlabel.labels import Classification
from jlabel.tasks import InferResult

# What a classification tells of its classes is shown as tags.
_SHOWN_AS_TAGS = "prediction"


class ImageTags(Feature):
    """Reads and writes tags on a thread of its own; what models say is kept, and never in the place of a person's.

    Args:
        context: The labeler.
        prompting: Runs models, and tells of their answers.
    """

    def __init__(self, context: LabelerContext, prompting: PromptController) -> None:
        super().__init__(context)
        self._prompting = prompting
        self._worker = SerialWorker("jlabel-tags")
        self._known: tuple[Classification, ...] = context.manager.app.tags
        self._info: Mapping[str, Any] = {}
        self._models: dict[str, str] = {}
        self._result: ResultInfo | None = None
        prompting.result_listeners.append(self._on_result)

    def message_handlers(self) -> Handlers:
        """Choosing a class, and asking a model for it."""
        return {
            tag_messages.TagImage: self._on_choice,
            tag_messages.AskForTag: lambda ask, _: self._on_ask(ask.name, ask.epoch),
        }

    def state(self) -> State:
        """``imageTags``: the tags of the open image; ``result``: what a model told of it beside a mask."""
        return {"imageTags": [self._tag(one) for one in self._known], "result": self._result}

    def on_image_opened(self, opened: OpenImage) -> None:
        """Another image has other tags."""
        self._info, self._result = {}, None
        if self._known:
            self._worker.do(lambda: self._look(opened))

    def on_models_changed(self) -> None:
        """Another model may be there to be asked; looks at the models' files."""
        infers = self.context.manager.app.infers
        able = ((name, task.classification) for name, task in infers.items() if task.classification is not None)
        self._models = {one.name: name for name, one in able if infers[name].is_valid()}
        self.publish_state()

    def on_studies_changed(self) -> None:
        """Somebody else may have tagged the image."""
        opened = self.context.open_image
        if opened is not None and self._known:
            self._worker.do(lambda: self._look(opened))

    def close(self) -> None:
        """Write what is to be written, and end the thread."""
        self._worker.close()

    def _tag(self, one: Classification) -> TagInfo:
        mine, its = person_tag(self._info, one.name), model_tag(self._info, one.name)
        proposed = its if its is not None and its.value in one.classes else None
        version = "" if proposed is None or proposed.version is None else f" version {proposed.version}"
        return TagInfo(
            name=one.name,
            classes=list(one.classes),
            several=one.several,
            chosen=[] if mine is None else [value for value in one.classes if value in mine.values],
            proposed=None if proposed is None else proposed.value,
            probability=None if proposed is None else proposed.probability,
            by="" if proposed is None else f"{proposed.model}{version}",
            model=self._models.get(one.name),
        )

    def _on_choice(self, ask: tag_messages.TagImage, _: Any) -> None:
        with self.context.lock:
            opened = self.context.require_image()
        if ask.epoch == opened.epoch:
            self._later(lambda: self._choose(opened, ask.name, ask.values))

    def _choose(self, opened: OpenImage, name: str, values: list[str]) -> None:
        self.context.manager.tag_image(opened.image_id, name, values or None)
        self._look(opened)

    def _on_ask(self, name: str, epoch: int) -> None:
        with self.context.lock:
            opened = self.context.require_image()
            model = self._models.get(name)
            if model is None:
                raise TaskError(f"no model tells {name!r} yet: tag some images of two classes, then train one")
            if epoch == opened.epoch:
                self._prompting.run_automatic(epoch, model)

    def _on_result(self, opened: OpenImage, model: str, result: InferResult) -> None:
        """A model has answered; called with the lock held."""
        told = {name: value for name, value in result.info.items() if not (result.tags and name == _SHOWN_AS_TAGS)}
        self._result = ResultInfo(model=versioned(model, result), rows=result_rows(told)) if told else None
        self.publish_state()
        if result.tags:
            self._later(lambda: self._propose(opened, model, result))

    def _propose(self, opened: OpenImage, model: str, result: InferResult) -> None:
        for name, chances in result.tags.items():
            propose_tag(self.context.manager.datastore, opened.image_id, name, chances, model, result.version)
        self._look(opened)

    def _look(self, opened: OpenImage) -> None:
        """Read what is known of the image, and tell the pages."""
        try:
            info = self.context.manager.datastore.get_image_info(opened.image_id)
        except DatastoreError:
            return  # the image is gone, which others say
        with self.context.lock:
            if opened is self.context.open_image:
                self._info = info
                self.publish_state()

    def _later(self, work: Any) -> None:
        self._worker.do(lambda: self.context.reporting_errors(work))
