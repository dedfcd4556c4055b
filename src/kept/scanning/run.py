"""One judgement of one file."""

from __future__ import annotations

import os
import time
from dataclasses import replace

from kept.errors import CorruptFileError, KeptError, LimitExceededError
from kept.report import Scanned
from kept.scanning.asked import Asked
from kept.scanning.reading import opened
from kept.scanning.verdicts import given_up, joined, verdict

__all__ = ["scan_file"]


def scan_file(path: str | os.PathLike[str], asked: Asked | None = None) -> Scanned:
    """Opens one file or folder once, and asks the rules about it. It is judged in this process, without a time limit.

    Args:
        path: The file or folder.
        asked: What is asked; everything when None.
    """
    asked = asked or Asked()
    began = time.perf_counter()
    try:
        found = _judged(path, asked)
    except KeptError as error:
        found = given_up(path, error, asked)
    except MemoryError:
        found = given_up(path, LimitExceededError("judging it takes more memory than there is"), asked)
    except Exception as error:  # whatever a library makes of a hostile file is said of that file
        said = " ".join(f"{type(error).__name__}: {error}".split())
        found = given_up(path, CorruptFileError(f"cannot be read: {said}"), asked)
    return replace(found, seconds=time.perf_counter() - began)


def _judged(path: str | os.PathLike[str], asked: Asked) -> Scanned:
    with opened(path, asked.limits) as subject:
        found = verdict(subject, asked, asked.rules())
        inside = subject.artifact.extras.get("keras_archive") if subject.artifact is not None else None
        return found if inside is None else joined(found, scan_file(inside, asked))
