"""The rules on security, asked about a file before anything of it is made."""

from __future__ import annotations

from collections.abc import Collection

from ..errors import Problem, UnsafeContentError
from ..findings import Finding, Severity
from ..formats.artifact import Artifact
from ..rules import judge, rules
from ..scanning.reading import subject_of

__all__ = ["refuse_unsafe"]

# What `safe_mode=False` is for: code that plain Keras, or a layer of it, has put into the file.
_CODE = frozenset({"code-payload", "foreign-payload"})


def refuse_unsafe(artifact: Artifact, *, safe_mode: bool) -> None:
    """Passes if the rules find no more in an open file than `safe_mode` allows; custom classes are not their concern.

    Raises:
        UnsafeContentError: They find something; `findings` says what and where.
        FormatError: The config cannot be understood.
    """
    subject = subject_of(artifact, str(artifact.path))
    if subject.failure is not None:
        raise subject.failure
    found = [one for one in judge(subject, rules("security")) if one.severity is Severity.ERROR]
    if not safe_mode:
        found = [one for one in found if one.rule not in _CODE]
    if found:
        raise _refusal(found)


def _refusal(found: Collection[Finding]) -> UnsafeContentError:
    is_code = all(one.rule in _CODE for one in found)
    return UnsafeContentError(
        "the file holds code that plain Keras would run" if is_code else "the file asks for what no model needs",
        problems=[Problem(one.message, where) for one in found for where in one.where or ("",)],
        hint="only if you trust whoever wrote it: kept.load(path, safe_mode=False)" if is_code else "",
        findings=found,
    )
