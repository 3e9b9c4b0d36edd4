"""Small circuits on which the tests' verdicts are known exactly: two sensors, five levers, a check of the day, and signed monomials."""

from __future__ import annotations

from heurest.circuit.circuit import Circuit
from heurest.circuit.laws import Bernoulli

NOISE = 0.001


def two_sensors() -> Circuit:
    """A diamond watched by two sensors that can be set off by noise.

    ``S1 = D | n1``, ``S2 = D | n2``, and the output ``Y = S1 & S2``. The diamond is there half the time; each noise is 1 with
    probability 1/1000. Eight terms; 32 of the 256 sets of them explain 99.9 % of the variance of Y.

    Returns:
        The circuit with inputs ``D``, ``n1``, ``n2``, wires ``S1``, ``S2`` and output ``Y``.

    Examples:
        >>> from heurest.anomaly.explanation import explain
        >>> both_tampered = explain(two_sensors()).normal_reason([0, 1, 1])
        >>> both_tampered.verdict, both_tampered.dropped
        ('anomalous', ('S1: n1',))
    """
    c = Circuit("two sensors")
    diamond = c.input("D", Bernoulli(0.5))
    n1, n2 = c.input(["n1", "n2"], Bernoulli(NOISE))
    s1, s2 = c.set_name(diamond | n1, "S1"), c.set_name(diamond | n2, "S2")
    c.output("Y", c.set_name(s1 & s2, "Y"))
    return c


def five_levers() -> Circuit:
    """A diamond, a robber that training never shows, and five levers that nobody pulls in training.

    ``D = D0 & (~R | L1 & L2 & L3)``: levers 1 to 3 wall the diamond in. ``S1 = D | n1 | L4``, ``S2 = D | n2 | L5``: levers 4
    and 5 fake a sensor each. The output is ``Y = S1 & S2``. Seventeen terms; 8,192 of the 131,072 sets of them explain 99.9 %.

    Returns:
        The circuit with inputs ``D0``, ``R``, ``L1`` to ``L5``, ``n1``, ``n2``, wires ``D``, ``S1``, ``S2`` and output ``Y``.

    Examples:
        >>> from heurest.anomaly.explanation import explain
        >>> found = explain(five_levers(), components=["S1", "S2"])
        >>> wall, hack = [1, 1, 1, 1, 1, 0, 0, 0, 0], [1, 1, 0, 0, 0, 1, 1, 0, 0]
        >>> found.any_reason(wall).verdict, found.any_reason(hack).verdict
        ('ok', 'anomalous')
    """
    c = Circuit("five levers")
    present = c.input("D0", Bernoulli(0.5))
    robber = c.input("R", Bernoulli(0.0))
    l1, l2, l3, l4, l5 = c.input([f"L{number}" for number in range(1, 6)], Bernoulli(0.0))
    n1, n2 = c.input(["n1", "n2"], Bernoulli(NOISE))
    diamond = c.set_name(present & (~robber | (l1 & l2 & l3)), "D")
    s1, s2 = c.set_name(diamond | n1 | l4, "S1"), c.set_name(diamond | n2 | l5, "S2")
    c.output("Y", c.set_name(s1 & s2, "Y"))
    return c


def day_check() -> Circuit:
    """An output that is ``g`` up to a day and ``h`` after it; training ends before that day.

    ``Y = c * g + (1 - c) * h`` with ``c = [day < 50]``, 1 throughout training. The year is recorded, too, but nothing reads it.

    Returns:
        The circuit with inputs ``day<50``, ``g``, ``h``, ``year``, all boolean, and output ``Y``.

    Examples:
        >>> from heurest.anomaly.explanation import explain
        >>> late = explain(day_check()).normal_reason([0, 0, 1, 0])
        >>> late.verdict, late.dropped
        ('anomalous', ('Y: ~day<50 & h',))
    """
    c = Circuit("day check")
    early = c.input("day<50", Bernoulli(1.0))
    g, h = c.input(["g", "h"], Bernoulli(0.5))
    c.input("year", Bernoulli(0.0))
    c.output("Y", c.set_name(c.mux(early, g, h), "Y"))
    return c


def signed_monomials() -> Circuit:
    """The output of the two sensors as a polynomial with a sign: a warning about additive terms.

    ``Y = D + n1n2 - D n1n2``, which is ``D | n1 & n2``. With the three monomials as terms that are kept or dropped one by one, a
    diamond beside both noises is flagged, which is spurious: dropping ``n1n2`` or ``D n1n2`` costs nothing in training and leaves
    0 or 2 there. Implicants flag both noises without the diamond only.

    Returns:
        The circuit with inputs ``D``, ``n1``, ``n2``, wires ``n1n2``, ``Dn1n2``, and output ``Y``, all boolean.

    Examples:
        >>> from heurest.anomaly.explanation import explain
        >>> [explain(signed_monomials(), semantics=name).normal_reason([1, 1, 1]).verdict for name in ("monomials", "implicants")]
        ['anomalous', 'ok']
    """
    c = Circuit("signed monomials")
    diamond = c.input("D", Bernoulli(0.5))
    n1, n2 = c.input(["n1", "n2"], Bernoulli(NOISE))
    both = c.set_name(n1 & n2, "n1n2")
    all_three = c.set_name(diamond & both, "Dn1n2")
    c.output("Y", c.set_name(c.affine([1, 1, -1], [diamond, both, all_three], boolean=True), "Y"))
    return c
