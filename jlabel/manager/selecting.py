"""Which image to label next."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from jlabel.display.table import Listing, as_table
from jlabel.errors import DatastoreError, JlabelError, TaskError
from jlabel.manager import selection_tables
from jlabel.manager.drawing import candidates, images_out, with_excluded
from jlabel.manager.leasing import Leasing
from jlabel.selection import ClaSP, PowerNoise, ScoreStrategy
from jlabel.tasks.strategy import Choice, Strategy


@contextmanager
def _failures_of(name: str) -> Iterator[None]:
    try:
        yield
    except DatastoreError as error:
        raise TaskError(f"strategy {name!r} failed: {error}") from error
    except JlabelError:
        raise
    except Exception as error:
        raise TaskError(f"strategy {name!r} failed: {type(error).__name__}: {error}") from error


class Selecting(Leasing):
    """The next image to label; see :class:`jlabel.AppManager`."""

    def next_image(self, strategy: str = "random", **params: Any) -> str | None:
        """The id of the image to label next, or None when all are labelled.

        In a team nobody else is given it for ten minutes, see :meth:`lease`; the one that this manager was given before
        is given back. Labels that were sent back to the person come first, then images that several people read. Images
        that are out to be annotated in CVAT are not given.
        Before it says None, the studies are looked through for images that have come since.

        Args:
            strategy: The strategy, by its name in the app, or ``"review"``: the label that has waited longest for a
                verdict, of others where there is one.
            params: Given to the strategy.

        Raises:
            DatastoreError: No such strategy.
            TaskError: The strategy failed, or its answer is not the id of an image that may be chosen.
        """
        choice = self.choose_next(strategy, **params)
        if self._given is not None and (choice is None or choice.image_id != self._given):
            self.release(self._given)
        self._given = None if choice is None else choice.image_id
        return self._given

    def choose_next(self, strategy: str = "random", **params: Any) -> Choice | None:
        """As :meth:`next_image`, with the reason for the choice; the one that was given before is not given back.

        Raises:
            DatastoreError: No such strategy.
            TaskError: As for :meth:`next_image`.
        """
        lost: list[str] = []
        for choice, purpose in candidates(self.datastore, strategy, params, lost, self._passed, self._choose_one):
            with _failures_of(strategy):
                lease = self.lease(choice.image_id, purpose)
            if lease is not None:
                return choice
            lost.append(choice.image_id)
        return None

    def expected_next(self, strategy: str = "random", **params: Any) -> str | None:
        """The image that :meth:`choose_next` would give now; nobody is given it.

        Raises:
            DatastoreError: No such strategy.
            TaskError: As for :meth:`next_image`.
        """
        free = with_excluded(params, self.datastore.leases.of_others(self.who))
        found = candidates(self.datastore, strategy, free, [], self._passed, self._choose_one)
        return next((choice.image_id for choice, _ in found), None)

    def next_images(self, strategy: str = "random", k: int = 10, **params: Any) -> Listing[Choice]:
        """The images to label next, each with its reason; a notebook shows them as a table.

        They are fewer where fewer wait. Strategies that go by scores or features give images that are not alike: no two
        of one patient while another waits, and no neighbouring slices.

        Args:
            strategy: The strategy, by its name in the app.
            k: How many at most.
            params: Given to the strategy.

        Raises:
            DatastoreError: No such strategy.
            TaskError: ``k`` is no number of images, or as for :meth:`next_image`.

        Examples:
            >>> manager = jlabel.AppManager(jlabel.RadiologyApp(studies, ["liver"]), device="cpu")
            >>> [choice.image_id for choice in manager.next_images("first", k=2)]
            ['case_0', 'case_1']
            >>> manager.close()
        """
        if isinstance(k, bool) or not isinstance(k, int) or k < 1:
            raise TaskError(f"k is how many images to choose, 1 or more, not {k!r:.80}")
        others = [*self.datastore.leases.of_others(self.who), *images_out(self.datastore)]
        choices = self._choices(strategy, k, with_excluded(params, others))
        return Listing(choices, f"Chosen by {strategy}", selection_tables.choice_row, selection_tables.CHOICE_COLUMNS)

    def selection(self, strategy_or_method: str) -> Any:
        """What the images look like to a strategy or a scoring method: image, score, version, reason, state.

        The highest score comes first; images without one come last. Of a strategy that goes by no scores it is the
        order in which it would choose.

        Args:
            strategy_or_method: A strategy or a scoring method, by its name in the app.

        Returns:
            A pandas DataFrame; without pandas a list of dicts, which a notebook shows as a table.

        Raises:
            DatastoreError: No such strategy or scoring method.
            TaskError: The strategy failed.

        Examples:
            >>> manager = jlabel.AppManager(jlabel.RadiologyApp(studies, ["liver"]), device="cpu")
            >>> manager.datastore.scores.save([jlabel.Score("case_1", "entropy", 0.6, "segmentation", 3)])
            >>> table = manager.selection("entropy")
            >>> list(table["image"]), list(table["version"])[0]
            (['case_1', 'case_0', 'case_2'], 3)
            >>> manager.close()
        """
        name, strategy = strategy_or_method, self.app.strategies.get(strategy_or_method)
        if strategy is None and name not in self.app.scoring_methods:
            known = ", ".join(dict.fromkeys([*self.app.strategies, *self.app.scoring_methods]))
            raise DatastoreError(f"no strategy or scoring method {name!r}; the app has {known or 'none'}")
        by_scores = strategy if isinstance(strategy, ScoreStrategy | PowerNoise | ClaSP) else None
        if strategy is None or by_scores is not None:
            rows = selection_tables.score_rows(self.datastore, name, by_scores)
        else:
            order = self._choices(name, max(1, self.datastore.count_unlabeled()), {})
            rows = selection_tables.choice_rows(self.datastore, order)
        return as_table(rows, selection_tables.SELECTION_COLUMNS, f"Selection by {name}")

    def skip(self, image_id: str) -> None:
        """Put an image last: strategies choose it only after all other images are labelled. It is given back."""
        self.datastore.update_image_info(image_id, {"skipped": datetime.now(UTC).isoformat(timespec="seconds")})
        self._passed.add(image_id)
        self.release(image_id)

    def _choose_one(self, name: str, params: dict[str, Any]) -> Choice | None:
        # Whoever takes an image finds out whether it is there.
        return next(iter(self._choices(name, 1, params, taken=self.datastore.leases.kept)), None)

    def _choices(self, name: str, count: int, params: dict[str, Any], *, taken: bool = False) -> list[Choice]:
        strategy = self._strategy(name)
        found = self._chosen(name, strategy, count, params, taken)
        if not found:
            self.datastore.refresh()
            found = self._chosen(name, strategy, count, params, taken)
        return found

    def _chosen(self, name: str, strategy: Strategy, count: int, params: dict[str, Any], taken: bool) -> list[Choice]:
        with _failures_of(name):
            choices = strategy.choose(params, self.datastore, count)
            for choice in choices:
                if not isinstance(choice, Choice):
                    raise TaskError(f"strategy {name!r} chose {choice!r:.100}: choose() must give Choice objects")
                if not taken:
                    self.datastore.get_image_info(choice.image_id)
        return choices

    def _strategy(self, name: str) -> Strategy:
        strategy = self.app.strategies.get(name)
        if strategy is None:
            raise DatastoreError(f"no strategy {name!r}; the app has {', '.join(self.app.strategies) or 'none'}")
        return strategy
