"""The HTML page: well nested, self-contained, and no text of a circuit becomes markup or script."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser

import pytest

import heurest as hr
from heurest.drawing import draw_circuit
from support.drawings import HOSTILE, hostile_circuit, importances

VOID = {"meta", "input"}
EXPECTED = {
    "html",
    "head",
    "meta",
    "title",
    "style",
    "script",
    "body",
    "main",
    "aside",
    "div",
    "h1",
    "h2",
    "p",
    "pre",
    "label",
    "input",
    "ul",
    "button",
}
EXPECTED |= {"table", "thead", "tbody", "tr", "th", "td", "svg", "g", "rect", "path", "circle", "text"}
LOADING = {"src", "href", "srcset", "action", "data", "xlink:href", "style"}


class Page(HTMLParser):
    """Elements as (tag, attributes, own text), with a check that tags nest."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None], list[str]]] = []
        self._open: list[int] = []
        self.feed(text)
        self.close()
        assert not self._open

    def handle_starttag(self, tag, attrs):
        assert len({key for key, _ in attrs}) == len(attrs)
        self.elements.append((tag, dict(attrs), []))
        if tag not in VOID:
            self._open.append(len(self.elements) - 1)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs), []))

    def handle_endtag(self, tag):
        assert self.elements[self._open.pop()][0] == tag

    def handle_data(self, data):
        if self._open:
            self.elements[self._open[-1]][2].append(data)

    def all(self, tag):
        return [(attributes, "".join(text)) for name, attributes, text in self.elements if name == tag]


@pytest.fixture(scope="module")
def hostile() -> Page:
    c = hostile_circuit()
    labels = {k: f"label {name}" for k, name in enumerate(HOSTILE)}
    return Page(
        draw_circuit(c, format="html", title=HOSTILE[3], importance=importances(c), links=[((0, 3), 2.0), ((1, 4, 5), -1.0)], labels=labels)
    )


def test_nothing_becomes_markup(hostile):
    assert len(hostile.all("script")) == len(hostile.all("style")) == len(hostile.all("svg")) == 1
    assert {tag for tag, _, _ in hostile.elements} <= EXPECTED
    for _, attributes, _ in hostile.elements:
        assert not any(key.startswith("on") or key in LOADING for key in attributes)


def test_hostile_texts_come_out_as_they_went_in(hostile):
    assert hostile.all("h1")[0][1] == HOSTILE[3]
    titles = [text for _, text in hostile.all("title")]
    assert titles[0] == HOSTILE[3]
    cells = {text for _, text in hostile.all("td")}
    tooltips = "\n".join(titles)
    for name in HOSTILE:
        assert f"{name} = input, " in tooltips
        assert f"label {name}" in cells
        assert name in cells


def test_the_policy_allows_this_script_and_style_and_nothing_else(hostile):
    (policy,) = [
        attributes["content"] for attributes, _ in hostile.all("meta") if attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    for tag in ("script", "style"):
        ((_, source),) = hostile.all(tag)
        assert source
        digest = b64encode(sha256(source.encode("utf-8")).digest()).decode()
        assert rules[f"{tag}-src"] == f"'sha256-{digest}'"
    assert set(rules) == {"default-src", "script-src", "style-src"}


def test_tables_lead_to_wires_and_terms(hostile):
    ids = {attributes["id"] for _, attributes, _ in hostile.elements if "id" in attributes}
    rows = [attributes for attributes, _ in hostile.all("tr") if attributes]
    assert [row["data-link"] for row in rows if "data-link" in row] == ["0", "1"]
    assert [row["data-sign"] for row in rows if "data-link" in row] == ["raises", "lowers"]
    assert {f"t{row['data-link']}" for row in rows if "data-link" in row} <= ids
    numbers = importances(hostile_circuit())
    ranked = sorted(numbers, key=numbers.__getitem__, reverse=True)
    assert [row["data-wire"] for row in rows if "data-wire" in row] == [f"w{wire}" for wire in ranked[:40]]
    assert {f"w{wire}" for wire in ranked} <= ids


def test_the_script_asks_only_for_elements_that_exist(hostile):
    ((_, script),) = hostile.all("script")
    ids = {attributes["id"] for _, attributes, _ in hostile.elements if "id" in attributes}
    assert {"stage", "zoom", "search", "found", "details"} <= ids
    for name in ("fetch", "XMLHttpRequest", "innerHTML", "eval(", "import", "http"):
        assert name not in script


def test_a_page_without_numbers_has_no_tables():
    page = Page(draw_circuit(hr.adder(2), format="html"))
    assert page.all("table") == []
    assert len(page.all("svg")) == 1


def test_long_tables_are_cut_and_say_so():
    circuit = hr.adder(12)
    page = Page(draw_circuit(circuit, format="html", importance=importances(circuit), links=[((k % 50, 3), 1.0 + k) for k in range(61)]))
    headings = [text for _, text in page.all("h2")]
    assert headings == ["The 60 largest of 61 tracked terms", f"The 40 most important wires of {len(circuit)}"]
    assert len([row for row, _ in page.all("tr") if "data-wire" in row]) == 40
