"""Heuristic estimates of the expected outputs of arithmetic and boolean circuits.

A circuit over random inputs goes in; a deterministic estimate of its expected outputs comes out, computed from
its structure without running samples, and is compared with exact or sampled ground truth. Names are imported when
they are first used, so that ``import heurest`` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOME = {
    "heurest._version": ("__version__",),
    "heurest.errors": ("HeurestError", "CircuitError", "KindError", "FormatError", "ArgumentError", "IntractableError"),
    "heurest.circuit.circuit": ("Circuit",),
    "heurest.circuit.wires": ("Wire", "Wires"),
    "heurest.circuit.gates": ("GATES",),
    "heurest.circuit.laws": (
        "Law", "Normal", "Uniform", "Exponential", "Bernoulli", "Sign", "Discrete", "Empirical", "MultivariateNormal", "JointDiscrete",
    ),
    "heurest.formats": ("FORMATS", "load", "save"),
    "heurest.formats.input_laws": ("with_laws", "read_laws"),
    "heurest.formats.dimacs": ("dimacs_from_circuit",),
    "heurest.formats.circuit_json": ("dumps", "loads"),
    "heurest.formats.sympy_expressions": ("to_sympy", "from_sympy"),
    "heurest.formats.networkx_graph": ("to_networkx", "from_networkx"),
    "heurest.families": ("FAMILIES", "draw"),
    "heurest.families.bilinear": ("random_bilinear",),
    "heurest.families.boolean": ("random_boolean",),
    "heurest.families.quadratic": ("quadratic_network", "repeated_squaring"),
    "heurest.families.read_once": ("read_once",),
    "heurest.families.matchings": ("hafnian", "permanent", "random_double_wishart", "random_gram"),
    "heurest.families.adders": ("adder", "lookahead_adder"),
    "heurest.families.multipliers": ("multiplier", "wallace_multiplier"),
    "heurest.families.comparators": ("less_than", "equality"),
    "heurest.families.counting": ("parity", "parity_tree", "majority"),
    "heurest.families.selectors": ("decoder", "priority_encoder", "barrel_shifter"),
    "heurest.families.alu": ("alu",),
    "heurest.families.mixers": ("mixer",),
    "heurest.families.benchmarks": ("c17",),
    "heurest.program": ("lower", "Program"),
    "heurest.reduced": ("ReducedLaw", "JointTable", "Coherence"),
    "heurest.results": ("Estimate", "Truth"),
    "heurest.estimators.mean": ("Mean",),
    "heurest.estimators.cumulant": ("Cumulant",),
    "heurest.estimators.reductant": ("Reductant",),
    "heurest.truth.exact": ("exact",),
    "heurest.truth.monte_carlo": ("monte_carlo",),
    "heurest.truth.ground_truth": ("ground_truth",),
    "heurest.truth.sampling": ("Sampling",),
    "heurest.truth.rare_events": ("rare_probability", "RareEvent"),
    "heurest.arguments.claims": ("Claim", "Track", "Assert", "Measured", "Cases", "Lemma", "Point", "Transcript"),
    "heurest.arguments.argument": ("Argument",),
    "heurest.arguments.planning": ("plan", "ArgumentPlan"),
    "heurest.arguments.search": ("find_argument", "FoundArgument", "CurvePoint"),
    "heurest.arguments.checking": ("check_argument",),
    "heurest.arguments.check_result": ("Check", "CheckedClaim"),
    "heurest.arguments.lemma_checks": ("lemma_holds",),
    "heurest.arguments.surprise": ("surprise", "Surprise"),
    "heurest.estimators.maxent": ("MaximumEntropy",),
    "heurest.estimators.cop": ("Cop",),
    "heurest.estimators.correlation": ("Correlation",),
    "heurest.estimators.clamped": ("ClampedCovariance",),
    "heurest.estimators.windowed": ("Windowed",),
    "heurest.drawing": ("draw_circuit",),
    "heurest.methods": ("METHODS", "estimate", "parse_method"),
    "heurest.anomaly.explanation": ("explain", "Explanation"),
    "heurest.anomaly.additive": ("AdditiveExplanation",),
    "heurest.anomaly.lemma_test": ("lemma_test", "Lemmas"),
    "heurest.anomaly.leverage": ("Leverage",),
    "heurest.anomaly.detector": ("Detector",),
    "heurest.anomaly.leverage_detector": ("LeverageDetector",),
    "heurest.anomaly.trojans": ("insert_trojan", "Trojan"),
    "heurest.anomaly.baselines": ("RareValues", "SignalProbabilities", "Mahalanobis"),
    "heurest.anomaly.verdicts": ("Verdict",),
    "heurest.anomaly.witness": ("Witness",),
    "heurest.anomaly.observations": ("observations", "Observations"),
    "heurest.anomaly.data_files": ("read_points", "point_batches"),
    "heurest.anomaly.examples": ("two_sensors", "five_levers", "day_check", "signed_monomials"),
    "heurest.comparison": ("compare", "Comparison"),
    "heurest.activity.switching": ("switching_activity",),
    "heurest.activity.influences": ("influence",),
    "heurest.activity.records": ("SwitchingActivity", "Influence"),
    "heurest.plot": ("plot_comparison", "plot_curve"),
}  # fmt: skip
_MODULE_OF = {name: module for module, names in _HOME.items() for name in names}
__all__ = sorted(_MODULE_OF)


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'heurest' has no attribute {name!r}")
    return getattr(import_module(_MODULE_OF[name]), name)


def __dir__() -> list[str]:
    return __all__
