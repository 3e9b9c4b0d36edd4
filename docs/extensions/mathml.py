"""Formulas as MathML, which browsers draw by themselves: the pages need no network either."""

from __future__ import annotations

import html
import re
from typing import Any

from docutils import nodes
from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.application import Sphinx
from sphinx.util import logging

logger = logging.getLogger(__name__)

# Brackets grow by themselves in MathML, and docutils does not know every command.
_REWRITTEN = (
    (re.compile(r"\\[bB]ig+[lr]?(?![a-zA-Z])"), ""),
    (re.compile(r"\\dots(?![a-zA-Z])"), r"\\ldots"),
    (re.compile(r"\\setminus(?![a-zA-Z])"), r"\\backslash"),  # few fonts have its own sign
)


def to_mathml(node: nodes.Element, *, block: bool) -> str:
    """The MathML of a formula; one that cannot be drawn is a warning, and stands there as it was written."""
    formula = node.astext()
    for pattern, replacement in _REWRITTEN:
        formula = pattern.sub(replacement, formula)
    try:
        return str(tex2mathml(formula, as_block=block))
    except MathError as problem:
        logger.warning("cannot draw the formula %r: %s", formula, problem, location=node, type="math")
        return f"<code>{html.escape(formula)}</code>"


def _inline(translator: Any, node: nodes.math) -> None:
    translator.body.append(to_mathml(node, block=False))
    raise nodes.SkipNode


def _block(translator: Any, node: nodes.math_block) -> None:
    translator.body.append(f'<div class="math">{to_mathml(node, block=True)}</div>\n')
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
