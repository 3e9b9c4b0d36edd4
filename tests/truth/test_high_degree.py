"""Polynomials of enormous degree are refused in words, not by Python's recursion limit."""

import pytest

import heurest as hr


@pytest.mark.parametrize("exponent", [1000, 2**20])
def test_a_normal_input_to_a_high_power(exponent):
    c = hr.Circuit("tower")
    c.output("z", c.input("x", hr.Normal(0, 1)) ** exponent)
    with pytest.raises(hr.IntractableError, match=f"an output of degree {exponent:,} in inputs of law normal, at most 100 is taken"):
        hr.exact(c)
