"""Benchmarks: each prints JSON lines, with the floor that was measured in the same run."""
