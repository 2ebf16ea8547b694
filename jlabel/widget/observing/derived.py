"""Traits that hold nothing themselves: each is read from the labeler, and set by asking the labeler."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, Self, TypeVar, overload

import traitlets

T = TypeVar("T")


class Derived(traitlets.TraitType, Generic[T]):  # type: ignore[misc]
    """A trait whose value is that of something else, which is asked each time.

    ``observe`` and ``link`` work as with any other trait, once its owner tells of changes.

    Args:
        read: Gives the value of the owner.
        write: Asks the owner for another value, and raises where it is refused; without it the trait cannot be set.
        instead: What to do in the place of setting it.
        help: What it is.
    """

    def __init__(
        self,
        read: Callable[[Any], T],
        write: Callable[[Any, T], object] | None = None,
        instead: str = "",
        help: str = "",
    ) -> None:
        super().__init__(help=help, allow_none=True)
        self._read, self._write, self._instead = read, write, instead

    @overload
    def __get__(self, obj: None, cls: type[Any]) -> Self: ...
    @overload
    def __get__(self, obj: object, cls: type[Any] | None = None) -> T: ...
    def __get__(self, obj: object | None, cls: type[Any] | None = None) -> Self | T:
        return self if obj is None else self._read(obj)

    def __set__(self, obj: Any, value: T) -> None:
        if self._write is None:
            raise AttributeError(f"{self.name} follows the labeler and cannot be set{self._instead}")
        self.set(obj, value)

    def get(self, obj: Any, cls: type[Any] | None = None) -> T:
        """The value now."""
        return self._read(obj)

    def set(self, obj: Any, value: T) -> None:
        """Ask for another value; what follows others stays as it is.

        Raises:
            JlabelError: It is refused; the value is the former one then, in the pages too.
        """
        if self._write is None or value == self._read(obj):
            return
        try:
            self._write(obj, value)
        except BaseException:
            obj.show_trait_again(self.name)
            raise
        obj.tell_changes()
