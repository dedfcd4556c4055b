"""Pages and lists for a terminal: rules, messages of Keras, and what a pasted text means."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.text import Text

from kept.docstrings import CODE, sections, title
from kept.findings import Applicability
from kept.messages import Cause, MessageModule
from kept.report._style import COLOURS, FAINT, wrapped
from kept.rules import RuleModule

__all__ = ["causes", "message_page", "rule_list", "rule_page"]

_INDENT = "    "
_LABEL_WIDTH = 12
_PROMISES = {Applicability.SAFE: "fix", Applicability.UNSAFE: "unsafe fix"}


def rule_page(module: RuleModule, width: int) -> Iterator[Text]:
    """The page of a rule."""
    rule = module.RULE
    head = (f"{rule.code}, {rule.severity.value}", COLOURS[rule.severity])
    yield Text.assemble((rule.name, "bold"), "  ", head)
    yield from map(Text, wrapped(title(module), width, "", ""))
    yield from _sections(sections(module), width)


def message_page(module: MessageModule, width: int) -> Iterator[Text]:
    """The page of a message of Keras."""
    yield Text(module.MESSAGE.name, "bold")
    yield from map(Text, wrapped(title(module), width, "", ""))
    yield from _sections(sections(module), width)
    if module.MESSAGE.rules:
        yield from (Text(), Text("Rules", "bold"))
        yield from map(Text, wrapped(", ".join(module.MESSAGE.rules), width, _INDENT, _INDENT))


def rule_list(modules: Iterable[RuleModule], width: int) -> Iterator[Text]:
    """Each rule with what it finds, and what `kept fix` promises."""
    for module in modules:
        rule = module.RULE
        name = (rule.name, COLOURS[rule.severity])
        fix = _PROMISES.get(rule.edit, "")
        yield Text.assemble(f"{rule.code}  ", name, (f"  {fix}" if fix else "", FAINT))
        yield from map(Text, wrapped(title(module), width, " " * 8, " " * 8))


def causes(found: Iterable[Cause], width: int) -> Iterator[Text]:
    """What a text means: each cause, and below all of them the messages that only wrap it."""
    every = list(found)
    real = [cause for cause in every if not cause.message.wraps] or every
    for number, cause in enumerate(real):
        if number:
            yield Text()
        yield from (Text(line, "bold") for line in wrapped(_sentence(cause.cause), width, "", ""))
        yield from _labelled("Keras says", cause.said, width)
        yield from _labelled("to do", cause.edit, width)
        yield from _labelled("found by", ", ".join(cause.message.rules), width)
        yield from _labelled("more", f"kept explain {cause.message.name}", width)
    around = ", ".join(dict.fromkeys(cause.message.name for cause in every if cause not in real))
    if around:
        yield Text()
        yield from (Text(line, FAINT) for line in wrapped(f"Said around it: {around}.", width, "", ""))


def _sentence(clause: str) -> str:
    return f"{clause[0].upper()}{clause[1:]}."


def _sections(texts: dict[str, str], width: int) -> Iterator[Text]:
    for heading, text in texts.items():
        yield from (Text(), Text(heading, "bold"))
        for number, paragraph in enumerate([text] if heading in CODE else text.split("\n\n")):
            if number:
                yield Text()
            if heading not in CODE and not paragraph.startswith(" "):
                yield from map(Text, wrapped(paragraph, width, _INDENT, _INDENT))
            else:
                yield from (Text(f"{_INDENT}{line}".rstrip()) for line in paragraph.split("\n"))


def _labelled(label: str, value: str, width: int) -> Iterator[Text]:
    if not value:
        return
    margin = " " * (_LABEL_WIDTH + 2)
    first, *rest = wrapped(value, width, margin, margin)
    yield Text.assemble("  ", (f"{label:<{_LABEL_WIDTH}}", FAINT), first.lstrip())
    yield from map(Text, rest)
