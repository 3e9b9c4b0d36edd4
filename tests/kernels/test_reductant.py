"""Reductant propagation of order 2 of real wires against the definition, taken literally by the oracle."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import heurest as hr
from heurest.estimators.real_reductants import propagate_real_reductants
from heurest.estimators.reductant import COMPLETIONS
from support.real_reductants import oracle
from support.sizes import scaled
from support.strategies import REAL_LAWS, circuits

# Uneven, so that no third moment vanishes by chance; none is nearly constant, where correlations are all rounding.
LAWS = st.sampled_from(
    [
        hr.Normal(0.5, 1.0),
        hr.Exponential(1.0),
        hr.Uniform(-1.0, 2.0),
        hr.Sign(),
        hr.Bernoulli(0.3),
        hr.Discrete((-1.0, 0.5, 2.0), (0.3, 0.5, 0.2)),
    ]
)


def check(circuit, degree, completion, rtol=1e-7):
    program, expected = oracle(circuit, degree, completion)
    mean, variance, reduced = propagate_real_reductants(program, degree, COMPLETIONS.index(completion), True)
    wires = [expected.wires[node] for node in program.value_node]
    size = np.array([abs(wire.mean) + wire.deviation + 1.0 for wire in wires])  # what is smaller may be rounding of numbers near 1
    assume(size.max(initial=1.0) < 1e12)
    np.testing.assert_allclose(mean / size, np.array([wire.mean for wire in wires]) / size, rtol=0, atol=rtol)
    np.testing.assert_allclose(variance / size**2, np.array([wire.deviation for wire in wires]) ** 2 / size**2, rtol=0, atol=rtol)
    clear = [v for v, wire in enumerate(wires) if wire.deviation > 1e-3 * size[v]]
    if expected.moved or reduced.coherence.moved:  # by how much is found roughly
        return
    for v in clear:
        for w in clear:
            if program.value_node[v] == program.value_node[w]:
                continue
            found = reduced.joint(v, w).coefficients
            rows, columns = found.shape  # rounding decides whether a law has a last point of hardly any weight
            table = expected.tables[program.value_node[v], program.value_node[w]]
            np.testing.assert_allclose(found, table[:rows, :columns], rtol=0, atol=10 * rtol)


every_completion = pytest.mark.parametrize("completion", COMPLETIONS)


@every_completion
@pytest.mark.parametrize("degree", [1, 2, 3])
@settings(max_examples=scaled(50, 4))
@given(st.data())
def test_laws_and_tables_are_those_of_the_definition(completion, degree, data):
    circuit = data.draw(circuits(max_gates=5, laws=LAWS, max_degree=6))
    check(circuit, degree, completion)


@every_completion
@settings(max_examples=scaled(50, 4))
@given(st.data())
def test_means_are_those_of_the_definition_on_any_laws(completion, data):
    circuit = data.draw(circuits(max_gates=4, laws=REAL_LAWS, max_degree=6))
    check(circuit, 2, completion, 1e-6)
