"""Hypothesis strategies: circuits over every gate and law, small enough for exact answers."""

import numpy as np
from hypothesis import strategies as st

import heurest as hr

NUMBERS = st.sampled_from([-2.0, -1.0, -0.5, 0.25, 0.5, 1.0, 1.5, 2.0])
PROBABILITIES = st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.9, 1.0])

REAL_LAWS = st.one_of(
    st.builds(hr.Normal, NUMBERS, st.sampled_from([0.0, 0.5, 1.0])),
    st.builds(lambda a, b: hr.Uniform(min(a, b), max(a, b) + 0.5), NUMBERS, NUMBERS),
    st.builds(hr.Exponential, st.sampled_from([0.5, 1.0, 2.0])),
    st.just(hr.Sign()),
    st.builds(lambda v, w: hr.Discrete((v, v + 1.0, v + 3.0), (w, 0.5 - w / 2, 0.5 - w / 2)), NUMBERS, PROBABILITIES),
    st.builds(lambda v: hr.Empirical(tuple(v)), st.lists(NUMBERS, min_size=1, max_size=4)),
)
FINITE_LAWS = st.one_of(
    st.just(hr.Sign()),
    st.builds(lambda v, w: hr.Discrete((v, v + 1.0), (w, 1.0 - w)), NUMBERS, PROBABILITIES),
    st.builds(lambda v: hr.Empirical(tuple(v)), st.lists(NUMBERS, min_size=1, max_size=3)),
)
BOOLEAN_LAWS = st.builds(hr.Bernoulli, PROBABILITIES)


@st.composite
def joint_normals(draw):
    factor = np.array(draw(st.lists(NUMBERS, min_size=4, max_size=4))).reshape(2, 2)
    return hr.MultivariateNormal(draw(st.tuples(NUMBERS, NUMBERS)), (factor @ factor.T).tolist())


@st.composite
def joint_finite(draw, boolean=False):
    values = st.sampled_from([0.0, 1.0]) if boolean else NUMBERS
    points = draw(st.lists(st.tuples(values, values), min_size=1, max_size=4, unique=True))
    weights = draw(st.lists(st.integers(1, 4), min_size=len(points), max_size=len(points)))
    total = sum(weights)
    return hr.JointDiscrete(points, [w / total for w in weights])


@st.composite
def circuits(draw, max_inputs=3, max_gates=7, laws=REAL_LAWS, booleans=True, joint=True, layers=True, reals=True, max_degree=None):
    """A circuit whose last gates are outputs; gates of every kind, operands drawn from all earlier wires."""
    c = hr.Circuit("generated")
    real, boolean = [], []
    for i in range(draw(st.integers(1, max_inputs))):
        kind = draw(st.sampled_from(["real"] * reals + ["boolean"] * booleans))
        if joint and draw(st.integers(0, 3)) == 0:
            law = draw(joint_finite(boolean=True) if kind == "boolean" else st.one_of(joint_normals(), joint_finite()))
            for wire in c.input(f"x{i}", law):
                (boolean if wire.boolean else real).append(wire)
        elif kind == "boolean":
            boolean.append(c.input(f"x{i}", draw(BOOLEAN_LAWS)))
        else:
            wire = c.input(f"x{i}", draw(laws))
            (boolean if wire.boolean else real).append(wire)
    degree = {w.index: 1 for w in real + boolean}
    for _ in range(draw(st.integers(1, max_gates))):
        gates = ["affine", "multiply", "square", "power", "constant"] if reals else []
        if layers and reals:
            gates.append("layer")
        if boolean:
            gates += ["and", "or", "xor", "not", "nand", "nor", "xnor", "mux"]
        gate = draw(st.sampled_from(gates))
        pick = st.sampled_from(real + boolean)
        if gate == "constant":
            new = [c.constant(draw(NUMBERS))]
            degree[new[0].index] = 0
        elif gate == "affine":
            operands = draw(st.lists(pick, min_size=1, max_size=3))
            new = [c.affine([draw(NUMBERS) for _ in operands], operands, draw(NUMBERS))]
            degree[new[0].index] = max(degree[w.index] for w in operands)
        elif gate == "layer":
            operands = draw(st.lists(pick, min_size=1, max_size=3))
            matrix = [[draw(NUMBERS) for _ in operands] for _ in range(2)]
            new = list(c.affine(matrix, operands, [draw(NUMBERS), draw(NUMBERS)]))
            for wire in new:
                degree[wire.index] = max(degree[w.index] for w in operands)
        elif gate in ("multiply", "square", "power"):
            operands = [draw(pick) for _ in range(2 if gate == "multiply" else 1)]
            total = sum(degree[w.index] for w in operands) * (2 if gate != "multiply" else 1)
            if max_degree is not None and total > max_degree:
                continue
            new = [operands[0] * operands[-1] if gate == "multiply" else operands[0] ** 2]
            degree[new[0].index] = total
        else:
            fan_in = hr.GATES[gate].fan_in
            operands = [draw(st.sampled_from(boolean)) for _ in range(fan_in)]
            new = [c.apply(gate, *operands)]
            degree[new[0].index] = 1
        for wire in new:
            (boolean if wire.boolean else real).append(wire)
    c.output("last", c.wire(len(c) - 1))
    c.output("other", draw(st.sampled_from(real + boolean)))
    return c
