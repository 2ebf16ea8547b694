"""Which image "next" opens, and why: what the strategy chooses, or whatever has taken its place."""

from __future__ import annotations

from typing import Protocol

from jlabel.labeler.context import LabelerContext
from jlabel.manager.drawing import images_out
from jlabel.tasks.strategy import Choice


class Chooser(Protocol):
    """What chooses the next image."""

    def choose(self, exclude: tuple[str, ...]) -> Choice | None:
        """The next image, but for these; None where there is none. Called on a thread of its own."""

    def expect(self, exclude: tuple[str, ...]) -> str | None:
        """What would be next, but for these; nobody is given it. None where nothing is."""

    def nothing_left(self) -> str:
        """What is to be said where there is none."""


class StrategyChooser:
    """Chooses by the strategy that the person has chosen.

    Args:
        context: The labeler.
    """

    def __init__(self, context: LabelerContext) -> None:
        self.context = context
        self._expected: tuple[str, str] | None = None

    def choose(self, exclude: tuple[str, ...]) -> Choice | None:
        """What the strategy gives; where chance decides, what was expected if that is still free."""
        name, expected = self.context.strategy, self._expected
        params = {"prefer": expected[1]} if expected is not None and expected[0] == name else {}
        return self.context.manager.choose_next(name, exclude=exclude, **params)

    def expect(self, exclude: tuple[str, ...]) -> str | None:
        """What it would give now; nobody is given it.

        Raises:
            JlabelError: The strategy fails.
        """
        name = self.context.strategy
        found = self.context.manager.expected_next(name, exclude=exclude)
        strategy = self.context.manager.app.strategies.get(name)
        by_chance = strategy is not None and strategy.by_chance
        self._expected = (name, found) if found is not None and by_chance else None
        return found

    def nothing_left(self) -> str:
        """What is to be said where there is no image to choose; counts the images anew."""
        self.context.recount_images()
        images, labelled = self.context.images, self.context.labelled
        others = len(self.context.manager.datastore.leases.of_others(self.context.manager.who))
        if images > 0:
            if labelled >= images:
                return _all_labelled(images)
            datastore = self.context.manager.datastore
            out = images_out(datastore)
            sent = len(set(out).difference(datastore.get_labeled_images())) if out else 0
            working = f"Others work on {others:,} of them" if others else ""
            away = f"{_counted(sent, 'is', 'are')} out to be annotated" if sent else ""
            return ". ".join(filter(None, [self._left_over(images - labelled), working, away]))
        return ". ".join(["There are no images in the studies folder", *self.context.manager.datastore.notes()])

    def _left_over(self, unlabelled: int) -> str:
        """What is to be said of images that no strategy gives."""
        status = self.context.manager.datastore.status()
        unreadable, unshown = int(status.get("unreadable", 0)), int(status.get("unshown", 0))
        begin = "No further image without a label" if unlabelled > unreadable + unshown else "All others are labelled"
        parts = [
            _counted(unreadable, "image cannot be read", "images cannot be read"),
            _counted(unshown, "label cannot be shown", "labels cannot be shown"),
        ]
        found = " and ".join(part for part in parts if part)
        return f"{begin}: {found}. The list of images has them under “Cannot be read”" if found else begin


def _counted(number: int, one: str, several: str) -> str:
    return "" if number == 0 else f"1 {one}" if number == 1 else f"{number:,} {several}"


def _all_labelled(images: int) -> str:
    return "The one image is labelled" if images == 1 else f"All {images:,} images are labelled"
