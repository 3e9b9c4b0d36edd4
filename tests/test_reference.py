"""The reference is made from the code: every public name, gate, method, law, family, format and option stands in it."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

import click
import pytest

import heurest as hr
from heurest.circuit.gates import GATES
from heurest.circuit.laws import LAWS
from heurest.cli import cli
from heurest.families.registry import FAMILIES
from heurest.formats import FORMATS
from heurest.formats.documents import FIELDS
from heurest.methods import METHODS

DOCS = Path(__file__).resolve().parent.parent / "docs"


def loaded(path: Path) -> ModuleType:
    specification = importlib.util.spec_from_file_location(f"docs_{path.stem}", path)
    module = importlib.util.module_from_spec(specification)
    sys.modules[module.__name__] = module
    specification.loader.exec_module(module)
    return module


reference = loaded(DOCS / "extensions" / "reference.py")


def first_cells(table: str) -> list[str]:
    return re.findall(r"^\| `([^`]*)` \|", table, re.MULTILINE)


def test_every_public_name_is_documented_once_and_under_a_heading():
    page = reference.api()
    documented = re.findall(r"^\.\. (?:auto\w+|py:data):: heurest\.(\w+)$", page, re.MULTILINE)
    assert sorted(documented) == sorted(hr.__all__)
    assert f"## {reference.OTHERS}" not in page, "a module has no heading yet: give it one in SECTIONS of docs/extensions/reference.py"


def test_every_public_name_has_words():
    for name in hr.__all__:
        value = getattr(hr, name)
        text = reference._summary(value) if callable(value) else reference._comment(name)
        assert text, name


def test_every_gate_is_in_the_table():
    page = reference.gates()
    assert first_cells(page) == list(GATES)
    for row in GATES.values():
        assert row.help in page


def test_the_table_says_what_a_derived_gate_is_stored_as():
    # a + b - a b: the product is an and, the sum is affine
    assert reference.stored_as(GATES["or"]) == "1 and, 1 affine"
    assert reference.stored_as(GATES["not"]) == "1 affine"
    assert reference.stored_as(GATES["square"]) == "itself"


def test_every_method_is_described_with_its_parameters():
    page = reference.methods()
    assert re.findall(r"^## (.+)$", page, re.MULTILINE) == list(METHODS)
    for method in METHODS.values():
        assert f"`{method.usage}`" in page
        for parameter in method.parameters:
            assert f"| `{parameter}` |" in page


def test_every_command_and_option_is_listed():
    page = reference.command_line()
    parent = click.Context(cli)
    names = cli.list_commands(parent)
    assert re.findall(r"^## heurest (.+)$", page, re.MULTILINE) == names
    for name in names:
        for parameter in cli.get_command(parent, name).params:
            if isinstance(parameter, click.Option):
                assert max(parameter.opts, key=len) in page, f"{name}: {parameter.opts}"


@pytest.mark.parametrize(("part", "names"), [("families", FAMILIES), ("formats", FORMATS)])
def test_every_row_of_a_table_is_listed(part, names):
    page = reference.PARTS[part]()
    assert [cell.removeprefix(".") for cell in first_cells(page)] == list(names)


def test_every_law_is_listed_with_its_parameters():
    page = reference.laws()
    for name, law in LAWS.items():
        assert f"`~heurest.{law.__name__}` | `{name}`" in page
        assert all(f"`{parameter}`" in page for parameter in law.parameters())


def test_the_json_grammar_names_every_field_and_every_primitive_gate():
    page = (DOCS / "reference" / "circuit-json.md").read_text(encoding="utf-8")
    for field in FIELDS:
        assert f'| `"{field}"` |' in page
    for row in GATES.values():
        assert (f'| `["{row.name}", ' in page) == (row.code is not None)


@pytest.mark.parametrize("part", reference.PARTS)
def test_every_part_is_included_in_a_page(part):
    pages = (DOCS / "reference").glob("*.md")
    assert any(f"```{{include}} _generated/{part}.txt" in page.read_text(encoding="utf-8") for page in pages)


def test_bars_do_not_break_a_table():
    assert reference.table(("a", "b"), [("x | y", "z\nw")]).splitlines()[2] == "| x \\| y | z w |"


def test_writing_leaves_what_is_unchanged_alone(tmp_path):
    reference.write(tmp_path)
    before = {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    assert set(before) == {f"{part}.txt" for part in reference.PARTS}
    reference.write(tmp_path)
    assert before == {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}


def test_no_page_is_left_out_of_the_contents():
    for index in (DOCS / "index.md", *DOCS.glob("*/index.md")):
        listed = set(re.search(r"```\{toctree\}\n(.*?)```", index.read_text(encoding="utf-8"), re.DOTALL)[1].split())
        for page in index.parent.glob("*.md"):
            if page != index:
                assert page.stem in listed, page
