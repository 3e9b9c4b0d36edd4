"""Names beside dots: none covers another, none leaves the frame, and what finds no room is counted."""

from __future__ import annotations

from math import hypot

from hypothesis import given
from hypothesis import strategies as st

from heurest.drawing.names import placed_names
from heurest.drawing.symbols import text_width
from support.drawings import Area

FRAME = (0.0, 0.0, 200.0, 120.0)
DOTS = st.lists(st.tuples(st.floats(5, 195), st.floats(5, 115), st.just(3.0), st.sampled_from(["a", "x[12]", "#4711 → y"])), max_size=25)


@given(DOTS)
def test_names_cover_neither_each_other_nor_named_dots(wanted):
    texts, without = placed_names(wanted, 10.0, FRAME, "#000000")
    assert len(texts) + without == len(wanted)
    areas = [Area(text.x, text.y - 9.0, text.x + text_width(text.text, 10.0), text.y + 2.0) for text in texts]
    dots = [Area(x - r, y - r, x + r, y + r) for x, y, r, _ in wanted]
    for place, area in enumerate(areas):
        assert not any(area.overlaps(other) for other in areas[:place])
        assert not any(area.overlaps(dot) for dot in dots)
        assert area.left >= 0
        assert area.right <= 200
        assert area.top >= 0
        assert area.bottom <= 120


@given(DOTS, st.lists(st.tuples(st.floats(5, 195), st.floats(5, 115), st.just(2.0)), max_size=25))
def test_the_nearest_dot_to_a_name_is_its_own(wanted, others):
    # one name each, so that a text tells its dot
    wanted = [(x, y, radius, f"#{place}") for place, (x, y, radius, _) in enumerate(wanted)]
    texts, _ = placed_names(wanted, 10.0, FRAME, "#000000", others)
    dots = [dot[:3] for dot in wanted] + others
    for text in texts:
        right, top, bottom = text.x + text_width(text.text, 10.0), text.y - 9.0, text.y + 2.0
        gaps = [
            hypot(x - min(max(x, text.x), right), y - min(max(y, top), bottom)) - radius for x, y, radius in dots
        ]  # fmt: skip
        assert min(gaps) >= 0.0
        assert gaps[int(text.text[1:])] <= min(gaps) + 1e-9


def test_a_name_moves_away_from_a_dot_without_a_name():
    ((alone,), _) = placed_names([(50.0, 50.0, 3.0, "name")], 10.0, FRAME, "#000000")
    ((beside,), _) = placed_names([(50.0, 50.0, 3.0, "name")], 10.0, FRAME, "#000000", [(58.0, 50.0, 3.0)])
    assert alone.x > 50.0 > beside.x


def test_a_lone_name_stands_right_of_its_dot_and_left_where_the_frame_ends():
    ((right,), _) = placed_names([(50.0, 50.0, 3.0, "name")], 10.0, FRAME, "#000000")
    ((left,), _) = placed_names([(195.0, 50.0, 3.0, "name")], 10.0, FRAME, "#000000")
    assert right.x > 53.0
    assert left.x + text_width("name", 10.0) < 192.0


def test_names_without_room_are_counted():
    texts, without = placed_names([(50.0, 50.0, 3.0, "a name that is much too long for this small frame")] * 2, 10.0, FRAME, "#000000")
    assert (texts, without) == ([], 2)
