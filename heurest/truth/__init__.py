"""Ground truth: exact expectations where they can be had, sampled ones with their standard errors everywhere."""

from heurest.truth.exact import exact as exact
from heurest.truth.ground_truth import ground_truth as ground_truth
from heurest.truth.monte_carlo import monte_carlo as monte_carlo
