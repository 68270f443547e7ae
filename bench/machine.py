"""The machine and the versions that a measurement was made on."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path


def described() -> str:
    """Processor, cores, memory, load, system and Python, in a sentence."""
    cpu, memory = platform.processor() or platform.machine(), ""
    if Path("/proc/cpuinfo").exists():
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        cpu = next((x.split(":")[1].strip() for x in lines if x.startswith("model name")), cpu)
        total = Path("/proc/meminfo").read_text().split()[1]
        memory = f", {int(total) / 2**20:.0f} GiB"
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "not known"
    return (
        f"{cpu}, {os.cpu_count()} cores{memory}; load at the end {load};"
        f" {platform.system()}, Python {platform.python_version()}"
    )


def versions(names: Iterable[str]) -> str:
    """The versions of the libraries that are installed."""
    found = []
    for name in sorted(set(names)):
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            continue
    return ", ".join(found)
