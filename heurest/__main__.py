"""``python -m heurest``."""

import sys

from heurest.cli import main

sys.exit(main())
