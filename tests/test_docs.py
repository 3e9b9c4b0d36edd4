"""Every example in the README and under docs/ runs as printed."""

from __future__ import annotations

import shutil
import traceback
from pathlib import Path

import pytest

from support.pages import PageError, make_targets_of, run_page, runnable_blocks

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([ROOT / "README.md", *(page for page in (ROOT / "docs").rglob("*.md") if "_build" not in page.parts)])
MAKE_TARGETS = make_targets_of(ROOT / "Makefile")


def has_examples(page: Path) -> bool:
    # Where the blocks cannot be told apart the test itself shall say so.
    try:
        return any(True for _ in runnable_blocks(page.read_text(encoding="utf-8")))
    except (OSError, PageError):
        return True


def command(arguments: list[str]) -> object:
    from heurest.cli import main

    return main(arguments)


@pytest.mark.large
@pytest.mark.parametrize("page", [page for page in PAGES if has_examples(page)], ids=lambda page: page.relative_to(ROOT).as_posix())
def test_the_examples_of_a_page_run(page, tmp_path, monkeypatch):
    shutil.copytree(ROOT / "circuits", tmp_path / "circuits")
    monkeypatch.chdir(tmp_path)
    run_page(page.read_text(encoding="utf-8"), page.relative_to(ROOT).as_posix(), command, MAKE_TARGETS)


# The runner itself, on pages written here.


def run(page: str, status: object = 0) -> tuple[int, list[list[str]]]:
    calls: list[list[str]] = []

    def record(arguments: list[str]) -> object:
        calls.append(arguments)
        if isinstance(status, BaseException):
            raise status
        return status

    return run_page(page, "page.md", record, {"demo"}), calls


def test_blocks_of_a_page_share_their_names():
    assert run("```python\nx = 2\n```\ntext\n```{code-block} python\ny = x + 1\n```\n- item\n  ```pycon\n  >>> x + y\n  5\n  ```\n")[0] == 3


def test_a_failing_block_is_traced_to_its_line_on_the_page():
    with pytest.raises(ZeroDivisionError) as caught:
        run("one\n\n```python\nx = 0\n1 / x\n```\n")
    deepest = traceback.extract_tb(caught.tb)[-1]
    assert (deepest.filename, deepest.lineno, deepest.line) == ("page.md", 5, "1 / x")


def test_a_session_with_other_output_fails():
    with pytest.raises(PageError, match=r'File "page.md", line 4(?s:.*)Expected:\s+3\s+Got:\s+2'):
        run("\n\n```python\n>>> 1 + 1\n3\n```\n")


def test_names_made_in_a_session_stay():
    assert run("```python\n>>> x = 1\n```\n```python\nassert x == 1\n```\n")[0] == 2


def test_console_lines_reach_the_command_line():
    page = "```console\n$ heurest compare --family 'a b' \\\n    --seed 1  # the first\ntable\n$ make demo\n```\n"
    assert run(page) == (1, [["compare", "--family", "a b", "--seed", "1"]])


@pytest.mark.parametrize("status", [2, SystemExit(2)])
def test_an_exit_status_is_checked(status):
    assert run("```console\n$ heurest truth missing.json  # exit 2\n```\n", status)[1] == [["truth", "missing.json"]]
    with pytest.raises(PageError, match=r"line 2: \$ heurest truth missing.json\n  exit status 2, expected 0"):
        run("```console\n$ heurest truth missing.json\n```\n", status)
    with pytest.raises(PageError, match="exit status 2, expected 1"):
        run("```console\n$ heurest truth missing.json # exit 1\n```\n", status)


@pytest.mark.parametrize(
    ("page", "message"),
    [
        ("```console\n$ rm -r x\n```\n", "hold 'heurest' and 'make' only"),
        ("```console\n$ heurest gates | head\n```\n", "leave out pipes"),
        ("```console\n$ make coffee\n```\n", "the Makefile has only demo"),
        ("```py\nx\n```\n", "language 'py'; known are python"),
        ("```sh\nheurest gates\n```\n", "belong in a console block"),
    ],
)
def test_an_example_cannot_escape(page, message):
    with pytest.raises(PageError, match=message):
        run(page)


def test_a_block_marked_with_a_reason_is_left_out():
    assert run("<!-- not run: takes an hour -->\n```python\n1 / 0\n```\n")[0] == 0
    with pytest.raises(ZeroDivisionError):
        run("<!-- not run: -->\n```python\n1 / 0\n```\n")


def test_other_blocks_are_left_alone():
    assert run("```{toctree}\nindex\n```\n```text\nheurest estimates\n```\n````text\n```python\n1 / 0\n```\n````\n")[0] == 0
