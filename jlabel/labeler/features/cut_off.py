"""A structure that ends where the model stopped looking: said, and looked for further on request."""

from __future__ import annotations

from jlabel.annotation.prompt_group import Key, PromptGroup
from jlabel.errors import PromptError
from jlabel.labeler.context import LabelerContext
from jlabel.labeler.feature import Feature, Handlers
from jlabel.labeler.features.prompting import PromptController
from jlabel.labeler.open_image import OpenImage
from jlabel.labeler.protocol import prompt_messages
from jlabel.labeler.protocol.state import State
from jlabel.tasks import InferResult


class CutOff(Feature):
    """Knows whether the newest answer reaches the edge of the region that the model looked at.

    Args:
        context: The labeler.
        prompting: What models are asked.
    """

    wants_probabilities = False

    def __init__(self, context: LabelerContext, prompting: PromptController) -> None:
        super().__init__(context)
        self._prompting = prompting
        self._key: Key | None = None
        self._label = ""
        prompting.listen(self)

    def message_handlers(self) -> Handlers:
        """Looking further."""
        return {prompt_messages.LookFurther: lambda _, __: self.look_further()}

    def state(self) -> State:
        """``cutOff``: the structure that may go on beyond where the model looked."""
        return {"cutOff": self._label if self._key is not None else None}

    def on_image_opened(self, opened: OpenImage) -> None:
        """Nothing is asked of it yet."""
        self._key = None

    def on_draft_changed(self) -> None:
        """The newest answer is not the newest change any more."""
        if self._key is not None:
            self._key = None
            self.publish_state()

    def on_answer(self, opened: OpenImage, group: PromptGroup, result: InferResult, asked: bool) -> None:
        """An answer is in the draft; called with the lock held."""
        if result.cut_off:
            self._key, self._label = group.key, self.context.name_of(group.value, group.label)
            self.publish_state()

    def look_further(self) -> None:
        """Ask for it again in a larger region.

        Raises:
            PromptError: The newest answer was not cut off.
        """
        with self.context.lock:
            if self._key is None:
                raise PromptError("the newest answer does not end at the edge of what was looked at")
            self._prompting.look_further(self._key)
