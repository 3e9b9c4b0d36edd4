"""Lowered circuits: what estimators and ground truth run on."""

from heurest.program.lower import lower as lower
from heurest.program.program import Instructions as Instructions
from heurest.program.program import LayerStep as LayerStep
from heurest.program.program import Program as Program
