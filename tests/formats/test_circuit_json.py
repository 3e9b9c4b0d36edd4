"""The JSON format: reading gives back what was written, and whatever is wrong is one FormatError with its line."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import heurest as hr
from heurest.formats.circuit_json import dumps, loads
from support.same_circuit import assert_same, every_detail, read_or_refused
from support.strategies import circuits

FLOATS = st.floats(allow_nan=False, allow_infinity=False)


@given(circuits())
def test_reading_gives_back_the_circuit_that_was_written(circuit):
    text = dumps(circuit)
    again = loads(text)
    assert_same(circuit, again)
    assert dumps(again) == text
    assert not again.frozen


def test_every_detail_survives():
    circuit = every_detail()
    assert_same(circuit, loads(dumps(circuit)))
    assert_same(circuit, loads(dumps(circuit.freeze())))


@given(st.lists(FLOATS, min_size=1, max_size=5), FLOATS, FLOATS)
def test_every_float_survives(coefficients, bias, constant):
    c = hr.Circuit("floats")
    x = c.input("x", hr.Normal(bias, abs(constant)))
    c.affine(coefficients, [x] * len(coefficients), bias)
    c.affine([coefficients], [x] * len(coefficients), [bias])
    c.constant(constant)
    assert_same(c, loads(dumps(c)))


@given(st.text(min_size=1).filter(str.isprintable), st.text(min_size=1).filter(str.isprintable))
def test_every_name_survives(name, output):
    c = hr.Circuit(output)
    c.output(output, c.input(name, hr.Sign()))
    assert_same(c, loads(dumps(c)))


def test_an_empty_circuit_survives():
    assert_same(hr.Circuit("empty"), loads(dumps(hr.Circuit("empty"))))


def test_each_wire_has_a_line_and_each_law_is_written_once():
    c = hr.Circuit("lines")
    x = c.input("x", hr.Uniform(0, 1), count=3)
    y = c.input("y", hr.Uniform(0, 1))  # another object, the same law
    c.output("o", x[0] * y)
    assert dumps(c).splitlines() == [
        "{",
        '"format": "heurest circuit",',
        '"version": 1,',
        '"name": "lines",',
        '"laws": [',
        '{"law": "uniform", "low": 0.0, "high": 1.0}',
        "],",
        '"wires": [',
        '["input", 0],',
        '["input", 0],',
        '["input", 0],',
        '["input", 0],',
        '["multiply", 0, 3]',
        "],",
        '"names": {',
        '"x[0]": 0,',
        '"x[1]": 1,',
        '"x[2]": 2,',
        '"y": 3',
        "},",
        '"outputs": {',
        '"o": 4',
        "}",
        "}",
    ]


def test_other_programs_can_read_it_and_lay_it_out_anew():
    circuit = every_detail()
    data = json.loads(dumps(circuit))
    assert_same(circuit, loads(json.dumps(data)))
    assert_same(circuit, loads(json.dumps(data, indent=4, sort_keys=False, ensure_ascii=False)))


def test_whole_numbers_may_stand_for_floats():
    text = document(wires='["constant", 3],\n["affine", 1, [0], [2]],\n["layer", [0, 1], [[1, 2]], [0]]')
    c = loads(text)
    assert (c.value.tolist(), c.term_coefficient.tolist(), c.layers[0].matrix.tolist()) == ([3.0, 1.0, 0.0], [2.0], [[1.0, 2.0]])


def test_a_long_chain_of_gates_does_not_recurse():
    depth = 20_000
    text = document(wires=",\n".join(['["constant", 1.0]', *(f'["square", {k}]' for k in range(depth))]))
    assert len(loads(text)) == depth + 1


# What is wrong is named. Line 7 of the document below is wire 0.


def document(laws: str = "", wires: str = "", names: str = "{}", outputs: str = "{}", version: str = "1") -> str:
    return (
        '{\n"format": "heurest circuit",\n'
        f'"version": {version},\n"name": "test",\n"laws": [{laws}],\n'
        f'"wires": [\n{wires}\n],\n"names": {names},\n"outputs": {outputs}}}\n'
    )


X = '["input", 0]'
SIGN = '{"law": "sign"}'
BIT = '{"law": "bernoulli", "p": 0.5}'


def one_input(more: str, law: str = SIGN) -> str:
    return document(law, f"{X},\n{more}", '{"x": 0}')


WRONG_ENTRIES = [
    ('["add", 0, 0]', 'one of the gates input, constant, affine, layer, multiply, square, and, found "add"'),
    ("[]", "a list that starts with the name of a gate, found []"),
    ("{}", "a list that starts with the name of a gate, found an object with 0 fields"),
    ("null", "a list that starts with the name of a gate, found null"),
    ("[[[]]]", "one of the gates"),
    ("[1]", "one of the gates"),
    ('["multiply", 0]', "2 operands for multiply, found 1"),
    ('["multiply", 0, 0, 0]', "2 operands for multiply, found 3"),
    ('["and", 0]', "2 operands for and, found 1"),
    ('["square"]', "1 operand for square, found 0"),
    ('["square", 1]', "an operand, an integer from 0 to 0, found 1"),
    ('["multiply", 0, 7]', "an operand, an integer from 0 to 0, found 7"),
    ('["multiply", -1, 0]', "an operand, an integer from 0 to 0, found -1"),
    ('["multiply", 0, true]', "an operand, an integer from 0 to 0, found true"),
    ('["multiply", 0.0, 0]', "an operand, an integer from 0 to 0, found 0.0"),
    ('["multiply", "0", 0]', 'an operand, an integer from 0 to 0, found "0"'),
    ('["multiply", [0], 0]', "an operand, an integer from 0 to 0, found [0]"),
    ('["square", 1' + "0" * 99 + "]", "an operand, an integer from 0 to 0, found an integer of 329 bits"),
    ('["and", 0, 0]', "boolean operands for and, found the real wire 0"),
    ('["constant"]', '["constant", number], found nothing after "constant"'),
    ('["constant", 1, 2]', '["constant", number], found ["constant", 1, 2]'),
    ('["constant", "1"]', 'a finite number, found "1"'),
    ('["constant", true]', "a finite number, found true"),
    ('["constant", 1e999]', "a finite number, found Infinity"),
    ('["constant", -1e999]', "a finite number, found -Infinity"),
    ('["constant", 1' + "0" * 400 + "]", "a finite number, found an integer of 1329 bits"),
    ('["input"]', '["input", law] or ["input", law, "real"], found nothing'),
    ('["input", 0, "boolean"]', '["input", law] or ["input", law, "real"], found ["input", 0, "boolean"]'),
    ('["input", 1]', "the number of a law, an integer from 0 to 0, found 1"),
    ('["input", false]', "the number of a law, an integer from 0 to 0, found false"),
    ('["input", 0]', 'a name in "names" for every input, found 1 names for more inputs'),
    ('["affine", 0.0, [0]]', '["affine", bias, [operands], [coefficients]]'),
    ('["affine", 0.0, [0], [1.0], "real"]', '["affine", bias, [operands], [coefficients]]'),
    ('["affine", null, [0], [1.0]]', "a finite bias, found null"),
    ('["affine", 0.0, 0, [1.0]]', "a list of operands, found 0"),
    ('["affine", 0.0, [1], [1.0]]', "an operand, an integer from 0 to 0, found 1"),
    ('["affine", 0.0, [0], [1.0, 2.0]]', "1 coefficients, found 2"),
    ('["affine", 0.0, [0], [false]]', "finite numbers as coefficients, found false"),
    ('["affine", 0.0, [0], [1e400]]', "finite numbers as coefficients, found Infinity"),
    ('["affine", 0.0, [0], {}]', "1 coefficients, found an object with 0 fields"),
    ('["affine", 1.0, [0], [-1.0], "boolean"]', "boolean operands for a boolean affine gate, found the real wire 0"),
    ('["layer", [0], [[1.0]]]', '["layer", [operands], [[coefficients] for each wire], [biases]]'),
    ('["layer", [0], 1.0, [0.0]]', "a list of rows of coefficients, found 1.0"),
    ('["layer", [0], [1.0], [0.0]]', "1 coefficients in each row, found 1.0"),
    ('["layer", [0], [[1.0, 2.0]], [0.0]]', "1 coefficients in each row, found 2"),
    ('["layer", [0], [[1.0]], [0.0, 1.0]]', "1 biases, one for each row of coefficients, found 2"),
    ('["layer", [0], [["1.0"]], [0.0]]', 'finite numbers as coefficients in each row, found "1.0"'),
    ('["layer", [0], [[true]], [0.0]]', "finite numbers as coefficients in each row, found true"),
]


@pytest.mark.parametrize(("entry", "message"), WRONG_ENTRIES)
def test_a_wrong_entry_is_named_with_line_and_wire(entry, message):
    with pytest.raises(hr.FormatError) as caught:
        loads(one_input(entry), "demo.json")
    assert str(caught.value).startswith("demo.json, line 8 (wire 1): expected ")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (
            '["affine", 0.0, [0, 0], [1.0, 1.0], "boolean"]',
            "a sum that is always 0 or 1, as the gate is marked boolean, found one that can be 2",
        ),
        ('["affine", 0.0, [0, 0], [0.5, 0.5], "boolean"]', "found one with fractional numbers"),
        ('["affine", 0.0, [0, 0], [1e300, -1e300], "boolean"]', "found one with coefficients too large to check"),
    ],
)
def test_a_sum_marked_boolean_must_be_boolean(entry, message):
    with pytest.raises(hr.FormatError, match=r"line 8 \(wire 1\)") as caught:
        loads(one_input(entry, BIT))
    assert message in str(caught.value)


def test_the_line_of_a_wire_counts_entries_that_make_several():
    text = document('{"law": "multivariate_normal", "mean": [0, 0], "cov": [[1, 0], [0, 1]]}', f'{X},\n\n["square", 2]', '{"x": 0, "y": 1}')
    with pytest.raises(hr.FormatError, match=r"^text, line 9 \(wire 2\): expected an operand, an integer from 0 to 1, found 2$"):
        loads(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "text, line 1, column 1: expected a value, found the end of the text"),
        ("hello", "text, line 1, column 1: expected a value, found 'hello'"),
        ("[1,\n2,\n", "text, line 3, column 1: expected a value, found the end of the text"),
        ('{"a" 1}', "text, line 1, column 6: expected ':' delimiter, found '1}'"),
        ('{}\n{"b": 1}', "text, line 2, column 1: expected the end of the text, found '{\"b\": 1}'"),
        ('{"a": "', "text, line 1, column 7: expected valid JSON (unterminated string starting at), found '\"'"),
        ('{"a": 1,\n"b": 2,\n"a": 3}', 'text, line 3: expected keys without repetition, found "a" again'),
        ('{"a": {"b": 2,\n"b": 2}}', 'text, line 2: expected keys without repetition, found "b" again'),
        ('["NaN",\nNaN]', "text, line 2: expected finite numbers, found NaN"),
        ('{"-Infinity":\n-Infinity}', "text, line 2: expected finite numbers, found -Infinity"),
        ("[\n" + "9" * 5000 + "]", "text, line 2: expected integers of at most 4300 digits, found one of 5000"),
        ("[\n" + "[" * 100_000, "text, line 2: expected at most 50 brackets inside each other, found more"),
        ("\n" + '{"a":' * 100_000, "text, line 2: expected at most 50 brackets inside each other, found more"),
        ("[]", 'text, line 1: expected an object with "format": "heurest circuit", found []'),
        ("3", 'text, line 1: expected an object with "format": "heurest circuit", found 3'),
        ("{}", 'text, line 1: expected "format": "heurest circuit", found none'),
        ('{\n"format": "other"}', 'text, line 2: expected "format": "heurest circuit", found "other"'),
        ('{\n"format": ["x"]}', 'text, line 2: expected "format": "heurest circuit", found ["x"]'),
        (document(version="2"), 'text, line 3: expected "version": 1, found 2'),
        (document(version="true"), 'text, line 3: expected "version": 1, found true'),
        (document(version="1.0"), 'text, line 3: expected "version": 1, found 1.0'),
        (document().replace('"version": 1,', ""), 'text, line 1: expected "version": 1, found null'),
        (document().replace('"laws": [],', ""), 'text, line 1: expected a field "laws", found none'),
        (document().replace('"laws"', '"law"'), 'text, line 1: expected a field "laws", found none'),
        (
            document().replace('"laws"', '"more": 1,\n"laws"'),
            "text, line 5: expected no fields but format, version, name, laws, wires, names, outputs",
        ),
        (document().replace('"test"', '""'), 'text, line 4: expected a non-empty name of printable characters, found ""'),
        (document().replace('"test"', '"a\\n"'), 'text, line 4: expected a non-empty name of printable characters, found "a\\n"'),
        (document().replace('"test"', '"\\ud800"'), "text, line 4: expected a non-empty name of printable characters"),
        (document().replace('"test"', "3"), "text, line 4: expected a non-empty name of printable characters, found 3"),
        (document(names="[]"), "text, line 9: expected an object, found []"),
        (document(outputs="null"), "text, line 10: expected an object, found null"),
        (document().replace("[\n\n]", "3"), "text, line 6: expected a list, found 3"),
        (document(laws="\n3"), "text, line 6: expected a law, found a mistake (law: expected an object"),
        (
            document(laws='\n{"law": "cauchy"}'),
            "unknown law 'cauchy'; known laws: normal, uniform, exponential, bernoulli, sign, discrete, empirical",
        ),
        (
            document(laws=f'{SIGN},\n{{"law": "normal", "mean": 0}}'),
            "text, line 6: expected a law, found a mistake (normal: field 'std' is missing)",
        ),
        (document(laws='{"law": "normal", "mean": 0, "std": -1}'), "normal: std must not be negative, got -1.0"),
        (document(laws='{"law": "bernoulli", "p": [[[]]]}'), "bernoulli: p must be a number, got a list"),
        (document(SIGN, X, '{\n"x": 1}'), "text, line 10: expected a wire, an integer from 0 to 0, found 1"),
        (document(SIGN, X, '{"x": true}'), "expected a wire, an integer from 0 to 0, found true"),
        (document(SIGN, X, '{"": 0}'), 'expected a non-empty name of printable characters, found ""'),
        (document(SIGN, X, '{"x": 0,\n"y": 0}'), 'text, line 10: expected one name for wire 0, which is "x", found "y" too'),
        (document(SIGN, X + ',\n["square", 0]', '{"y": 1}'), "text, line 10: expected a name for every input, found none for wire 0"),
        (document(outputs='{"z": 0}'), "expected a wire, of which there is none, found 0"),
        (document(wires='["square", 0]'), "text, line 7 (wire 0): expected an operand, of which there is none yet, found 0"),
        (document(SIGN, X, '{"x": 0}', '{"z": null}'), "expected a wire, an integer from 0 to 0, found null"),
    ],
)
def test_what_is_wrong_is_named(text, message):
    with pytest.raises(hr.FormatError) as caught:
        loads(text)
    assert message in str(caught.value)
    assert str(caught.value).isprintable()


def test_a_gate_marked_boolean_that_operators_built_is_accepted():
    c = hr.Circuit("logic")
    b = c.input("b", hr.Bernoulli(0.5), count=4)
    both, other = b[0] & b[1], b[2] * b[3]
    wires = [both ^ other, (both ^ other) ^ both, both | b[0], c.mux(both, other, b[0]), c.apply("xnor", both, both), ~(both & other)]
    c.output("o", hr.Wires(c, [wire.index for wire in wires]))
    assert_same(c, loads(dumps(c)))


# Fuzzing: any other text is a circuit or a FormatError.


def read(text: str) -> hr.Circuit | None:
    return read_or_refused(loads, text)


WHOLE = dumps(every_detail())


@given(st.integers(0, len(WHOLE) - 2))
def test_a_truncated_file_is_refused(length):
    assert read(WHOLE[:length]) is None


@given(
    st.integers(0, len(WHOLE)), st.integers(0, 20), st.text('[]{}":,0123456789eE+-.truefalsnNI\\ux \n', max_size=8) | st.text(max_size=4)
)
def test_a_damaged_file_is_refused_or_another_circuit(start, length, piece):
    circuit = read(WHOLE[:start] + piece + WHOLE[start + length :])
    if circuit is not None:
        assert_same(circuit, loads(dumps(circuit)))


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(10**300, 10**310)
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["affine", "and", "law"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=8,
)


@given(st.data())
def test_a_document_with_another_value_somewhere_is_refused_or_another_circuit(data):
    whole = json.loads(WHOLE)
    place = whole
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = data.draw(st.sampled_from(keys))
        if isinstance(place[key], (list, dict)) and place[key] and data.draw(st.booleans()):
            place = place[key]
        else:
            break
    if data.draw(st.booleans()):
        place[key] = data.draw(JSON)
    elif isinstance(place, list):
        place.insert(key, data.draw(JSON))
    else:
        del place[key]
    circuit = read(json.dumps(whole))
    if circuit is not None:
        assert_same(circuit, loads(dumps(circuit)))


@given(JSON)
def test_any_json_is_refused_as_foreign(value):
    assert read(json.dumps(value)) is None


@given(st.lists(JSON, max_size=4), st.lists(JSON, max_size=4), st.dictionaries(st.text(max_size=3), JSON, max_size=3))
def test_any_values_in_the_fields_are_refused_or_a_circuit(laws, wires, names):
    text = json.dumps({"format": "heurest circuit", "version": 1, "name": "n", "laws": laws, "wires": wires, "names": names, "outputs": {}})
    read(text)


def test_a_circuit_with_many_laws_and_inputs_survives():
    c = hr.Circuit("many")
    for k in range(200):
        c.input(f"n{k}", hr.Normal(k % 7, 1.0))
        c.input(f"b{k}", hr.Bernoulli(0.5))
    again = loads(dumps(c))
    assert_same(c, again)
    assert len({id(group.law) for group in again.groups}) == 8  # equal laws are one object
    assert np.array_equal(again.boolean, np.arange(400) % 2 == 1)
