"""A sequence that is read anew each time: as a tuple for whoever looks at it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar, overload

T = TypeVar("T")


class CurrentItems(Sequence[T]):
    """Items as they are at each look; equal to a tuple or list of the same items."""

    @abstractmethod
    def _items(self) -> tuple[T, ...]:
        """The items now."""

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[T, ...]: ...
    def __getitem__(self, index: int | slice) -> T | tuple[T, ...]:
        return self._items()[index]

    def __len__(self) -> int:
        return len(self._items())

    def __iter__(self) -> Iterator[T]:
        return iter(self._items())

    def __eq__(self, other: object) -> bool:
        if isinstance(other, CurrentItems):
            other = other._items()
        return self._items() == tuple(other) if isinstance(other, tuple | list) else NotImplemented

    __hash__: Any = None

    def __repr__(self) -> str:
        return repr(self._items())
