"""Files of a training that an author asks for by MONAI Label's keywords, beside jlabel's own versions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jlabel.files.atomic import atomic_write
from jlabel.training.train_context import Context


@dataclass(frozen=True)
class AuthorFiles:
    """Which files of weights and figures a training writes.

    Attributes:
        stats_path: A JSON file of what the training came to; None for none.
        train_save_interval: After how many epochs to write the weights as they are then; None for never.
        n_saved: How many of these are kept, the newest ones.
        final_filename: The file of the weights at the end, in the folder of the model; None for none.
        key_metric_filename: The file of the weights that did best in validation; None for none.
        model_dict_key: The key of the weights in these files.
    """

    stats_path: Path | None = None
    train_save_interval: int | None = None
    n_saved: int = 5
    final_filename: str | None = None
    key_metric_filename: str | None = None
    model_dict_key: str = "model"

    def savers(self, context: Context, folder: Path) -> tuple[Any, Any]:
        """MONAI's handlers for the trainer and for the evaluator; None where nothing is to be written."""
        from monai.handlers import CheckpointSaver

        kept = {self.model_dict_key: _UnderKey(self.model_dict_key, context.network)}
        trained = judged = None
        if self.train_save_interval or self.final_filename:
            trained = CheckpointSaver(
                save_dir=str(folder),
                save_dict=kept,
                save_final=self.final_filename is not None,
                final_filename=self.final_filename,
                save_interval=self.train_save_interval or 0,
                n_saved=self.n_saved,
            )
        if self.key_metric_filename:
            judged = CheckpointSaver(
                save_dir=str(folder),
                save_dict=kept,
                save_key_metric=True,
                key_metric_filename=self.key_metric_filename,
            )
        return trained, judged

    def write_stats(self, summary: Mapping[str, Any]) -> None:
        """Write what the training came to."""
        if self.stats_path is not None:
            self.stats_path.parent.mkdir(parents=True, exist_ok=True)
            content = json.dumps(dict(summary), indent=2, default=str).encode()
            atomic_write(self.stats_path, lambda out: out.write(content))


class _UnderKey:
    """Gives a network's weights under a key, which Ignite leaves out where it saves a single network."""

    def __init__(self, key: str, network: Any) -> None:
        self._key = key
        self._network = network

    def state_dict(self) -> dict[str, Any]:
        return {self._key: self._network.state_dict()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        self._network.load_state_dict(state[self._key])
