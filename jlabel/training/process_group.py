"""The processes that train one network together: torch's process group, and what they agree on beside gradients."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import torch
from torch.nn.parallel import DistributedDataParallel

from jlabel.errors import TaskError
from jlabel.tasks.train import TrainRun

if TYPE_CHECKING:
    from torch.distributed import ProcessGroup

_LONG = timedelta(days=30)
_POLL = 0.05
_LOOPBACK = "lo0" if sys.platform == "darwin" else "lo"


class World:
    """The processes of one training, its world in torch's words; with a size of 1 there is nobody to agree with.

    An error ends the process that meets it, and with it the job. Whatever else ends a training, an epoch or an
    iteration is decided by rank 0 and heard by all at the same iteration, so that none waits for another in vain.

    Args:
        rank: Of this process.
        size: How many there are.
        seconds: For how many seconds they wait for each other's gradients.
        group: Where small things on the CPU are agreed on; None where ``size`` is 1.

    Attributes:
        rank: As given.
        size: As given.
        seconds: As given.
    """

    def __init__(self, rank: int = 0, size: int = 1, seconds: float = 0.0, group: ProcessGroup | None = None) -> None:
        self.rank = rank
        self.size = size
        self.seconds = seconds
        self._group = group

    def broadcast(self, value: float) -> float:
        """The value of rank 0; waits for it as long as it takes, such as through a validation."""
        if self.size == 1:
            return value
        said = torch.tensor([value], dtype=torch.float64)
        torch.distributed.broadcast(said, src=0, group=self._group)
        return float(said[0])

    def all_reduce(self, *values: float) -> list[float]:
        """The sum of each value over all processes."""
        if self.size == 1:
            return list(values)
        sums = torch.tensor(values, dtype=torch.float64)
        torch.distributed.all_reduce(sums, group=self._group)
        return [float(value) for value in sums]

    def wrap(self, network: torch.nn.Module, find_unused_parameters: bool = False) -> torch.nn.Module:
        """The network with gradients averaged over the processes; all begin with the weights of rank 0.

        Args:
            network: On this process's device.
            find_unused_parameters: Whether an iteration may leave some parameters without a gradient.
        """
        if self.size == 1:
            return network
        self.all_reduce(0.0)  # all are ready, however long it took them; from here on they wait for so many seconds
        device = next(network.parameters()).device
        where = None if device.type == "cpu" else [device]
        return DistributedDataParallel(network, device_ids=where, find_unused_parameters=find_unused_parameters)

    def explain(self, error: BaseException) -> None:
        """Put it in words where another process did not answer in time.

        Raises:
            TaskError: That is so.
        """
        text = str(error).lower()
        if self.size > 1 and isinstance(error, RuntimeError) and ("timed out" in text or "timeout" in text):
            raise TaskError(
                f"one of the {self.size} processes of this training did not answer for {self.seconds:g} s (seen by "
                f"rank {self.rank}): use one device, or a larger peer_timeout if reading an image takes that long"
            ) from error


@contextmanager
def joined(run: TrainRun, seconds: float) -> Iterator[World]:
    """The processes of the run, met; alone where it has one device.

    Gradients go through NCCL on GPUs and Gloo on the CPU; all else through Gloo. Nothing leaves the machine: the
    processes meet through a file of the job and talk over the loopback interface.

    Args:
        run: Of this process.
        seconds: For how many seconds they wait for each other, where it is not for a decision of rank 0.
    """
    size = len(run.devices)
    if size == 1:
        yield World()
        return
    for variable in ("GLOO_SOCKET_IFNAME", "NCCL_SOCKET_IFNAME"):
        os.environ.setdefault(variable, _LOOPBACK)
    distributed = torch.distributed
    backend = "gloo"
    if run.device.startswith("cuda"):
        torch.cuda.set_device(torch.device(run.device))
        backend = "nccl" if distributed.is_nccl_available() else "gloo"
    store = distributed.FileStore(str(run.meeting), size)  # type: ignore[attr-defined]
    _wait_for_all(store, run)
    timeout = timedelta(seconds=seconds)
    distributed.init_process_group(backend, store=store, rank=run.rank, world_size=size, timeout=timeout)
    _judge_alone()
    yield World(run.rank, size, seconds, distributed.new_group(backend="gloo", timeout=_LONG))
    # Not after an error: it would look to the others as if this process were the one that is gone.
    distributed.destroy_process_group()


def _wait_for_all(store: Any, run: TrainRun) -> None:
    # A process takes seconds to import what it needs; until all are there, the job can still be cancelled.
    store.add("met", 1)
    while store.add("met", 0) < len(run.devices):
        run.check_cancelled()
        time.sleep(_POLL)


def _judge_alone() -> None:
    """Let Ignite's and MONAI's metrics think that there is one process: rank 0 alone judges, with all of the images.

    Otherwise they gather what they have found from all processes, and would wait for those for ever.
    """
    from ignite.distributed import utils
    from ignite.distributed.comp_models import _SerialModel

    state: Any = utils
    state._set_model(_SerialModel())
    state._need_to_sync = False
