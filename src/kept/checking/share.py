"""The share of the files that one process reads and judges: all of them, where one process does the whole work."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from kept.checking.options import Options
from kept.checking.reading import Reading, read
from kept.checking.silencing import silenced
from kept.errors import KeptError
from kept.findings import Finding, Rule, merged
from kept.report import Failure
from kept.rules import RuleModule
from kept.rules.source import unreadable_source
from kept.source.catalogue import Catalogue, catalogue
from kept.source.files import decoded, read_bytes
from kept.source.outline import Outline
from kept.source.project import Project

__all__ = ["Contents", "Judgement", "Share", "prepare"]

Contents = Mapping[str, bytes | OSError]
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What became of the files of one share.

    Attributes:
        findings: Path -> findings, in the order of lines.
        failures: Path -> what the rules could not do.
        consulted: Path -> paths of the files that its names led to.
    """

    findings: dict[str, list[Finding]] = field(default_factory=dict)
    failures: dict[str, list[Failure]] = field(default_factory=dict)
    consulted: dict[str, set[str]] = field(default_factory=dict)


class Share:
    """Reads files, and judges them when it is known what the files of all shares hold.

    Args:
        contents: Path -> what is in each file of the run.
        options: What is asked.
    """

    def __init__(self, contents: Contents, options: Options) -> None:
        self._contents = contents
        self._options = options
        self._packages: dict[str, str] = {}
        self._readings: dict[str, Reading] = {}

    def read(self, paths: Iterable[str], progress: Progress = lambda count: None) -> list[Outline]:
        """Reads some files, and tells what others may import from them."""
        for path in paths:
            self._readings[path] = read(path, self._contents[path], self._packages)
            progress(1)
        modules = [reading.module for reading in self._readings.values() if reading.module is not None]
        return [Outline.of(module) for module in modules if module.name]

    def reading(self, path: str) -> Reading:
        """A file that this share has read."""
        return self._readings[path]

    def judge(
        self,
        paths: Iterable[str],
        outlines: Sequence[Outline],
        unread: Collection[str] = (),
        progress: Progress = lambda count: None,
    ) -> Judgement:
        """Judges some files.

        Args:
            paths: The files, which this share has read.
            outlines: Of all files of the run that were read.
            unread: Other files that names may lead to.
            progress: Is called with the number of files done.
        """
        project = Project(outlines, unread=unread, keras=_catalogue(self._options), read=self._text)
        for reading in self._readings.values():
            if reading.module is not None:
                project.add(reading.module)
        rules = self._options.rules()
        found = Judgement(consulted=project.consulted)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for path in paths:
                found.findings[path], found.failures[path] = _judged(
                    self._readings[path], self._options.rules_for(path, rules)
                )
                progress(1)
        return found

    def _text(self, path: str) -> str:
        content = self._contents.get(path)
        if isinstance(content, OSError):
            raise content
        return decoded(read_bytes(path) if content is None else content)


def prepare(options: Options) -> None:
    """Loads what every share needs, so that processes that are forked from this one have it.

    Raises:
        KeptError: The options name a rule that is not there, or a Keras that is not known.
    """
    options.rules()
    _catalogue(options)


def _catalogue(options: Options) -> Catalogue:
    return catalogue(options.keras_version or None)


def _judged(reading: Reading, rules: tuple[RuleModule, ...]) -> tuple[list[Finding], list[Failure]]:
    told: list[Finding] = []
    failures = []
    for rule in rules if reading.module is not None else ():
        try:
            told += rule.check(reading.module)
        except Exception as error:  # a fault of the rule: what the others find shall not be lost with it
            failures.append(_failure(rule.RULE, reading.path, error))
    asked = [rule.RULE for rule in rules]
    found = silenced(reading, merged(told), asked)
    if unreadable_source.RULE in asked:
        found += reading.findings
    found.sort(key=lambda one: (reading.line(one.location), one.location.column, one.code, one.message))
    return found, failures


def _failure(rule: Rule, path: str, error: Exception) -> Failure:
    said = " ".join(f"{type(error).__name__}: {error}".split())
    message = f"the rule {rule.name} cannot judge this file"
    error = KeptError(message, found=said, hint="this is a fault of kept: please report it, with the file")
    return Failure.of(path, error)
