"""The models, strategies and labels that there are, and which of them are chosen."""

from __future__ import annotations

from jlabel.labeler.context import LabelerContext
from jlabel.labeler.feature import Feature, Handlers
from jlabel.labeler.protocol import choice_messages
from jlabel.labeler.protocol.choice_messages import ModelInfo, NamedInfo
from jlabel.labeler.protocol.label_messages import LabelInfo
from jlabel.labeler.protocol.state import State
from jlabel.labels import Label
from jlabel.labels.names import alike
from jlabel.tasks import InferTask


class Choices(Feature):
    """Says what can be chosen, and takes the choice.

    Whether a model can be run is known from its files; they are looked at when a page connects and when a version is
    published, and not in between.
    """

    def __init__(self, context: LabelerContext) -> None:
        super().__init__(context)
        self._models: list[ModelInfo] = []

    def message_handlers(self) -> Handlers:
        """A choice."""
        return {choice_messages.Choose: lambda ask, _: self.context.choose(ask.what, ask.value)}

    def state(self) -> State:
        """The models, strategies and labels, which of them are chosen, and the chosen tool."""
        context, strategies = self.context, self.context.manager.app.strategies
        return {
            "models": self._models,
            "model": context.model,
            "strategies": [NamedInfo(name=k, description=v.description) for k, v in strategies.items()],
            "strategy": context.strategy,
            "tool": context.tool,
            "labels": [_label_info(label) for label in context.labels],
            "label": context.label,
            "offeredLabels": self._offered(),
        }

    def _offered(self) -> list[str]:
        """What the chosen model finds and no label is called, whatever the spelling."""
        context = self.context
        task = context.manager.app.infers.get(context.model or "")
        entries = context.manager.label_names.current.entries
        known = {alike(name) for entry in entries for name in (entry.label.name, *entry.declared)}
        return [] if task is None else [name for name in task.labels if alike(name) not in known]

    def on_labels_changed(self) -> None:
        """There are other labels to choose from."""
        self.publish_state()

    def on_models_changed(self) -> None:
        """A model can be run that could not; looks at the models' files."""
        self._models = [_model_info(name, task) for name, task in self.context.manager.app.infers.items()]
        self.publish_state()


def _label_info(label: Label) -> LabelInfo:
    return LabelInfo(name=label.name, value=label.value, color=label.color, instances=label.instances)


def _model_info(name: str, task: InferTask) -> ModelInfo:
    return ModelInfo(
        name=name,
        description=task.description,
        interactive=task.interactive,
        dimension=task.dimension,
        valid=task.is_valid(),
        takes_mask=task.interactive and task.takes_mask,
    )
