"""What the results were taken on and of."""

import os
import platform
import subprocess
from pathlib import Path


def describe() -> dict:
    model = "unknown"
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.split(": ", 1)[1]
            break
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2**20
    return {"cpu": model, "cpus": len(os.sched_getaffinity(0)), "kernel": platform.release(), "memory_MiB": memory}


def commit(root: Path) -> str:
    """With '+changes' behind it if the tree differs from it; 'unknown' outside of a repository."""
    git = ["git", "-C", str(root)]
    try:
        head = subprocess.run([*git, "rev-parse", "HEAD"], capture_output=True, text=True, check=True).stdout.strip()
        changed = subprocess.run([*git, "status", "--porcelain", "-uno"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return head + ("+changes" if changed.stdout.strip() else "")
