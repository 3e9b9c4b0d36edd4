"""What the commands share: reading circuits, writing results, tables and progress on a terminal."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from heurest.circuit.circuit import Circuit
from heurest.errors import FormatError
from heurest.formats.whole_files import write_whole

Progress = Callable[[int, int, str], None]


def tell_compiling() -> None:
    """Say on a terminal when kernels are compiled for the first time: a method with tables of triples takes a minute or two."""
    if not sys.stderr.isatty():
        return
    from heurest.kernels.compiling import tell_when_compiling

    tell_when_compiling(lambda: click.echo("compiling what this needs; it is kept for the next time", err=True))


def load_circuit(path: str, laws: Sequence[str] = (), laws_file: str | None = None, recognise: bool = False) -> Circuit:
    """Read a circuit and give its inputs other laws; what goes wrong is a one-line error, what a format cannot hold a warning.

    Args:
        path: The file.
        laws: Texts such as ``x=0.9``, from the option ``--law``.
        laws_file: A file of laws, from the option ``--laws``.
        recognise: As for `heurest.load`.
    """
    from heurest.formats import load

    notices: list[str] = []
    circuit = load(path, recognise=recognise, notices=notices)
    show_warnings(notices)
    if not laws and laws_file is None:
        return circuit
    from heurest.formats.input_laws import read_laws, with_laws

    given = {} if laws_file is None else read_laws(laws_file)
    for name, chance in assignments(laws, "--law", "x=0.9").items():
        given[name] = chance
    return with_laws(circuit, given)


def assignments(texts: Sequence[str], option: str, example: str) -> dict[str, float]:
    """Numbers by name from texts such as ``x=0.9``."""
    given: dict[str, float] = {}
    for text in texts:
        name, equals, value = text.rpartition("=")
        try:
            given[name] = float(value)
        except ValueError:
            equals = ""
        if not equals or not name:
            raise click.UsageError(f"{option} takes NAME=NUMBER, such as {example}, not {text!r}")
    return given


def law_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options ``--law`` and ``--laws`` to a command; their values are for `load_circuit`."""
    command = click.option("--laws", "laws_file", metavar="L.json", help='Laws of inputs, such as {"x": 0.9, "*": 0.5}.')(command)
    help_text = "P(1) of a boolean input; * for all inputs that are not named.  [repeatable]"
    return click.option("--law", "laws", multiple=True, metavar="NAME=P", help=help_text)(command)


def write_text(path: str | Path, text: str) -> None:
    """Write a file whole or not at all; ``-`` is standard output."""
    if str(path) == "-":
        click.echo(text, nl=not text.endswith("\n"))
        return
    write_whole(path, text.encode("utf-8"))


def check_writable(*paths: str | None, files: Sequence[str | None] = (), inputs: Sequence[str | None] = ()) -> None:
    """Refuse output paths that cannot work, before any work is done.

    Args:
        paths: Where results go; ``-`` is standard output.
        files: The same for results that need a file.
        inputs: Files that are read, and that no result may replace.
    """
    if "-" in files:
        raise click.UsageError("only --json can go to standard output; the other results need a file name")
    given = [path for path in (*paths, *files) if path is not None]
    for path in given:
        if not path:
            raise click.UsageError("an output path is empty")
        if path != "-" and not Path(path).parent.is_dir():
            raise FormatError(f"{path}: the folder {Path(path).parent} does not exist")
        if path != "-" and Path(path).is_dir():
            raise FormatError(f"{path}: is a folder, a file is needed")
        if path != "-" and not os.access(path if Path(path).exists() else Path(path).parent, os.W_OK):
            raise FormatError(f"{path}: cannot be written")
    places = [path if path == "-" else str(Path(path).resolve()) for path in given]
    if len(set(places)) < len(places):
        raise click.UsageError("two outputs cannot go to the same place")
    for read in inputs:
        if read is not None and str(Path(read).resolve()) in places:
            raise click.UsageError(f"{read} is read, so no result can go there")


if TYPE_CHECKING:
    _WholeNumberType = click.ParamType[int]
else:
    _WholeNumberType = click.ParamType  # generic for type checkers only, in older versions


class WholeNumber(_WholeNumberType):
    """A whole number within limits; ``1e6`` and ``100_000`` are read, too."""

    name = "whole number"

    def __init__(self, least: int, most: int | None = None) -> None:
        self.least, self.most = least, most

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The number, or a usage error."""
        try:
            number = float(value) if isinstance(value, str) and "e" in value.lower() else int(value)
            whole = int(number)
        except (ValueError, OverflowError):
            self.fail(f"{value!r} is not a whole number", param, ctx)
        if whole != number or whole < self.least or (self.most is not None and whole > self.most):
            most = "" if self.most is None else f" and at most {self.most:,}"
            self.fail(f"{value} is not a whole number of at least {self.least}{most}", param, ctx)
        return whole


def to_json(data: Any) -> str:
    """JSON that other programs read: no NaN, no infinities."""
    return json.dumps(data, indent=1, allow_nan=False) + "\n"


def number(value: float | None, digits: int = 4) -> str:
    """A number for a table; a dash where there is none."""
    return "-" if value is None else f"{value:.{digits}g}"


def count(value: float | None) -> str:
    """How many, for a table; past 1e15 the number is made of rounding errors."""
    return "-" if value is None else f"{value:.3g}" if value < 1e15 else "> 1e15"


def seconds(value: float | None) -> str:
    """A time for a table, in a unit that fits; a dash where there is none."""
    if not value:
        return "-"
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if value >= size:
            return f"{value / size:.3g} {unit}"
    return f"{value * 1e9:.3g} ns"


def show_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], left: int = 1, spare: Sequence[str] = ()) -> None:
    """Print a table on standard output; the first ``left`` columns are text, the others numbers.

    On a terminal that is too narrow the ``spare`` columns go, the first ones first, and a line says so.
    """
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = 400  # a file or a pipe has no edge to wrap at
    shown, dropped = list(range(len(columns))), list(spare)
    widths = [max(map(len, [column, *(row[i] for row in rows)])) + 2 for i, column in enumerate(columns)]
    while dropped and sum(widths[i] for i in shown) - 2 > console.width:
        shown.remove(columns.index(dropped.pop(0)))
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for i in shown:
        table.add_column(columns[i], justify="left" if i < left else "right", overflow="fold")
    for row in rows:
        table.add_row(*(Text(row[i]) for i in shown))
    with console.capture() as text:
        console.print(table)
    lines = text.get().splitlines()
    console.print(title, style="italic", soft_wrap=True)  # a title of the table would wrap at the table's width
    click.echo("\n".join(lines if console.is_terminal else [line.rstrip() for line in lines]))
    if len(shown) < len(columns):
        missing = [column for i, column in enumerate(columns) if i not in shown]
        console.print(f"left out for want of width: {', '.join(missing)} (a wider terminal, --csv or --json shows them)", style="dim")


def show_warnings(lines: Sequence[str]) -> None:
    """Print warnings on standard error."""
    for line in lines:
        click.echo(f"warning: {line}", err=True)


@contextmanager
def progress_bar(title: str) -> Iterator[Progress | None]:
    """A progress bar on standard error, where that is a terminal; a total of 0 is one that is not known."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=None)

        def update(done: int, total: int, what: str) -> None:
            bar.update(task, completed=done, total=total or None, description=f"{title} {what}".strip())

        yield update
