"""Background work beside the person: a job is a folder, run by a process of its own that outlives the kernel."""

from jlabel.jobs.job import Job
from jlabel.jobs.jobs import Jobs
from jlabel.jobs.run import JobRun

__all__ = ["Job", "JobRun", "Jobs"]
