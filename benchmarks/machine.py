"""The machine and the versions that a measurement belongs to."""

from __future__ import annotations

import os
import platform
import re
import tempfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

__all__ = ["machine"]

PACKAGES = (
    "kept", "keras", "tensorflow", "jax", "torch", "numpy", "h5py", "isal", "safetensors", "orbax-checkpoint",
)  # fmt: skip


def machine() -> dict[str, str]:
    """What a reader must know to judge the numbers: name -> value."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "Processor": f"{_processor()}, {os.cpu_count()} cores",
        "Memory": f"{memory:.0f} GiB",
        "File system": _file_system(tempfile.gettempdir()),
        "System": f"{platform.system()} {'.'.join(platform.release().split('.')[:2])}",
        "Python": platform.python_version(),
        **{name: found for name in PACKAGES if (found := _version(name))},
    }


def _processor() -> str:
    try:
        found = re.search(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    except OSError:
        found = None
    return found[1].strip() if found else platform.processor() or platform.machine()


def _file_system(folder: str) -> str:
    """The kind of file system that a folder is on."""
    try:
        mounts = [line.split() for line in Path("/proc/self/mounts").read_text().splitlines()]
    except OSError:
        return "unknown"
    above = [(where, kind) for _, where, kind, *_ in mounts if Path(folder).resolve().is_relative_to(where)]
    return max(above, key=lambda one: len(one[0]))[1] if above else "unknown"


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
