"""Colours: light to dark in one hue, readable texts, and scales that are what their legend says."""

from __future__ import annotations

import colorsys
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heurest.drawing.colours import INK, LOWERS, NEITHER, RAISES, Scale, is_dark, ramp, scale_of, sign_colour

SHARES = [k / 40 for k in range(41)]


def channels(colour: str) -> list[float]:
    return [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]


def luminance(colour: str) -> float:
    """Relative luminance of sRGB, as the accessibility guidelines of the web define it."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_the_ramp_grows_darker_at_every_step_in_one_hue():
    colours = [ramp(share) for share in SHARES]
    lights = [luminance(colour) for colour in colours]
    assert all(a > b for a, b in pairwise(lights))
    hues = [360 * colorsys.rgb_to_hsv(*channels(colour))[0] for colour in colours]
    assert max(hues) - min(hues) < 20
    assert lights[0] > 0.8
    assert lights[-1] < 0.06


def test_the_ramp_ends_where_it_ends():
    assert ramp(-1.0) == ramp(0.0)
    assert ramp(2.0) == ramp(1.0)


@pytest.mark.parametrize("share", SHARES)
def test_text_can_be_read_on_every_colour(share):
    assert contrast(ramp(share), "#ffffff" if is_dark(share) else INK) > 4.0


def test_signs_have_colours_of_their_own():
    assert [sign_colour(x) for x in (0.5, -0.5, 0.0)] == [RAISES, LOWERS, NEITHER]
    for colour in (RAISES, LOWERS):
        assert contrast(colour, "#ffffff") > 4.5
    red, blue = channels(RAISES), channels(LOWERS)
    assert red[0] > red[2] + 0.5  # what tells orange from blue is the blue channel, which no common colour blindness removes
    assert blue[2] > blue[0] + 0.5


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ([1.0, 2.0, 3.0], "linear"),
        ([0.0, 1.0, 1.0, 100.0], "square root"),
        ([1.0] * 9 + [1e6], "logarithmic"),
        ([1e-9, 1e-8, 1.0, 0.0], "logarithmic"),
        ([0.0, 0.0], "linear"),
        ([5e-324, 1e308], "linear"),  # the median of two is the larger one
    ],
)
def test_the_range_decides_the_scale(values, name):
    assert scale_of(values).name == name


def test_nothing_but_zeros_is_light():
    scale = scale_of([0.0, 0.0])
    assert scale.largest == 0.0
    assert scale.share(0.0) == 0.0


@given(st.lists(st.floats(0.0, 1e12), min_size=1, max_size=20))
def test_a_scale_keeps_the_order_and_runs_from_0_to_1(values):
    scale = scale_of(values)
    shares = [scale.share(value) for value in sorted(values)]
    assert shares == sorted(shares)
    assert all(0.0 <= share <= 1.0 for share in shares)
    assert max(values) == 0.0 or shares[-1] == pytest.approx(1.0)


@pytest.mark.parametrize("scale", [Scale("linear", 3.0), Scale("square root", 7.0), Scale("logarithmic", 1e5, 0.1)])
def test_the_numbers_of_a_legend_belong_to_their_colours(scale):
    for share in SHARES:
        assert scale.share(scale.value(share)) == pytest.approx(share, abs=1e-12)


def test_a_quarter_of_the_square_root_scale_is_a_sixteenth_of_the_range():
    assert Scale("square root", 16.0).value(0.25) == pytest.approx(1.0)
    assert Scale("linear", 16.0).value(0.25) == pytest.approx(4.0)
    assert Scale("logarithmic", 99.0, 1.0).value(0.5) == pytest.approx(9.0)  # 1 + 99 = 10**2
