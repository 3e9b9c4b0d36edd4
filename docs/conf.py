"""Settings of the documentation; neither the build nor the pages need a network."""

from __future__ import annotations

import sys
from pathlib import Path

from heurest._version import __version__

sys.path.insert(0, str(Path(__file__).parent))

project = "heurest"
author = "heurest contributors"
copyright = "heurest contributors"  # Sphinx prescribes the name
version = release = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "extensions.mathml", "extensions.reference"]
exclude_patterns = ["_build", "reference/_generated"]
default_role = "py:obj"  # `Circuit` in a docstring leads to its entry

html_theme = "furo"
html_title = f"heurest {__version__}"
html_static_path = ["static"]
html_css_files = ["heurest.css"]
html_math_renderer = "mathml"

myst_enable_extensions = ["amsmath", "colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented_params"
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True
napoleon_custom_sections = ["Cost"]
