"""How many cores, and how much memory there is where a container or a control group has a limit."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from jlabel import resources
from jlabel.manager.cache_size import default_cache_bytes

MANY = 64


@pytest.fixture
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A made root of a file system, of a machine of many cores."""
    monkeypatch.setattr(resources, "_SYSTEM", tmp_path)
    monkeypatch.setattr(resources, "usable_cores", lambda: MANY)
    return tmp_path


def write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


@pytest.mark.parametrize(
    ("group", "files", "expected"),
    [
        ("0::/", {"cpu.max": "200000 100000\n"}, 2),
        ("0::/", {"cpu.max": "max 100000\n"}, MANY),
        ("0::/", {"cpu.max": "50000 100000\n"}, 1),
        ("0::/", {"cpu.max": "350000 100000\n"}, 3),
        ("0::/a/b", {"a/b/cpu.max": "max 100000\n", "a/cpu.max": "400000 100000\n"}, 4),
        ("0::/a/b", {"a/b/cpu.max": "300000 100000\n", "a/cpu.max": "400000 100000\n"}, 3),
        ("4:cpu,cpuacct:/a", {"cpu/a/cpu.cfs_quota_us": "150000\n", "cpu/a/cpu.cfs_period_us": "50000\n"}, 3),
        ("4:cpu:/elsewhere", {"cpu/cpu.cfs_quota_us": "200000\n", "cpu/cpu.cfs_period_us": "100000\n"}, 2),
        ("4:cpu:/", {"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"}, MANY),
        ("4:cpu:/", {"cpu/cpu.cfs_quota_us": "100000\n", "cpu/cpu.cfs_period_us": "0\n"}, MANY),
        ("0::/../../up", {"cpu.max": "200000 100000\n"}, 2),
        ("not such a line", {"cpu.max": "much of it\n"}, MANY),
    ],
)
def test_a_limit_counts_wherever_it_is_set(system: Path, group: str, files: dict[str, str], expected: int) -> None:
    write(system / "proc/self/cgroup", f"9:memory:/\n{group}\n")
    for name, text in files.items():
        write(system / "sys/fs/cgroup" / name, text)
    assert resources.available_cores() == expected


def test_without_control_groups_all_cores_count(system: Path) -> None:
    assert resources.available_cores() == MANY


def test_there_are_no_more_cores_than_the_process_may_run_on(system: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources, "usable_cores", lambda: 2)
    write(system / "sys/fs/cgroup/cpu.max", "400000 100000")
    assert resources.available_cores() == 2


@pytest.mark.parametrize(
    ("group", "files", "expected"),
    [
        ("0::/", {"memory.max": "1000000\n"}, 1_000_000),
        ("0::/a/b", {"a/b/memory.max": "max\n", "a/memory.max": "2000000\n"}, 2_000_000),
        ("4:memory:/a", {"memory/a/memory.limit_in_bytes": "3000000\n"}, 3_000_000),
        ("4:memory:/elsewhere", {"memory/memory.limit_in_bytes": "3000000\n"}, 3_000_000),
        ("4:memory:/", {"memory/memory.limit_in_bytes": "9223372036854771712\n"}, None),
        ("0::/", {"memory.max": "max\n"}, None),
        ("0::/", {"memory.max": "much\n"}, None),
    ],
)
def test_memory_is_that_of_the_container(system: Path, group: str, files: dict[str, str], expected: int | None) -> None:
    write(system / "proc/self/cgroup", f"1:cpu:/b\n{group}\n")
    for name, text in files.items():
        write(system / "sys/fs/cgroup" / name, text)
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    assert resources.available_memory() == (machine if expected is None else expected)
    assert default_cache_bytes() == (machine if expected is None else expected) // 4


HEED = """
import os, sys
from jlabel import resources
resources.available_cores = lambda: 1
resources.usable_cores = lambda: {usable}
{before}
resources.heed_core_limit()
import torch
print(torch.get_num_threads())
"""


@pytest.mark.parametrize(
    ("before", "usable", "environment", "expected"),
    [
        ("", 8, {}, 1),
        ("import torch; torch.set_num_threads(8)", 8, {}, 1),
        ("import torch; torch.set_num_threads(5)", 1, {}, 5),
        ("import torch; torch.set_num_threads(5)", 8, {"OMP_NUM_THREADS": "2"}, 5),
    ],
)
def test_torch_has_no_more_threads_than_the_limit_allows(
    before: str, usable: int, environment: dict[str, str], expected: int
) -> None:
    others = {name: value for name, value in os.environ.items() if name != "OMP_NUM_THREADS"}
    code = HEED.format(before=before, usable=usable)
    told = subprocess.check_output([sys.executable, "-c", code], text=True, env={**others, **environment})
    assert int(told) == expected
