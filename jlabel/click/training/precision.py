"""Which numbers a click network computes with while it is trained and judged."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch


def computes_with_bfloat16(device: torch.device) -> bool:
    """Whether 16 bits are faster there: on newer GPUs, and on CPUs with instructions for it (AMX: five times)."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported())
    known: dict[str, Any] = getattr(torch.cpu, "get_capabilities", dict)()  # torch before 2.10 does not tell
    return device.type == "cpu" and bool(known.get("amx_bf16"))


def autocast(device: torch.device, mixed: bool) -> AbstractContextManager[Any]:
    """Computes with 16 bits where that is faster and wanted."""
    if mixed and computes_with_bfloat16(device):
        return torch.autocast(device.type, torch.bfloat16)
    return nullcontext()
