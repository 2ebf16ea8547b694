"""A label that comes for the open image while nobody has touched it: a first mask, or one saved from Python."""

from __future__ import annotations

from jlabel.annotation.provenance import models_of
from jlabel.datastores import FINAL
from jlabel.errors import ImageError, LabelError
from jlabel.imaging import changed_region
from jlabel.labeler.context import LabelerContext
from jlabel.labeler.draft_opening import first_mask_of
from jlabel.labeler.feature import Feature
from jlabel.labeler.features.navigation import Navigation
from jlabel.labeler.features.prompting import PromptController
from jlabel.labeler.open_image import OpenImage
from jlabel.labeler.protocol.encoding import mask_parts


class NewLabel(Feature):
    """Puts it into the draft as what it is: the label that was saved, and no change of the person's.

    Args:
        context: The labeler.
        navigation: No other image is opened meanwhile.
        prompting: Says which models made the draft.
    """

    def __init__(self, context: LabelerContext, navigation: Navigation, prompting: PromptController) -> None:
        super().__init__(context)
        self._navigation = navigation
        self._prompting = prompting
        self._seen: tuple[int, str, int] | None = None

    def on_studies_changed(self) -> None:
        """Look whether the open image has a label now, where it is one that begins without a person's."""
        with self._navigation.moving:
            opened = self.context.open_image
            if opened is not None and _untouched(opened):
                self._show_label(opened)

    def _show_label(self, opened: OpenImage) -> None:
        context, datastore = self.context, self.context.manager.datastore
        tag = datastore.preferred_tag(opened.image_id, context.tag)
        current = datastore.current_version(opened.image_id, tag) if tag is not None else None
        if (
            tag is None
            or current is None
            or not opened.may_show(tag)
            or (opened.epoch, tag, current.number) == self._seen
        ):
            return
        self._seen = (opened.epoch, tag, current.number)
        mine = current if tag == context.tag else datastore.current_version(opened.image_id, context.tag)
        draft = opened.draft
        try:
            mask = context.manager.label(opened.image_id, tag)
        except (LabelError, ImageError):
            return  # opening the image anew says what is wrong with it
        with context.lock:
            fits = draft.takes(int(mask.max(initial=0)))
        changed = changed_region(draft.mask, mask)
        if changed is None or not fits:
            return
        parts = list(mask_parts(mask.astype(draft.mask.dtype, copy=False), changed))
        made_by = models_of(current.info)
        by = f" by {', '.join(made_by)}" if made_by else ""
        elsewhere = "This image was labelled elsewhere; its label is shown"
        said = elsewhere if tag in (context.tag, FINAL) else f"This image has a first mask now{by}"
        with context.lock:
            if context.open_image is not opened or not _untouched(opened):
                return
            opened.made_by, opened.version = made_by, mine.number if mine is not None else None
            opened.first_mask = first_mask_of(tag, made_by)
            draft.begin_with(mask, changed)
            context.pages.show_parts(opened, parts)
            context.draft_changed()
            self._prompting.publish_state()
            context.notify(said)


def _untouched(opened: OpenImage) -> bool:
    """Whether nobody has labelled the image, here or before it was opened."""
    return opened.draft.untouched and opened.version is None and opened.unshown is None
