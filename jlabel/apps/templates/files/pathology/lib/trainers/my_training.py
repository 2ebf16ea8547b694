"""The training that tells objects apart, with your own options."""

from typing import Any

import jlabel
import torch


class MyTraining(jlabel.SegmentationTrainTask):
    """``manager.train("segmentation", max_seconds=600)`` begins it. Override what you want otherwise."""

    def __init__(self, **options: Any) -> None:
        super().__init__(config={"train_batch_size": 4, "early_stop_patience": 60}, **options)

    def optimizer(self, context: jlabel.Context) -> torch.optim.Optimizer:
        """``context.network`` is the network, on its device."""
        rate = float(context.request["learning_rate"])
        return torch.optim.AdamW(context.network.parameters(), lr=rate, weight_decay=1e-3)
