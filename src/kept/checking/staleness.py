"""Which files have to be judged again: those that have changed, and those whose findings may hang on one that has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from kept.checking.cache import Memory
from kept.checking.options import Options
from kept.checking.run import Run
from kept.checking.share import Share

__all__ = ["stale_files"]

_FEW_FILES = 48


def stale_files(run: Run, memories: Mapping[str, Memory], options: Options) -> list[str]:
    """The files to judge, of those that can hold a fault.

    Args:
        run: The files as they are.
        memories: Path -> what is remembered of each file; empty where nothing is.
        options: What is asked.
    """
    changed = {path for path, memory in memories.items() if memory.digest != run.digests[path]}
    if not memories or len(changed) > _FEW_FILES:
        return run.judged
    stale = {path for path in run.judged if not memories[path].is_judged}
    if changed:
        stale |= _of_registrations(run, memories, options, changed)
    moved = {
        path for memory in memories.values() for path, seen in memory.consulted.items() if run.digest_of(path) != seen
    }
    stale |= _led_to(changed | moved, memories)
    return [path for path in run.judged if path in stale]


def _led_to(changed: Iterable[str], memories: Mapping[str, Memory]) -> set[str]:
    """The files themselves, and those with a name that leads to one of them, on the way too."""
    users: dict[str, list[str]] = {}
    for path, memory in memories.items():
        for other in memory.consulted:
            users.setdefault(other, []).append(path)
    found = set(changed)
    waiting = list(found)
    while waiting:
        for user in users.get(waiting.pop(), ()):
            if user not in found:
                found.add(user)
                waiting.append(user)
    return found


def _of_registrations(run: Run, memories: Mapping[str, Memory], options: Options, changed: set[str]) -> set[str]:
    """Files that register a name which others register too, or did: their findings hang on all of those.

    Who imports whom counts as well, so with two files of one name any change does.
    """
    before = {path: memory.outline.registered for path, memory in memories.items() if memory.outline is not None}
    read = Share(run.contents, options).read(path for path in run.judged if path in changed)
    now = {path: names for path, names in before.items() if path not in changed}
    now |= {outline.path: outline.registered for outline in read}
    shared = {
        name
        for names in (before, now)
        for name, count in Counter(name for one in names.values() for name in set(one)).items()
        if count > 1
    }
    return {path for path, names in now.items() if shared & set(names)}
