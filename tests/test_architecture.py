"""The shape of the package, read from its source: who may import whom, who may import numba, how long a module may be."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# Each unit (a folder or a module directly in heurest) imports only from rows above its own; units of one row do not know each other.
# Lowering is compiled, so kernels stand above program; what the two share, the opcodes, stands above both.
LAYERS = (
    ("errors", "_version", "opcodes"),
    ("circuit",),
    ("families",),
    ("kernels",),
    ("program", "reduced"),
    ("formats",),
    ("results",),
    ("estimators", "truth"),
    ("arguments",),
    ("methods",),
    ("anomaly",),
    ("comparison", "activity"),
    ("plot", "drawing"),
    ("cli", "__main__"),
)
RANK = {unit: rank for rank, row in enumerate(LAYERS) for unit in row}
TOP_UNITS = LAYERS[-1]
# Kernels may build on each other, one way (`load_cycle`): layout of tensors, laws, pairs before triples; see CONTRIBUTING.md on the cache.
ALLOWED_IN_KERNELS = ("heurest.opcodes", "heurest.kernels")
MAX_LINES = 400


@dataclass(frozen=True)
class Import:
    """One imported module as a dotted name, and how the statement is reached."""

    target: str
    line: int
    at_load: bool  # runs when the importing module is loaded: not inside a function, not for type checkers only


@cache
def package_sources() -> dict[str, str]:
    """Return the source of every module by dotted name; that of a folder's ``__init__.py`` by the folder's name."""
    sources = {}
    for path in sorted((ROOT / "heurest").rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        sources[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path.read_text(encoding="utf-8")
    return sources


def imports_of(name: str, sources: Mapping[str, str]) -> Iterator[Import]:
    """Yield everything that a module imports, relative imports resolved, ``from a import b`` as ``a.b`` where that is a module."""
    is_folder = any(other.startswith(f"{name}.") for other in sources)

    def visit(node: ast.AST, at_load: bool) -> Iterator[Import]:
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(alias.name, node.lineno, at_load)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parents = name.split(".")
                parents = parents[: len(parents) - node.level + is_folder]
                base = ".".join([*parents, node.module] if node.module else parents)
            names = [f"{base}.{alias.name}" for alias in node.names]
            for target in dict.fromkeys(name if name in sources else base for name in names):
                yield Import(target, node.lineno, at_load)
        elif isinstance(node, ast.If) and ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING"):
            for child in node.body:
                yield from visit(child, False)
            for child in node.orelse:
                yield from visit(child, at_load)
        else:
            inner = at_load and not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            for child in ast.iter_child_nodes(node):
                yield from visit(child, inner)

    yield from visit(ast.parse(sources[name]), True)


def unit_of(module: str) -> str:
    """Return the folder, or the module directly in heurest, that a dotted name belongs to; empty for the package itself."""
    return module.split(".")[1] if "." in module else ""


def is_ours(module: str) -> bool:
    return module == "heurest" or module.startswith("heurest.")


def direction_violations(sources: Mapping[str, str]) -> list[str]:
    order = " | ".join(", ".join(row) for row in LAYERS)
    found = []
    for name in sources:
        unit = unit_of(name)
        if name == "heurest":
            continue
        if unit not in RANK:
            found.append(f"{name}: '{unit}' has no place in the order yet; give it one in LAYERS, here and in CONTRIBUTING.md ({order})")
            continue
        for item in imports_of(name, sources):
            target = unit_of(item.target)
            where = f"{name}, line {item.line}: imports {item.target}"
            if not is_ours(item.target) or target == unit or unit in TOP_UNITS:
                continue
            if not target:
                found.append(f"{where}; name the module that defines what is needed, the package's top hides the direction")
            elif target not in RANK:
                found.append(f"{where}, which has no place in the order yet; give it one in LAYERS ({order})")
            elif RANK[target] == RANK[unit]:
                found.append(f"{where}, but '{unit}' and '{target}' stand side by side and must not know each other")
            elif RANK[target] > RANK[unit]:
                found.append(f"{where}, but '{target}' comes after '{unit}' in the order: {order}")
    return found


def kernel_violations(sources: Mapping[str, str]) -> list[str]:
    found = []
    for name in sources:
        in_kernels = unit_of(name) == "kernels"
        for item in imports_of(name, sources):
            where = f"{name}, line {item.line}: imports {item.target}"
            if item.target.split(".")[0] == "numba" and not in_kernels:
                found.append(f"{where}; only heurest/kernels may, move the compiled function there")
            allowed = any(f"{item.target}.".startswith(f"{unit}.") for unit in ALLOWED_IN_KERNELS)
            if in_kernels and name != "heurest.kernels" and is_ours(item.target) and not allowed:
                found.append(f"{where}; a kernel sees flat arrays, {' and '.join(ALLOWED_IN_KERNELS)} only")
    return found


def load_cycle(sources: Mapping[str, str]) -> list[str]:
    """Return the modules of one cycle of imports that run while modules load, or nothing."""
    graph = {name: {item.target for item in imports_of(name, sources) if item.at_load and item.target in sources} for name in sources}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def assert_violations(sources: Mapping[str, str]) -> list[str]:
    return [
        f"{name}, line {node.lineno}: assert; python -O removes it, so raise an error from heurest.errors"
        for name, source in sources.items()
        if unit_of(name) != "kernels"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Assert)
    ]


def length_violations(sources: Mapping[str, str]) -> list[str]:
    lengths = {name: len(source.splitlines()) for name, source in sources.items()}
    return [f"{name}: {n} lines; a module has at most {MAX_LINES}, split it by role" for name, n in lengths.items() if n > MAX_LINES]


RULES = [direction_violations, kernel_violations, load_cycle, assert_violations, length_violations]


def test_imports_point_one_way():
    violations = direction_violations(package_sources())
    assert not violations, "\n".join(violations)


def test_only_kernels_know_numba_and_kernels_know_only_opcodes():
    violations = kernel_violations(package_sources())
    assert not violations, "\n".join(violations)


def test_no_modules_load_each_other_in_a_circle():
    cycle = load_cycle(package_sources())
    assert not cycle, "these modules import each other while loading; move what they share to a module of its own: " + " <- ".join(cycle)


def test_nothing_is_checked_by_assert():
    violations = assert_violations(package_sources())
    assert not violations, "\n".join(violations)


def test_modules_are_short():
    violations = length_violations(package_sources())
    assert not violations, "\n".join(violations)


# What the rules catch, on small packages written here. Each also has every module it imports, as the checker needs.

GOOD = {
    "heurest": "def __getattr__(name):\n    from heurest.cli import main",
    "heurest.errors": "",
    "heurest.opcodes": "ADD = 0",
    "heurest.circuit": "from .wires import Wire",
    "heurest.circuit.wires": "from typing import TYPE_CHECKING\nfrom ..errors import HeurestError\n"
    "if TYPE_CHECKING:\n    from heurest.circuit.circuit import Circuit",
    "heurest.circuit.circuit": "from heurest.circuit.wires import Wire",
    "heurest.kernels": "from heurest.kernels.mean import propagate",
    "heurest.kernels.mean": "import numba\nfrom heurest.opcodes import ADD\nassert ADD == 0",
    "heurest.program": "from heurest import opcodes\ndef lower():\n    from heurest.kernels import mean",
    "heurest.estimators": "from heurest.program import lower",
    "heurest.cli": "import heurest\nfrom heurest.estimators import x",
}


@pytest.mark.parametrize("rule", RULES)
def test_a_good_package_passes(rule):
    assert rule(GOOD) == []


@pytest.mark.parametrize(
    ("rule", "name", "source", "message"),
    [
        (direction_violations, "heurest.circuit.wires", "import heurest.program", "'program' comes after 'circuit'"),
        (direction_violations, "heurest.circuit.wires", "def f():\n    import heurest.program", "wires, line 2: imports heurest.program"),
        (direction_violations, "heurest.circuit.wires", "from ..program import lower", "imports heurest.program, but"),
        (direction_violations, "heurest.circuit.wires", "from .. import program", "imports heurest.program, but"),
        (direction_violations, "heurest.circuit", "from ..program import lower", "imports heurest.program, but"),
        (direction_violations, "heurest.circuit.wires", "from heurest import Circuit", "name the module that defines"),
        (direction_violations, "heurest.estimators", "from heurest.truth import exact", "must not know each other"),
        (direction_violations, "heurest.truth", "from heurest.estimators import mean", "must not know each other"),
        (direction_violations, "heurest.extra", "", "'extra' has no place"),
        (direction_violations, "heurest.program", "from heurest.extra import x", "imports heurest.extra, which has no place"),
        (kernel_violations, "heurest.program", "def f():\n    from numba import njit", "only heurest/kernels may"),
        (kernel_violations, "heurest.kernels.mean", "from heurest.errors import HeurestError", "imports heurest.errors; a kernel sees"),
        (kernel_violations, "heurest.kernels.third", "from heurest.program import lower", "a kernel sees flat arrays, heurest.opcodes and"),
        (assert_violations, "heurest.circuit", "def f(x):\n    assert x", "heurest.circuit, line 2: assert"),
        (length_violations, "heurest.circuit", "x = 0\n" * 401, "heurest.circuit: 401 lines"),
    ],
)
def test_a_violation_is_named(rule, name, source, message):
    violations = rule(GOOD | {name: source})
    assert len(violations) == 1
    assert message in violations[0]


def test_a_circle_is_named():
    circle = {"heurest.circuit.wires": "from heurest.circuit.circuit import Circuit"}
    assert set(load_cycle(GOOD | circle)) == {"heurest.circuit.wires", "heurest.circuit.circuit"}
