"""Whether two circuits are the same in every detail, down to the bits of their floats; and circuits with all of the details."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import heurest as hr

COLUMNS = ("gate", "boolean", "left", "right", "value", "term_wire", "term_coefficient")


def details(circuit: hr.Circuit) -> dict[str, Any]:
    """Everything that makes a circuit, as data that compares by value; floats as bytes, so that -0.0 is not 0.0."""
    parts: dict[str, Any] = {column: getattr(circuit, column).tobytes() for column in COLUMNS}
    parts["groups"] = [(repr(group.law.to_dict()), group.wires) for group in circuit.groups]
    parts["layers"] = [
        (layer.matrix.shape, layer.matrix.tobytes(), layer.bias.tobytes(), layer.operands.tolist(), layer.first) for layer in circuit.layers
    ]
    parts["names"] = dict(circuit.names)
    parts["names by wire"] = [circuit.wire_name(wire) for wire in range(len(circuit))]
    parts["outputs"] = [(name, wire.index) for name, wire in circuit.outputs.items()]
    return parts | {"name": circuit.name}


def assert_same(circuit: hr.Circuit, other: hr.Circuit) -> None:
    """Fail with the first detail that differs."""
    for part, expected in details(circuit).items():
        assert details(other)[part] == expected, part


def read_or_refused(read: Callable[..., Any], *arguments: Any) -> Any:
    """What a reader returns, or None where it raises a FormatError, which must be one line."""
    message = ""
    try:
        return read(*arguments)
    except hr.FormatError as error:
        message = str(error)
    assert message.isprintable()
    return None


def every_detail() -> hr.Circuit:
    """A circuit with every gate and law, odd floats and names, wires without use, layers of odd shapes, outputs out of order."""
    c = hr.Circuit('каждый "détail" \\ 1')
    x = c.input("x", hr.Normal(-0.0, 0.1 + 0.2))
    same = c.input("same law", hr.Normal(-0.0, 0.1 + 0.2))
    other = c.input("zero without sign", hr.Normal(0.0, 0.1 + 0.2))
    u = c.input("u", hr.Uniform(-1e-308, 5e-324))
    c.input("e", hr.Exponential(1e300))
    c.input("s", hr.Sign(), count=2)
    d = c.input("d", hr.Discrete([0.1, 1 / 3], [0.3, 0.7]))
    p = c.input("p", hr.Bernoulli(1e-20), count=3)
    r = c.input("r", hr.Bernoulli(0.5), kind="real")
    c.input("emp", hr.Empirical([3.0, 1.0, 2.0, 1.0]))
    m = c.input("m", hr.MultivariateNormal([0.5, -0.25], [[1.0, 0.1], [0.1, 2.0]]))
    j = c.input(["j one", "j two"], hr.JointDiscrete([[0.0, 1.5], [1.0, 2.5]], [0.25, 0.75]))  # one boolean, one real
    k = c.input("k", hr.JointDiscrete([[0.0, 1.0], [1.0, 1.0]], [0.5, 0.5]), kind="real")
    c.constant(-0.0)
    c.constant(1.7976931348623157e308)
    one = c.constant(1.0)
    c.affine([], hr.Wires(c, []), 0.1)
    w = c.affine([0.1, -0.0, 5e-324], [x, u, x], -1e-300)
    c.set_name(w, "named gate")
    c.affine(np.empty((0, 2)), hr.Wires(c, [0, 1]))  # a layer without rows
    layer = c.affine([[0.1, 0.2], [-0.0, 1e300], [1.0, 2.0]], m, [0.0, -0.0, 7.0])
    c.affine(np.empty((2, 0)), hr.Wires(c, []), [1.0, 2.0])
    pq = p[0] & p[1]
    logic = [(pq ^ p[2]) | ~pq, c.mux(p[0], pq, p[2]), c.apply("nor", pq, j[0]), c.apply("xnor", p[0], p[0]), one & p[0]]
    product = (x * same) * (x * x) + d * other**2 + p[0] * p[1] + r * k[0] + (p[0] * one) ** 2
    c.output("z", product)
    c.output('a "quoted" output', layer[2])
    for position, wire in enumerate(logic):
        c.output(f"logic {position}", wire)
    c.output("x", x)
    c.affine(np.empty((0, 1)), hr.Wires(c, [0]))
    return c
