"""Run the examples of a Markdown page in order, in one namespace: what a reader who copies them would see."""

from __future__ import annotations

import doctest
import linecache
import re
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt

RUNNABLE = {"python": "python", "pycon": "python", "console": "console"}
SHOWN = {"", "text", "json", "toml", "yaml", "csv", "sh", "make"}
NOT_RUN = re.compile(r"<!--\s*not run:\s*\S.*-->")
EXPECTED_STATUS = re.compile(r"\s+#\s*exit\s+(\d+)\s*$")
SHELL_OPERATORS = {"|", "||", "&", "&&", ";", "<", ">", ">>"}
DOCTEST_OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


class PageError(Exception):
    """An example on a page does not do what the page says."""


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its text, and the line of the page where the text starts (from 1)."""

    language: str
    text: str
    line: int


def runnable_blocks(page: str, name: str = "page") -> Iterator[Block]:
    """Yield the blocks to run, in the page's order.

    A block of a language that is neither run nor known as mere text is an error, so that no example escapes by its spelling.
    """
    lines = page.splitlines()
    for token in MarkdownIt("commonmark").parse(page):
        if token.type != "fence" or token.map is None:
            continue
        start = token.map[0]
        info = re.sub(r"^\{code(?:-block)?\}\s*", "", token.info.strip())
        language = info.split()[0] if info else ""
        before = next((line for line in reversed(lines[:start]) if line.strip()), "")
        if language.startswith("{") or NOT_RUN.fullmatch(before.strip()):
            continue
        if language in RUNNABLE:
            yield Block(RUNNABLE[language], token.content, start + 2)
        elif language not in SHOWN:
            known = ", ".join([*RUNNABLE, *sorted(SHOWN - {""})])
            raise PageError(f"{name}, line {start + 1}: a block of language {language!r}; known are {known}")
        elif re.search(r"^\s*(\$\s*)?heurest\s", token.content, re.MULTILINE) and language in ("", "sh"):
            raise PageError(f"{name}, line {start + 1}: heurest commands belong in a console block, as lines '$ heurest ...', to be run")


def run_page(page: str, name: str, command: Callable[[list[str]], object], make_targets: set[str]) -> int:
    """Run every block of a page in the current folder and return how many there were.

    Args:
        page: The page's text.
        name: How messages call the page.
        command: The entry point of the command line; takes the arguments without the program's name, and returns its exit status or
            raises ``SystemExit`` with it.
        make_targets: What ``make`` can be asked for; such a line is only checked for being there.
    """
    linecache.cache[name] = (len(page), None, page.splitlines(keepends=True), name)  # tracebacks can quote the page
    namespace: dict[str, Any] = {"__name__": "__main__"}
    blocks = list(runnable_blocks(page, name))
    for block in blocks:
        if block.language == "console":
            run_console(block, name, command, make_targets)
        elif block.text.lstrip().startswith(">>>"):
            run_session(block, name, namespace)
        else:
            run_script(block, name, namespace)
    return len(blocks)


def run_script(block: Block, name: str, namespace: dict[str, Any]) -> None:
    # Blank lines in front make the line numbers of a traceback those of the page.
    code = compile("\n" * (block.line - 1) + block.text, name, "exec", dont_inherit=True)
    exec(code, namespace)


def run_session(block: Block, name: str, namespace: dict[str, Any]) -> None:
    test = doctest.DocTestParser().get_doctest(block.text, {}, name, name, block.line - 1)
    test.globs = namespace
    report: list[str] = []
    runner = doctest.DocTestRunner(verbose=False, optionflags=DOCTEST_OPTIONS)
    if runner.run(test, out=report.append, clear_globs=False).failed:
        raise PageError("".join(report))


def run_console(block: Block, name: str, command: Callable[[list[str]], object], make_targets: set[str]) -> None:
    for line, text in console_commands(block):
        where = f"{name}, line {line}: $ {text}"
        expected = EXPECTED_STATUS.search(text)
        words = shlex.split(EXPECTED_STATUS.sub("", text), comments=True)
        if SHELL_OPERATORS & set(words):
            raise PageError(f"{where}\n  only plain commands are run; leave out pipes and redirections")
        if words[0] == "make":
            if not set(words[1:]) <= make_targets:
                raise PageError(f"{where}\n  the Makefile has only {', '.join(sorted(make_targets))}")
        elif words[0] == "heurest":
            status = exit_status(command, words[1:])
            wanted = int(expected[1]) if expected else 0
            if status != wanted:
                raise PageError(f"{where}\n  exit status {status}, expected {wanted}")
        else:
            raise PageError(f"{where}\n  console blocks hold 'heurest' and 'make' only; mark the block <!-- not run: reason --> or use sh")


def console_commands(block: Block) -> Iterator[tuple[int, str]]:
    """Yield line and text of each command after ``$``, a backslash at a line's end joining the next line; output is passed over."""
    lines = iter(enumerate(block.text.splitlines(), start=block.line))
    for number, line in lines:
        if not line.lstrip().startswith("$ "):
            continue
        text = line.lstrip()[2:]
        while text.endswith("\\"):
            text = text[:-1] + next(lines)[1].strip()
        yield number, text


def exit_status(command: Callable[[list[str]], object], arguments: list[str]) -> int:
    try:
        status = command(arguments)
    except SystemExit as stop:
        status = stop.code
    if status is None:
        return 0
    return status if isinstance(status, int) else 1


def make_targets_of(makefile: Path) -> set[str]:
    return set(re.findall(r"^([a-z][a-z-]*):", makefile.read_text(encoding="utf-8"), re.MULTILINE))
