"""Tables of rows: a pandas DataFrame where pandas is installed, and lists that a notebook shows as tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any, TypeVar

from jlabel.display.html import table_html

T = TypeVar("T")
Row = Mapping[str, Any]


class Listing(list[T]):
    """A list that a notebook shows as a table, with a row for each item.

    Args:
        items: The items.
        caption: What they are.
        row: The row of an item, by the names of the columns; called when the table is shown.
        columns: The columns, for a list that is empty.
    """

    def __init__(self, items: Iterable[T], caption: str, row: Callable[[T], Row], columns: Sequence[str] = ()) -> None:
        super().__init__(items)
        self._caption, self._row, self._columns = caption, row, tuple(columns)

    def _repr_html_(self) -> str:
        rows = [self._row(item) for item in self]
        columns = list(dict.fromkeys([*self._columns, *(name for row in rows for name in row)]))
        return table_html(self._caption, columns, [[row.get(name) for name in columns] for row in rows])


class Table(list[dict[str, Any]]):
    """Rows by the names of their columns, for where pandas is not installed.

    Args:
        rows: The rows.
        columns: The names of the columns, in order.
        caption: What the rows are.
    """

    def __init__(self, rows: Iterable[dict[str, Any]], columns: Sequence[str], caption: str) -> None:
        super().__init__(rows)
        self.columns = tuple(columns)
        self._caption = caption

    def __repr__(self) -> str:
        return (
            f"Table: {self._caption}, {len(self)} rows ({', '.join(self.columns)}); pip install pandas for a DataFrame"
        )

    def _repr_html_(self) -> str:
        return table_html(self._caption, self.columns, [[row.get(name) for name in self.columns] for row in self])


def as_table(rows: Iterable[dict[str, Any]], columns: Sequence[str], caption: str) -> Any:
    """The rows as a pandas DataFrame; as a :class:`Table`, a list of dicts, where pandas is not installed."""
    if find_spec("pandas") is None:
        return Table(rows, columns, caption)
    # Only now: it takes half a second.
    pandas: Any = import_module("pandas")
    return pandas.DataFrame(list(rows), columns=list(columns))
