"""One run over files: what can be mended is, and all that is written is written at the end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from kept.checking.options import Options
from kept.checking.share import Share
from kept.checking.sweep import check_sources
from kept.errors import KeptError
from kept.findings import Finding
from kept.fixing.documents import Document, document
from kept.fixing.edits import fixers
from kept.fixing.passes import Mended, mended
from kept.formats.target import Target
from kept.report import Failure
from kept.source.files import is_notebook, read_bytes, source_files
from kept.source.module import Module

__all__ = ["Change", "Fixes", "Left", "fix_sources"]

_MOST_ROUNDS = 10


@dataclass(frozen=True, slots=True)
class Change:
    """One file that was mended.

    Attributes:
        path: As the caller would name it.
        before: Its content as it was.
        after: Its content now.
        done: What was mended, in order.
    """

    path: str
    before: bytes
    after: bytes
    done: tuple[Finding, ...]

    def write(self) -> None:
        """Replaces the file in one step; its permissions stay.

        Raises:
            KeptError: It is not as it was read.
            WriteError: It cannot be written.
        """
        if read_bytes(self.path) != self.before:
            message = "the file has changed meanwhile; it is left alone"
            raise KeptError(message, path=self.path, hint="run kept fix again")
        with Target(self.path) as target:
            with open(target.file, "wb") as stream:
                stream.write(self.after)
            target.commit()


@dataclass(frozen=True, slots=True)
class Left:
    """A finding that was not mended.

    Attributes:
        finding: What is wrong.
        reason: Why it was left; empty for one that an unsafe edit would mend.
    """

    finding: Finding
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Fixes:
    """What a run gave.

    Attributes:
        changes: The files that were mended, in the order of their paths.
        left: What was not mended.
        failures: Files that could not be mended for a fault of the edits, and rules that failed.
        file_count: Files that were looked at.
    """

    changes: tuple[Change, ...] = ()
    left: tuple[Left, ...] = ()
    failures: tuple[Failure, ...] = ()
    file_count: int = 0

    @property
    def done_count(self) -> int:
        """How many findings were mended."""
        return sum(len(one.done) for one in self.changes)

    def written(self) -> Fixes:
        """Writes every file that changed; what cannot be written is a failure more."""
        failures = list(self.failures)
        changes = []
        for one in self.changes:
            try:
                one.write()
                changes.append(one)
            except (KeptError, OSError) as error:
                failures.append(Failure.of(one.path, error))
        return replace(self, changes=tuple(changes), failures=tuple(failures))


def fix_sources(
    paths: Iterable[str],
    options: Options | None = None,
    *,
    unsafe: bool = False,
    texts: Mapping[str, bytes] | None = None,
    remember: bool = True,
) -> Fixes:
    """Mends files of source, in memory; nothing is written.

    Args:
        paths: Files and folders.
        options: What is asked; what the project has settled when None.
        unsafe: Whether edits that may change behaviour are made.
        texts: Path -> content, for what is no file.
        remember: Whether the cache of checks is read and written.

    Raises:
        KeptError: A path is neither a file nor a folder, or the options name something that is not there.
    """
    given, texts = list(paths), dict(texts or {})
    options = options or Options.of([*given, *texts])
    files = source_files(given, exclude=options.exclude, root=options.root)
    work = _Work(options, unsafe, texts, (*files, *texts))
    for _ in range(_MOST_ROUNDS):
        sweep = check_sources(given, options, texts=work.texts, remember=remember)
        if not work.round(sweep.check.findings):
            break
    left = [Left(one, work.reason(one)) for one in sweep.check.findings]
    changes = sorted(work.changes.values(), key=lambda one: one.path)
    failures = (*sweep.failures, *work.failures.values())
    return Fixes(tuple(changes), tuple(left), failures, sweep.check.file_count or 0)


class _Work:
    """The files on their way.

    Attributes:
        files: Every file of the run.
        texts: Path -> content, of what differs from the file, or is none.
        changes: Path -> what was done to it.
        failures: Path -> why it was left alone.
    """

    def __init__(self, options: Options, unsafe: bool, texts: Mapping[str, bytes], files: Sequence[str]) -> None:
        self.options = options
        self.files = files
        self.unsafe = unsafe
        self.texts = dict(texts)
        self.changes: dict[str, Change] = {}
        self.failures: dict[str, Failure] = {}
        self._reasons: dict[tuple[str, str, str], str] = {}

    def round(self, findings: Iterable[Finding]) -> bool:
        """Mends every file that has findings; returns whether any changed."""
        known = fixers()
        mendable = [one for one in findings if one.rule in known or (one.fix and one.fix.edits)]
        paths = dict.fromkeys(_path(one) for one in mendable if _key(one) not in self._reasons)
        changed = False
        for path in paths:
            if path not in self.failures:
                try:
                    changed |= self._mend(path)
                except KeptError as error:
                    self.failures[path] = Failure.of(path, error)
        return changed

    def reason(self, finding: Finding) -> str:
        """Why a finding was left; empty where an unsafe edit would mend it."""
        told = self._reasons.get(_key(finding))
        return "it is for a person to mend" if told is None else told

    def _mend(self, path: str) -> bool:
        content = self.texts[path] if path in self.texts else read_bytes(path)
        held = document(path, content)
        shown = f"{path}:code" if is_notebook(path) else path
        judge = _Judge(self, path, shown, held)
        made = mended(held.text, path, judge.read, judge.find, unsafe=self.unsafe)
        self._reasons |= {(path, one.rule, one.message): "" for one in made.unsafe}
        self._reasons |= {(path, one.rule, one.message): reason for one, reason in made.left}
        after = held.written(made.after)
        if after == content:
            return False
        self._keep(path, content, after, made)
        return True

    def _keep(self, path: str, content: bytes, after: bytes, made: Mended) -> None:
        before = self.changes.get(path)
        done = (*(before.done if before else ()), *made.done)
        self.changes[path] = Change(path, before.before if before else content, after, done)
        self.texts[path] = after


class _Judge:
    """Reads and judges one file, with the others as they are now."""

    def __init__(self, work: _Work, path: str, shown: str, held: Document) -> None:
        self._work = work
        self._held = held
        self._path = path
        self._shown = shown
        self._share = Share({}, work.options)

    def read(self, text: str) -> Module:
        """Parses a text of the file."""
        self._share = Share({**self._work.texts, self._shown: self._held.encoded(text)}, self._work.options)
        self._share.read([self._shown])
        module = self._share.reading(self._shown).module
        assert module is not None
        return module

    def find(self, module: Module) -> list[Finding]:
        """What is wrong with the text that was read last."""
        options = self._work.options
        others = [path for path in self._work.files if path != self._path]
        found = self._share.judge([self._shown], self._share.read([]), unread=others)
        asked = {one.RULE.name for one in options.rules_for(self._path, options.rules())}
        return [one for one in found.findings[self._shown] if one.rule in asked and module.text]


def _key(finding: Finding) -> tuple[str, str, str]:
    return _path(finding), finding.rule, finding.message


def _path(finding: Finding) -> str:
    return finding.location.file.partition(":cell ")[0]
