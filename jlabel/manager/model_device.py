"""Which device a model runs on."""

from __future__ import annotations

from jlabel.errors import TaskError


def choose_device(device: str = "auto") -> str:
    """The device's name for torch: with ``"auto"``, the first GPU where there is one, else the CPU.

    Raises:
        TaskError: The device was asked for by name and is not there.
    """
    if device == "cpu":
        return device
    import torch

    if device == "auto":
        return "cuda:0" if torch.cuda.is_available() else "cpu"
    try:
        wanted = torch.device(device)
    except RuntimeError as error:
        raise TaskError(f"unknown device {device!r}; use 'auto', 'cpu', 'cuda' or 'cuda:1'") from error
    if wanted.type == "cuda":
        count = torch.cuda.device_count() if torch.cuda.is_available() else 0
        index = wanted.index or 0
        if index >= count:
            raise TaskError(f"device {device!r} was asked for, and this machine has {count} GPUs; use device='auto'")
        return f"cuda:{index}"
    return str(wanted)
