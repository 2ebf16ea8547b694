"""``python -m jlabel.click.pretraining``: train the networks that jlabel ships."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import torch

from jlabel.click.network import DESIGNS
from jlabel.click.pretraining.checkpoint import Settings, begin, export
from jlabel.click.pretraining.loop import run
from jlabel.click.pretraining.real_pictures import Pictures, collect

_BATCH = {("cpu", 2): 8, ("cpu", 3): 2, ("cuda", 2): 96, ("cuda", 3): 24}


def main(arguments: list[str] | None = None) -> int:
    """Train one network; a training that was broken off goes on from its checkpoint."""
    parser = argparse.ArgumentParser(prog="python -m jlabel.click.pretraining", description=__doc__)
    parser.add_argument("dimension", type=int, choices=(2, 3))
    parser.add_argument("--folder", type=Path, default=Path("click-model"))
    parser.add_argument("--seconds", type=float, default=8 * 3600.0)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--batch", type=int, default=0)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--pictures", type=Path, default=None)
    parser.add_argument("--report-every", type=float, default=60.0)
    parser.add_argument("--compiled", action="store_true")
    parser.add_argument("--channels-last", action="store_true")
    parser.add_argument("--export", type=Path, default=None, help="where to write the weights in the form that ships")
    chosen = parser.parse_args(arguments)
    chosen.folder.mkdir(parents=True, exist_ok=True)
    device = str(chosen.device)
    settings = Settings(
        design=DESIGNS[chosen.dimension],
        seconds=chosen.seconds,
        batch=chosen.batch or _BATCH[device.split(":")[0], chosen.dimension],
        rate=chosen.rate,
        device=device,
        report_every=chosen.report_every,
        compiled=chosen.compiled,
        channels_last=chosen.channels_last,
    )
    pictures = None
    if chosen.dimension == 2:
        file = chosen.pictures or chosen.folder / "pictures.npz"
        if not file.is_file():
            collect(file)
        pictures = Pictures(file, device)
    checkpoint = chosen.folder / f"click_{chosen.dimension}d.pt"
    state = begin(settings, checkpoint)
    run(settings, state, checkpoint, pictures, _tell)
    if chosen.export is not None:
        _tell({"exported": str(chosen.export), "sha256": export(state, chosen.export)})
    return 0


def _tell(news: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(news) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
