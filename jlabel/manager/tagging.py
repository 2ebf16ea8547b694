"""Tags of images: what a person or a model says an image as a whole shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from jlabel.datastores import ImageTag
from jlabel.datastores.image_tags import give_tag, image_tag
from jlabel.display.table import as_table
from jlabel.errors import LabelError
from jlabel.labels.classification import Classification
from jlabel.manager.manager_base import ManagerBase

TAG_COLUMNS = ("image", "tag", "class", "by", "time", "model", "version", "model's class", "probability")


class Tagging(ManagerBase):
    """The tags of images; see :class:`jlabel.AppManager`."""

    def classification(self, name: str) -> Classification:
        """The classification of that name.

        Raises:
            LabelError: The app has none.
        """
        found = next((one for one in self.app.tags if one.name == name), None)
        if found is None:
            known = ", ".join(one.name for one in self.app.tags) or "none"
            raise LabelError(f"there is no tag {name!r}; the app has {known}: LabelApp(..., tags={{name: [classes]}})")
        return found

    def tag_image(self, image_id: str, name: str, value: str | Iterable[str] | None) -> None:
        """Say what an image shows, in the place of what a person said before; what a model found stays beside it.

        Args:
            image_id: The image.
            name: The classification.
            value: The class, or a list of them where the classification is one of several; None takes back what was
                said.

        Raises:
            LabelError: There is no such classification or class, or an image has only one of it.
            DatastoreError: There is no such image, or it cannot be written.

        Examples:
            >>> manager = jlabel.AppManager(jlabel.LabelApp(studies, ["liver"], tags={"contrast": ["yes", "no"]}))
            >>> manager.tag_image("case_0", "contrast", "yes")
            >>> {name: tag.value for name, tag in manager.image_tags("case_0").items()}
            {'contrast': 'yes'}
            >>> manager.close()
        """
        known = self.classification(name)
        values = () if value is None else known.classes_named(value)
        give_tag(self.datastore, image_id, name, values if known.several else next(iter(values), None))

    def image_tags(self, image_id: str) -> dict[str, ImageTag]:
        """What an image shows, by a person or where nobody has said so by a model, by the classification's name.

        Raises:
            DatastoreError: There is no such image.
        """
        info = self.datastore.get_image_info(image_id)
        found = ((one.name, image_tag(info, one.name)) for one in self.app.tags)
        return {name: tag for name, tag in found if tag is not None}

    def tags_table(self, name: str | None = None) -> Any:
        """The tags of all images as a table: image, tag, class, who chose it and when, and what a model says.

        An image with several classes has a row for each.

        Args:
            name: Only of this classification; of all if not given.

        Returns:
            As for :meth:`images`.

        Raises:
            LabelError: There is no such classification.
        """
        wanted = self.app.tags if name is None else (self.classification(name),)
        return as_table(self._tag_rows(wanted), TAG_COLUMNS, "tags of images")

    def _tag_rows(self, wanted: tuple[Classification, ...]) -> Iterator[dict[str, Any]]:
        for one in wanted:
            by_models = self.datastore.tagged_images(one.name, by_model=True)
            for image_id, tag in self.datastore.tagged_images(one.name).items():
                found = by_models.get(image_id)
                for value in tag.values:
                    yield {
                        "image": image_id,
                        "tag": one.name,
                        "class": value,
                        "by": (tag.author or "a person") if tag.by_person else "model",
                        "time": tag.time,
                        "model": None if found is None else found.model,
                        "version": None if found is None else found.version,
                        "model's class": None if found is None else found.value,
                        "probability": None if found is None else found.probability,
                    }
