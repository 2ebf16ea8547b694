"""What the template apps have in common: where their models are kept, and which of them are offered."""

from __future__ import annotations

from jlabel.app import LabelApp
from jlabel.bundles.app_bundles import model_name
from jlabel.classification import ClassificationInferTask, ClassificationTrainTask
from jlabel.errors import ConfigError, LabelError, TaskError
from jlabel.labels.classification import Classification
from jlabel.registry import ModelStore, PublishedModel
from jlabel.tasks.infer import InferTask
from jlabel.tasks.train import TrainTask

_MODELS = "models"
_ALL = "all"


class TemplateApp(LabelApp):
    """An app whose models learn from the labels; see :class:`jlabel.LabelApp` for what it is made from."""

    @property
    def model_store(self) -> ModelStore | None:
        """Where the versions of its models are kept; None where the datastore has no place for them."""
        folder = self.datastore.workspace.models_folder()
        return None if folder is None else ModelStore(folder)

    def published(self, name: str) -> PublishedModel:
        """What the train task of that name publishes, for the infer task that uses it.

        Raises:
            TaskError: The datastore has no place for models.
        """
        store = self.model_store
        if store is None:
            raise TaskError(f"{type(self.datastore).__name__} has no place for models, so {name!r} cannot be used")
        return PublishedModel(store, name)

    @property
    def click_model(self) -> PublishedModel | None:
        """What ``train("click")`` publishes; None where the datastore has no place for models."""
        return None if self.model_store is None else PublishedModel(self.model_store, "click")

    def with_tag_models(self, infers: dict[str, InferTask]) -> dict[str, InferTask]:
        """The infer tasks, and one for each of the app's tags, which learns from the images that a person has tagged.

        A tag of which an image may have several classes has none.

        Raises:
            LabelError: A tag has the name of another model.
        """
        found = dict(infers)
        for one in self._learnt_tags():
            name = model_name(one.name)
            if name in found:
                raise LabelError(f"the tag {one.name!r} has the name of a model of the app: give it another one")
            if self.model_store is not None:
                found[name] = ClassificationInferTask(self.published(name), one)
        return found

    def tag_trainers(self) -> dict[str, TrainTask]:
        """A train task for each of the app's tags."""
        return {model_name(one.name): ClassificationTrainTask(one) for one in self._learnt_tags()}

    def _learnt_tags(self) -> list[Classification]:
        """Those that a model can learn: it says one class of an image, so none of several."""
        return [one for one in self.tags if not one.several]

    def models_asked_for(self) -> list[str]:
        """The names that ``conf["models"]`` lists; none where it does not say."""
        names = [name.strip() for name in self.conf.get(_MODELS, _ALL).split(",") if name.strip()]
        return [] if names == [_ALL] else names

    def chosen(self, infers: dict[str, InferTask]) -> dict[str, InferTask]:
        """The models that ``conf["models"]`` lists, in its order; all where it does not say.

        Args:
            infers: Those that the app has.

        Raises:
            ConfigError: There is no such model.
        """
        names = self.models_asked_for()
        unknown = [name for name in names if name not in infers]
        if unknown:
            raise ConfigError(f"models: there is no {unknown[0]!r}; there are {', '.join(infers)}")
        return {name: infers[name] for name in names} if names else infers
