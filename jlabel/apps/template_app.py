"""What the template apps have in common: where their models are kept."""

from __future__ import annotations

from jlabel.app import LabelApp
from jlabel.errors import TaskError
from jlabel.registry import ModelStore, PublishedModel


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
