"""What the engines take their batches from."""

from __future__ import annotations

from monai.data import DataLoader, ThreadDataLoader
from torch.utils.data import Sampler

from jlabel.training.datasets import ReadableItems
from jlabel.training.sampling import make_sampler
from jlabel.training.train_context import Context


def train_loader(context: Context, num_workers: int = 0, shuffle: bool = True) -> DataLoader:
    """The batches of an epoch, from the training images of this process.

    Args:
        context: The training, with what it learns from.
        num_workers: How many processes prepare images; what the options say if 0.
        shuffle: If False, the images come in order.
    """
    data, world = context.train_data
    wanted = context.request["samples_per_epoch"]
    count = None if wanted is None else int(wanted)
    sampler = make_sampler(data, count, context.seed, world) if shuffle else None
    return loader(context, data, context.train_batch_size, sampler, num_workers)


def loader(
    context: Context, data: ReadableItems, batch_size: int, sampler: Sampler[int] | None, num_workers: int = 0
) -> DataLoader:
    """Batches of some data, on a GPU made while the network works on the one before."""
    # On a CPU that would only take the network's cores.
    kind = ThreadDataLoader if context.device.type == "cuda" else DataLoader
    workers = num_workers or int(context.request["num_workers"])
    return kind(data, batch_size=batch_size, sampler=sampler, num_workers=workers)
