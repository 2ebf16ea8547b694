"""Work that goes on beside the person's: threads, tasks with progress, jobs that are followed."""
