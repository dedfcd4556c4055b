"""One run over files of source: what has changed is judged, what has not is remembered."""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from kept.checking.cache import Cache, Memory, digest, stamp
from kept.checking.options import Options
from kept.checking.run import Run, gathered
from kept.checking.share import Judgement
from kept.checking.staleness import stale_files
from kept.checking.workers import judged, worker_count
from kept.findings import Finding
from kept.report import Check, Failure
from kept.source.files import STDIN
from kept.source.outline import Outline

__all__ = ["Sweep", "check_sources"]

Progress = Callable[[int, int], None]
_SHOWN_PATHS = 3


@dataclass(frozen=True, slots=True)
class Sweep:
    """What a run gave.

    Attributes:
        check: The findings, in the order of files and lines.
        failures: What rules could not do, which is a fault of theirs.
    """

    check: Check
    failures: tuple[Failure, ...] = ()


def check_sources(
    paths: Iterable[str],
    options: Options | None = None,
    *,
    texts: Mapping[str, bytes] | None = None,
    remember: bool = True,
    jobs: int | None = None,
    progress: Progress = lambda done, total: None,
) -> Sweep:
    """Judges files of source.

    Args:
        paths: Files and folders.
        options: What is asked; what the project has settled when None.
        texts: Path -> content, for what is no file (standard input) or is not saved yet.
        remember: Whether the cache is read and written.
        jobs: In how many processes at most; one for each core when None.
        progress: Is called with how much is done, and of how much.

    Raises:
        KeptError: A path is neither a file nor a folder, or the options name something that is not there.
    """
    began = time.monotonic()
    texts = texts or {}
    given = [*paths, *texts]
    options = options or Options.of(given)
    with _without_collection():
        run = gathered(given, texts, options)
        cache = Cache(options.root if remember else None)
        around = stamp(
            options, {os.path.dirname(path) for path in run.contents}, [*run.contents, "", *sorted(run.named)]
        )
        key = digest(around.encode(), *(one.encode() for one in run.digests.values()))
        findings = cache.findings(key, run.digest_of)
        failures: list[Failure] = []
        if findings is None:
            findings, failures = _swept(run, options, cache, (around, key), jobs, progress)
    check = Check(_subject(given), tuple(findings), time.monotonic() - began, len(run.contents))
    return Sweep(check, tuple(failures))


def _swept(
    run: Run, options: Options, cache: Cache, keys: tuple[str, str], jobs: int | None, progress: Progress
) -> tuple[list[Finding], list[Failure]]:
    around, key = keys
    memories = cache.memories(around)
    if memories.keys() != run.contents.keys():
        memories = {}
    stale = stale_files(run, memories, options)
    clean = {path: memories[path] for path in run.judged if path not in stale}
    outlines = {path: memory.outline for path, memory in clean.items() if memory.outline is not None}
    done = 0

    def counted(count: int) -> None:
        nonlocal done
        done += count
        progress(done, 2 * len(stale))

    found, every = judged(
        stale,
        run.contents,
        options,
        outlines=outlines,
        unread=[path for path in run.contents if path not in outlines and path not in stale],
        workers=worker_count(len(stale), jobs),
        progress=counted,
    )
    fresh = _remembered(run, memories, clean, stale, found, every)
    failures = [failure for path in stale for failure in found.failures[path]]
    cache.keep_memories(around, {path: memory for path, memory in fresh.items() if not found.failures.get(path)})
    findings = [one for path in run.judged for one in fresh[path].findings]
    if not failures:
        led_to = {path: one for memory in fresh.values() for path, one in memory.consulted.items()}
        cache.keep_findings(key, findings, {path: led_to[path] for path in led_to if path not in run.contents})
    return findings, failures


def _remembered(
    run: Run,
    memories: Mapping[str, Memory],
    clean: Mapping[str, Memory],
    stale: Sequence[str],
    found: Judgement,
    outlines: Mapping[str, Outline],
) -> dict[str, Memory]:
    """What is known of each file after a run; what a name led to now counts beside what it led to before."""
    fresh = {}
    is_stale = set(stale)
    for path in run.contents:
        before = memories[path].consulted if path in clean else {}
        now = found.consulted.get(path, set())
        consulted = {**before, **{other: run.digest_of(other) for other in now if other != path}}
        if path in is_stale:
            findings = tuple(found.findings[path])
            fresh[path] = Memory(run.digests[path], outlines.get(path), findings, consulted, is_judged=True)
        elif path in clean:
            fresh[path] = replace(clean[path], consulted=consulted)
        else:
            fresh[path] = Memory(run.digests[path], None, (), consulted, is_judged=False)
    return fresh


def _subject(given: Sequence[str]) -> str:
    shown = [os.path.normpath(path) if path != STDIN else "standard input" for path in given]
    return ", ".join(shown) if len(shown) <= _SHOWN_PATHS else f"{shown[0]} and {len(shown) - 1} more"


@contextmanager
def _without_collection() -> Iterator[None]:
    """Syntax trees are many objects that live for the whole run; looking through them again and again finds nothing.

    At the end they go at once, all in circles as they are: what was there before is not looked through for it.
    """
    if not gc.isenabled() or gc.get_freeze_count():
        yield
        return
    gc.disable()
    gc.freeze()
    try:
        yield
    finally:
        gc.collect()
        gc.unfreeze()
        gc.enable()
