"""Settings: what is accepted, what is refused, and in which words."""

import dataclasses

import pytest

from playground.config import check, differences, field, parse, shorten


@dataclasses.dataclass(frozen=True)
class Oven:
    degrees: int = field(180, help="Heat.", low=50, high=250)
    hours: float = field(1.5, help="Time.", low=0.0, high=8.0)
    fan: bool = field(False, help="Blow.")
    mode: str = field("top", help="Where the heat comes from.", choices=("top", "bottom"))
    racks: tuple[int, ...] = field((1,), help="Height of each tray.", low=1, high=4)
    key: str = field("", help="Where the key lies.", private=True)

    def __post_init__(self) -> None:
        check(self)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, Oven()),
        ({"degrees": "200"}, Oven(degrees=200)),
        ({"degrees": 200.0}, Oven(degrees=200)),
        ({"hours": 2}, Oven(hours=2.0)),
        ({"hours": " 2.5 "}, Oven(hours=2.5)),
        ({"fan": "true"}, Oven(fan=True)),
        ({"fan": 1}, Oven(fan=True)),
        ({"fan": "No"}, Oven(fan=False)),
        ({"mode": "bottom"}, Oven(mode="bottom")),
        ({"racks": [1, 3]}, Oven(racks=(1, 3))),
        ({"racks": "1, 3"}, Oven(racks=(1, 3))),
        ({"racks": 2}, Oven(racks=(2,))),
    ],
)
def test_plain_values_become_settings_of_the_right_type(values, expected):
    result = parse(Oven, values)
    assert result == expected
    assert [type(value) for value in dataclasses.astuple(result)] == [int, float, bool, str, tuple, str]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"heat": 1}, "unknown setting 'heat'; choose from: degrees, hours, fan, mode, racks, key"),
        ({"degrees": "hot"}, "degrees must be a whole number, not 'hot'"),
        ({"degrees": 99.5}, "degrees must be a whole number, not 99.5"),
        ({"degrees": "1e400"}, "degrees must be a whole number, not '1e400'"),
        ({"degrees": 10**400}, "degrees must be a whole number, not 1000"),
        ({"degrees": None}, "degrees must be a whole number, not None"),
        ({"degrees": {"a": 1}}, "degrees must be a whole number, not {'a': 1}"),
        ({"degrees": 251}, "degrees must be between 50 and 250, not 251"),
        ({"degrees": "-200"}, "degrees must be between 50 and 250, not -200"),
        ({"hours": "nan"}, "hours must be between 0 and 8, not nan"),
        ({"hours": "inf"}, "hours must be between 0 and 8, not inf"),
        ({"fan": "maybe"}, "fan must be true or false, not 'maybe'"),
        ({"mode": "grill"}, "mode 'grill' is not one of: top, bottom"),
        ({"mode": ["top"]}, "is not one of: top, bottom"),
        ({"racks": [1, 5]}, "racks must be between 1 and 4, not 5"),
        ({"racks": []}, r"racks takes one value for all stages or one for each, not \(\)"),
        ({"racks": [1] * 9}, "racks takes one value for all stages"),
        ({"racks": "1,two"}, "racks must be a whole number, not 'two'"),
        ({"racks": [[1]]}, r"racks must be a whole number, not \[1\]"),
    ],
)
def test_a_value_that_does_not_fit_is_named_with_what_would(values, words):
    with pytest.raises(ValueError, match=words):
        parse(Oven, values)


def test_parsing_starts_from_a_base_where_one_is_given():
    assert parse(Oven, {"degrees": 200}, base=Oven(fan=True)) == Oven(degrees=200, fan=True)


def test_parsing_fills_derived_fields_from_the_values_and_not_from_the_defaults():
    @dataclasses.dataclass(frozen=True)
    class Square:
        side: int = 1
        area: int | None = None

        def __post_init__(self) -> None:
            object.__setattr__(self, "area", self.side**2 if self.area is None else self.area)

    assert parse(Square, {"side": 3}).area == 9


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"degrees": 200.0}, "degrees must be of type int, not 200.0"),
        ({"degrees": True}, "degrees must be of type int, not True"),
        ({"hours": "2"}, "hours must be of type float, not '2'"),
        ({"hours": float("nan")}, "hours must be between 0 and 8, not nan"),
        ({"fan": 1}, "fan must be of type bool, not 1"),
        ({"mode": None}, "mode must be of type str, not None"),
        ({"racks": [1]}, r"racks takes one value for all stages or one for each, not \[1\]"),
        ({"racks": (1, "2")}, "racks must be of type int, not '2'"),
    ],
)
def test_settings_made_in_python_are_checked_too(wrong, words):
    with pytest.raises(ValueError, match=words):
        Oven(**wrong)


def test_a_whole_number_serves_where_a_fraction_may_stand():
    assert Oven(hours=2).hours == 2


def test_limits_are_inclusive():
    assert (Oven(degrees=50).degrees, Oven(degrees=250).degrees) == (50, 250)


def test_differences_are_plain_values_without_private_ones():
    changed = Oven(degrees=200, racks=(1, 3), key="under the mat")
    assert differences(changed, Oven()) == {"degrees": 200, "racks": [1, 3]}


def test_differences_rebuild_what_they_were_taken_from():
    changed = Oven(degrees=200, hours=2.25, fan=True, mode="bottom", racks=(4, 1, 2))
    assert parse(Oven, differences(changed, Oven())) == changed


def test_a_long_value_is_cut_for_the_message():
    assert shorten("ab") == "'ab'"
    assert len(shorten("x" * 10_000)) == 60


def test_a_stranger_s_long_value_does_not_make_a_long_message():
    with pytest.raises(ValueError) as caught:
        parse(Oven, {"degrees": "9" * 10_000})
    assert len(str(caught.value)) < 200


def test_a_stranger_s_long_name_does_not_make_a_long_message():
    with pytest.raises(ValueError) as caught:
        parse(Oven, {"x" * 10_000: 1})
    assert len(str(caught.value)) < 200
