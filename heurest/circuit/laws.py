"""All input laws in one place, and how they are read back from JSON.

=========================  ==========================================================
law                        name in JSON and its parameters
=========================  ==========================================================
`Normal`                   ``normal``: ``mean``, ``std``
`Uniform`                  ``uniform``: ``low``, ``high``
`Exponential`              ``exponential``: ``rate``
`Bernoulli`                ``bernoulli``: ``p``
`Sign`                     ``sign``
`Discrete`                 ``discrete``: ``values``, ``probs``
`Empirical`                ``empirical``: ``samples``
`MultivariateNormal`       ``multivariate_normal``: ``mean``, ``cov``
`JointDiscrete`            ``joint_discrete``: ``values``, ``probs``
=========================  ==========================================================
"""

from __future__ import annotations

from heurest.circuit.continuous_laws import Exponential, Normal, Uniform
from heurest.circuit.finite_laws import Bernoulli, Discrete, Empirical, Sign
from heurest.circuit.joint_laws import JointDiscrete, MultivariateNormal
from heurest.circuit.law_base import MAX_ORDER, Law
from heurest.circuit.law_checks import shown
from heurest.errors import CircuitError

__all__ = [
    "LAWS",
    "MAX_ORDER",
    "Bernoulli",
    "Discrete",
    "Empirical",
    "Exponential",
    "JointDiscrete",
    "Law",
    "MultivariateNormal",
    "Normal",
    "Sign",
    "Uniform",
    "law_from_dict",
]

LAWS: dict[str, type[Law]] = {
    law.name: law for law in (Normal, Uniform, Exponential, Bernoulli, Sign, Discrete, Empirical, MultivariateNormal, JointDiscrete)
}


def law_from_dict(data: object) -> Law:
    """Return the law that `Law.to_dict` described.

    Args:
        data: What stands in the JSON file, of any type.

    Returns:
        A law equal to the one written, every float the same.

    Raises:
        CircuitError: ``data`` is not an object, its law is unknown, a field is missing, unexpected or of the wrong type, or the values
            are no law. Nothing else is raised, whatever JSON holds.

    Cost:
        That of checking the parameters once.

    Examples:
        >>> law_from_dict({"law": "uniform", "low": -1.0, "high": 1.0})
        Uniform(low=-1.0, high=1.0)
        >>> law_from_dict({"law": "uniform", "low": -1.0})
        Traceback (most recent call last):
            ...
        heurest.errors.CircuitError: uniform: field 'high' is missing
    """
    if not isinstance(data, dict):
        raise CircuitError(f"law: expected an object such as {{'law': 'normal', 'mean': 0, 'std': 1}}, got {shown(data)}")
    if "law" not in data:
        raise CircuitError(f"law: field 'law' is missing; known laws: {', '.join(LAWS)}")
    name = data["law"]
    if not isinstance(name, str) or name not in LAWS:
        raise CircuitError(f"law: unknown law {shown(name)}; known laws: {', '.join(LAWS)}")
    kind = LAWS[name]
    expected = kind.parameters()
    for field in expected:
        if field not in data:
            raise CircuitError(f"{name}: field {field!r} is missing")
    for field in data:
        if field != "law" and field not in expected:
            raise CircuitError(f"{name}: unexpected field {shown(field)}; its fields: {', '.join(expected) or 'none'}")
    return kind(**{field: data[field] for field in expected})
