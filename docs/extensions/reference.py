"""The parts of the reference that are made from the code: nothing in them is written by hand, so nothing is forgotten.

`setup` writes them to ``docs/reference/_generated`` before Sphinx reads the pages that include them. The functions here
need neither Sphinx nor a network; ``tests/test_reference.py`` calls them.
"""

from __future__ import annotations

import inspect
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import MISSING, fields
from importlib import import_module
from pathlib import Path
from typing import Any

import click

import heurest as hr
from heurest.circuit.gates import GATES, Gate
from heurest.circuit.laws import LAWS
from heurest.cli import cli
from heurest.families.registry import FAMILIES
from heurest.formats import FORMATS
from heurest.methods import METHODS, Method

# Headings of the API page, by what the module that defines a name starts with; the first that fits is taken.
SECTIONS = (
    ("heurest.circuit.laws", "Laws"),
    ("heurest.circuit.joint_laws", "Laws"),
    ("heurest.circuit.gates", "Gates"),
    ("heurest.circuit", "Circuits"),
    ("heurest.formats", "Files"),
    ("heurest.families", "Families of circuits"),
    ("heurest.program", "Programs"),
    ("heurest.methods", "Estimates"),
    ("heurest.estimators", "Estimators"),
    ("heurest.truth.sampling", "Estimators"),
    ("heurest.truth", "Ground truth"),
    ("heurest.arguments", "Heuristic arguments"),
    ("heurest.drawing", "Drawings"),
    ("heurest.comparison", "Comparisons"),
    ("heurest.plot", "Comparisons"),
    ("heurest.activity", "Activity and influence"),
    ("heurest.anomaly", "Anomalies"),
    ("heurest.results", "Results"),
    ("heurest.reduced", "Results"),
    ("heurest.errors", "Errors"),
    ("heurest._version", "Version"),
)
OTHERS = "More"
ORDER = (
    "Circuits", "Laws", "Estimates", "Heuristic arguments", "Ground truth", "Activity and influence", "Anomalies", "Comparisons",
    "Drawings", "Results", "Files", "Families of circuits", "Estimators", "Programs", "Gates", OTHERS, "Errors", "Version",
)  # fmt: skip


def api() -> str:
    """Every public name of the package, by subject."""
    names: dict[str, list[str]] = {section: [] for section in ORDER}
    for name in hr.__all__:
        names[_section(_home(name))].append(name)
    parts = []
    for section, members in names.items():
        if members:
            parts.append(f"## {section}\n")
            parts += [_eval_rst(_autodoc(name)) for name in members]
    return "\n".join(parts)


def gates() -> str:
    """The gate table."""
    rows = [
        (f"`{row.name}`", f"`{row.symbol}`" if row.symbol else "", "any" if row.fan_in is None else str(row.fan_in), row.operands,
         row.result, f"${_tex(row.formula)}$", stored_as(row), row.help)
        for row in GATES.values()
    ]  # fmt: skip
    return table(("gate", "operator", "fan-in", "operands", "result", "value", "stored as", "meaning"), rows)


def methods() -> str:
    """The methods with their parameters, and the documentation of those that have no public class."""
    parts = []
    for method in METHODS.values():
        parts += [f"## {method.name}\n", f"{method.help}\n", f"Written `{method.usage}`.\n"]
        rows = [(f"`{name}`", kind.__name__, _default(method, name)) for name, kind in method.parameters.items()]
        if rows:
            parts.append(table(("parameter", "type", "default"), rows))
        made = method.make
        if getattr(hr, made.__name__, None) is made:
            parts.append(f"When it is exact, what it costs and where it comes from: {{py:class}}`heurest.{made.__name__}`.\n")
        else:
            parts.append(_eval_rst(f".. autoclass:: {made.__module__}.{made.__name__}\n"))
    return "\n".join(parts)


def command_line() -> str:
    """Every command with its arguments and options, from the same texts as ``--help``."""
    parent = click.Context(cli, info_name="heurest")
    parts = [f"{inspect.cleandoc(cli.help or '')}\n"]
    for name in cli.list_commands(parent):
        command = cli.get_command(parent, name)
        if command is None:
            raise LookupError(f"the command line lists {name!r} but has no such command")
        context = click.Context(command, info_name=name, parent=parent)
        usage = command.get_usage(context).removeprefix("Usage: ")
        parts += [f"## heurest {name}\n", f"```text\n{usage}\n```\n", f"{inspect.cleandoc(command.help or '')}\n"]
        options = [parameter for parameter in command.get_params(context) if isinstance(parameter, click.Option)]
        records = [option.get_help_record(context) for option in options]
        parts.append(table(("option", "meaning"), [(f"`{option}`", help_text) for option, help_text in filter(None, records)]))
    return "\n".join(parts)


