"""Laws for the inputs of generated circuits, by name, as one law for all or as a list of laws."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby

import numpy as np

from heurest.circuit.circuit import Circuit
from heurest.circuit.law_checks import shown
from heurest.circuit.laws import (
    Bernoulli,
    Discrete,
    Empirical,
    Exponential,
    JointDiscrete,
    Law,
    MultivariateNormal,
    Normal,
    Sign,
    Uniform,
)
from heurest.circuit.wires import Wires
from heurest.errors import CircuitError

__all__ = ["INPUT_LAWS", "InputLaw", "add_inputs", "draw_laws", "law_label"]

#: How a generator is told the law of its inputs.
InputLaw = str | Law | Sequence[Law]

_POINTS = 8  # of an empirical or a joint discrete law


def _shifted_normal(rng: np.random.Generator, count: int) -> list[Law]:
    return [Normal(mean, 0.7) for mean in rng.standard_normal(count).tolist()]


def _bernoulli(rng: np.random.Generator, count: int) -> list[Law]:
    return [Bernoulli(p) for p in rng.uniform(0.2, 0.8, count).tolist()]


def _discrete(rng: np.random.Generator, count: int) -> list[Law]:
    return [Discrete(rng.standard_normal(3), rng.dirichlet(np.ones(3))) for _ in range(count)]


def _empirical(rng: np.random.Generator, count: int) -> list[Law]:
    return [Empirical(rng.standard_normal(_POINTS)) for _ in range(count)]


def _multivariate_normal(rng: np.random.Generator, count: int) -> list[Law]:
    factor = rng.standard_normal((count, count))
    factor /= np.sqrt((factor**2).sum(axis=1, keepdims=True))
    correlation = factor @ factor.T
    np.fill_diagonal(correlation, 1.0)
    return [MultivariateNormal(np.zeros(count), correlation)]


def _joint_discrete(rng: np.random.Generator, count: int) -> list[Law]:
    return [JointDiscrete(rng.standard_normal((_POINTS, count)), rng.dirichlet(np.ones(_POINTS)))]


#: Laws of ``count`` inputs by name. Those with free parameters draw them from the generator's ``rng``: ``shifted_normal`` has
#: means from N(0, 1) and deviation 0.7, ``bernoulli`` probabilities from [0.2, 0.8], ``discrete`` three normal values with
#: uniform weights, ``empirical`` eight normal samples, ``multivariate_normal`` unit variances with correlations of random
#: directions, ``joint_discrete`` eight normal points with uniform weights.
INPUT_LAWS: dict[str, Callable[[np.random.Generator, int], list[Law]]] = {
    "normal": lambda rng, count: [Normal(0.0, 1.0)] * count,
    "shifted_normal": _shifted_normal,
    "sign": lambda rng, count: [Sign()] * count,
    "uniform": lambda rng, count: [Uniform(-1.7, 1.7)] * count,
    "fair": lambda rng, count: [Bernoulli(0.5)] * count,
    "bernoulli": _bernoulli,
    "exponential": lambda rng, count: [Exponential(1.0)] * count,
    "discrete": _discrete,
    "empirical": _empirical,
    "multivariate_normal": _multivariate_normal,
    "joint_discrete": _joint_discrete,
}


def draw_laws(where: str, law: InputLaw, count: int, rng: np.random.Generator) -> list[Law]:
    """The laws of ``count`` inputs, in order.

    Args:
        where: The generator's name, for messages.
        law: A name from `INPUT_LAWS`; one law, which is repeated (a joint law of ``s`` inputs ``count / s`` times); or a
            list of laws that govern ``count`` inputs together.
        count: Number of inputs, at least 1.
        rng: Source of a named law's free parameters.

    Returns:
        Laws whose sizes sum to ``count``.

    Raises:
        CircuitError: The name is unknown or the sizes do not fit.

    Examples:
        >>> import numpy as np
        >>> draw_laws("demo", "uniform", 2, np.random.default_rng(0))
        [Uniform(low=-1.7, high=1.7), Uniform(low=-1.7, high=1.7)]
    """
    if isinstance(law, str):
        if law not in INPUT_LAWS:
            raise CircuitError(f"{where}: unknown law {law!r}; known are {', '.join(INPUT_LAWS)}")
        return INPUT_LAWS[law](rng, count)
    if isinstance(law, Law):
        if count % law.size:
            raise CircuitError(f"{where}: law {law.name} governs {law.size} inputs, which does not divide {count}")
        return [law] * (count // law.size)
    if not isinstance(law, Sequence):
        raise CircuitError(f"{where}: law must be a name, a law or a list of laws, got {shown(law)}")
    laws: list[Law] = []
    for part in law:
        if not isinstance(part, Law):
            raise CircuitError(f"{where}: a list of laws must hold laws only, got {shown(part)}")
        laws.append(part)
    total = sum(part.size for part in laws)
    if total != count:
        raise CircuitError(f"{where}: the laws govern {total} inputs, but there are {count}")
    return laws


def add_inputs(circuit: Circuit, laws: Sequence[Law]) -> Wires:
    """Add inputs named ``x[0]``, ``x[1]`` and so on, one law after the other; returns their wires."""
    first = len(circuit)
    made = 0
    for law, run in groupby(laws):
        copies = len(list(run))
        names = [f"x[{made + i}]" for i in range(copies * law.size)]
        if law.size == 1:
            circuit.input(names, law, copies)
        else:
            for start in range(0, len(names), law.size):
                circuit.input(names[start : start + law.size], law)
        made += len(names)
    return Wires(circuit, np.arange(first, first + made))


def law_label(law: InputLaw) -> str:
    """How the law is called in a circuit's name, in the spelling of families."""
    name = law if isinstance(law, str) else law.name if isinstance(law, Law) else "mixed"
    return name.replace("_", "-")
