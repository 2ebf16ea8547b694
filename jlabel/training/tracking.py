"""A training's figures in TensorBoard or MLflow, through MONAI's own handlers."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from jlabel.errors import TaskError

if TYPE_CHECKING:
    from jlabel.training.train_context import Context

TRACKERS = ("tensorboard", "mlflow")
"""Programs that a training can be followed in."""


def check_tracking(tracking: object) -> None:
    """Look whether figures can be kept for that program.

    Args:
        tracking: One of :data:`TRACKERS`, or None for none.

    Raises:
        TaskError: There is no such program, or its package is not installed.
    """
    if tracking is None:
        return
    if tracking not in TRACKERS:
        raise TaskError(f"tracking is 'tensorboard', 'mlflow' or None, not {tracking!r}")
    if importlib.util.find_spec(str(tracking)) is None:
        raise TaskError(f"tracking={tracking!r} needs a package that is missing: pip install 'jlabel[{tracking}]'")


def make_tracker(context: Context, row: Callable[[], Mapping[str, float | None]]) -> Any:
    """MONAI's handler for the program that was asked for; None where none was.

    TensorBoard's files are in ``tensorboard`` in the run's folder. MLflow's run is where ``MLFLOW_TRACKING_URI`` says,
    else in ``mlflow.db`` in the run's folder.

    Args:
        context: The training.
        row: Gives what the last epoch came to, name to number.
    """
    tracking = context.request["tracking"]
    check_tracking(tracking)
    if tracking == "tensorboard":
        return _tensorboard(context, row)
    return _mlflow(context, row) if tracking == "mlflow" else None


class _Closing:
    """Closes MONAI's handler behind the last epoch."""

    def __init__(self, handler: Any) -> None:
        self._handler = handler

    def attach(self, engine: Any) -> None:
        from ignite.engine import Events

        self._handler.attach(engine)
        engine.add_event_handler(Events.COMPLETED, lambda _: self._handler.close())


def _tensorboard(context: Context, row: Callable[[], Mapping[str, float | None]]) -> Any:
    from monai.handlers import TensorBoardStatsHandler

    def write_loss(engine: Any, writer: Any) -> None:
        output = engine.state.output
        first = output[0] if isinstance(output, list) else output
        writer.add_scalar("iteration_loss", float(first["loss"].detach()), engine.state.iteration)

    def write_row(engine: Any, writer: Any) -> None:
        for name, value in _known(row()).items():
            writer.add_scalar(name, value, engine.state.epoch)
        writer.flush()  # so that a training that is stopped loses none

    handler = TensorBoardStatsHandler(
        log_dir=str(context.run.folder / "tensorboard"),
        epoch_event_writer=write_row,
        iteration_event_writer=write_loss,
    )
    return _Closing(handler)


def _mlflow(context: Context, row: Callable[[], Mapping[str, float | None]]) -> Any:
    from monai.handlers import MLFlowHandler

    def log(engine: Any) -> None:
        for name, value in _known(row()).items():
            handler.client.log_metric(handler.cur_run.info.run_id, name, value, step=engine.state.epoch)

    folder = context.run.folder
    # No figures of iterations: each would be a call to a server.
    handler = MLFlowHandler(
        tracking_uri=context.request.get("tracking_uri")
        or os.environ.get("MLFLOW_TRACKING_URI")
        or f"sqlite:///{folder / 'mlflow.db'}",
        experiment_name=context.request.get("tracking_experiment_name") or context.name,
        run_name=folder.name,
        experiment_param=dict(context.request),
        iteration_log=False,
        epoch_logger=log,
        close_on_complete=True,
    )
    return handler


def _known(row: Mapping[str, float | None]) -> dict[str, float]:
    return {name: value for name, value in row.items() if value is not None}
