"""Jobs on a Dask cluster: a job stays a folder, which workers reach too."""

from jlabel.jobs.dask.runner import DaskRunner

__all__ = ["DaskRunner"]