def laws() -> str:
    """The laws of inputs with their parameters."""
    rows = [
        (
            f"{{py:class}}`~heurest.{law.__name__}`",
            f"`{name}`",
            ", ".join(f"`{parameter}`" for parameter in law.parameters()),
            _summary(law),
        )
        for name, law in LAWS.items()
    ]
    return table(("law", "name in JSON", "parameters", "meaning"), rows)


def families() -> str:
    """The families that comparisons draw circuits from."""
    return table(("family", "what it draws"), [(f"`{name}`", family.help) for name, family in FAMILIES.items()])


def formats() -> str:
    """The file formats."""
    rows = [(f"`{row.ending}`", "read, write" if row.write else "read", row.help) for row in FORMATS.values()]
    return table(("ending", "", "what it holds"), rows)


PARTS: dict[str, Callable[[], str]] = {
    "api": api, "gates": gates, "methods": methods, "cli": command_line, "laws": laws, "families": families,
    "formats": formats,
}  # fmt: skip


def write(folder: Path) -> None:
    """Write every part to ``folder``; a file that would not change keeps its time, so that Sphinx need not read it again."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, make in PARTS.items():
        path, text = folder / f"{name}.txt", make()
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def stored_as(row: Gate) -> str:
    """The primitive gates that a gate becomes in a circuit, found by building it."""
    if row.code is not None:
        return "itself"
    if row.name == "power":
        return "squares and products"
    circuit = hr.Circuit()
    bits = circuit.input("x", hr.Bernoulli(0.5), count=row.fan_in)
    before = len(circuit)
    circuit.apply(row.name, *bits)
    made = Counter(circuit.gate_name(wire) for wire in range(before, len(circuit)))
    return ", ".join(f"{count} {gate}" for gate, count in made.items())


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown; bars in cells are escaped."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(" ".join(cell.split()).replace("|", "\\|") for cell in line) + " |" for line in lines) + "\n"


def _section(module: str) -> str:
    return next((section for start, section in SECTIONS if f"{module}.".startswith(f"{start}.")), OTHERS)


def _home(name: str) -> str:
    return str(hr._MODULE_OF[name])


def _autodoc(name: str) -> str:
    """The directive that documents a public name."""
    value = getattr(hr, name)
    if inspect.isclass(value):
        return f".. autoclass:: heurest.{name}\n   :members:\n   :show-inheritance:\n{_inherited(value)}"
    if callable(value):
        return f".. autofunction:: heurest.{name}\n"
    return f".. py:data:: heurest.{name}\n\n   {_comment(name)}\n"  # autodata would show the docstring of its type


def _inherited(value: type[Any]) -> str:
    """Members of bases that are not public are documented with the class, down to the first public or foreign base."""
    public = {getattr(hr, name) for name in hr.__all__ if inspect.isclass(getattr(hr, name))}
    bases = value.__mro__[1:]
    end = next(base for base in bases if base in public or not base.__module__.startswith("heurest."))
    return "" if end is bases[0] else f"   :inherited-members: {end.__name__}\n"


def _comment(name: str) -> str:
    """The ``#:`` comment above a constant, or the module's own words."""
    module = import_module(_home(name))
    lines = inspect.getsource(module).splitlines()
    at = next((i for i, line in enumerate(lines) if line.startswith((f"{name}:", f"{name} ="))), 0)
    comment: list[str] = []
    while at and lines[at - 1].startswith("#:"):
        at -= 1
        comment.insert(0, lines[at].removeprefix("#:").strip())
    return " ".join(comment) or _summary(module)


def _summary(thing: object) -> str:
    """The first paragraph of a docstring, as Markdown."""
    words = " ".join((inspect.getdoc(thing) or "").split("\n\n")[0].split())
    return re.sub(r":math:`([^`]+)`", r"$\1$", words)


def _default(method: Method, parameter: str) -> str:
    made: Any = method.make
    value = next((field.default for field in fields(made) if field.name == parameter), MISSING)
    return "" if value is MISSING else f"`{value}`"


def _tex(formula: str) -> str:
    return formula.replace("sum_i", r"\sum_i")


def _eval_rst(text: str) -> str:
    return f"```{{eval-rst}}\n{text}```\n"


def setup(app: Any) -> dict[str, bool]:
    """Called by Sphinx."""
    app.connect("builder-inited", lambda app: write(Path(app.srcdir) / "reference" / "_generated"))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
