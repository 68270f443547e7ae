"""Every broken boundary file is refused with its one sentence, or read; none ends in a traceback."""

import hashlib

import pytest
from broken_boundaries import (
    BOW_TIE,
    BROKEN,
    IN_DEGREES,
    PLACE,
    SQUARES,
    layer,
    saved,
    turned,
)
from shapely.geometry import Point

from geo import boundaries, repairs
from geo.boundaries import BoundaryFaults

CODE, NAME = "town_code", "town_name"

each = pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
pytestmark = pytest.mark.filterwarnings("ignore:'crs' was not provided")  # by our own builders


def faults_of(path, broken, code=CODE, name=NAME, layer=None):
    """What a check says of a file, of its areas in the place, and what was read."""
    try:
        read = boundaries.read_polygons(path, code, name, broken.layer if layer is None else layer)
    except BoundaryFaults as why:
        return why.faults, None
    faults = boundaries.place_faults(read, PLACE, path.name)
    if broken.partition:
        faults += boundaries.polygon_partition_faults(path.stem, read, PLACE, path.name)
    return faults, read


def mended(path, broken):
    return repairs.mend(path, CODE, NAME, broken.layer, partition=broken.partition, place=PLACE)


def digests(folder):
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.iterdir()}


def test_there_are_many_refused_many_mended_and_some_read():
    refused = [b for b in BROKEN.values() if b.refused]
    assert len(refused) >= 60
    assert sum(not b.left for b in refused) >= 20
    assert len(BROKEN) - len(refused) >= 10


@each
def test_it_is_refused_with_its_one_sentence_or_read(broken, tmp_path):
    path = broken.build(tmp_path)
    faults, read = faults_of(path, broken)
    if broken.refused:
        (fault,) = faults
        assert broken.refused in fault
        assert fault.startswith(f"{path.name}: ") and fault.endswith(".")
        assert "\n" not in fault and str(tmp_path) not in fault
    else:
        assert faults == []
        assert tuple(read["area_code"]) == broken.codes
        assert read.geometry.area.sum() / 1e4 == pytest.approx(broken.hectares, rel=1e-3)


@each
def test_it_is_mended_or_a_person_is_told_what_to_decide(broken, tmp_path):
    path = broken.build(tmp_path)
    layer, done, left = mended(path, broken)
    assert all(said.startswith(f"{path.name}: ") and said.endswith(".") for said in [*done, *left])
    if broken.left:
        (sentence,) = left
        assert broken.left in sentence
        return
    assert left == []
    assert done or not broken.refused, "what was refused is not mended without a word"
    out = tmp_path / "mended.gpkg"
    repairs.write_mended({"town": layer}, out)
    for code, name in ((CODE, NAME), ("area_code", "area_name")):
        faults, again = faults_of(out, broken, code, name, "town")
        assert faults == []
        assert tuple(again["area_code"]) == broken.codes
        assert again.geometry.area.sum() / 1e4 == pytest.approx(broken.hectares, rel=1e-3)


@each
def test_mending_leaves_the_file_as_it_was_and_writes_nothing_beside_it(broken, tmp_path):
    path = broken.build(tmp_path)
    before = digests(tmp_path)
    mended(path, broken)
    assert digests(tmp_path) == before


def many(**named):
    """Six areas with the faults of MANY."""
    shapes = [SQUARES[0], None, BOW_TIE, SQUARES[1], Point(450_000, 300_000), SQUARES[2]]
    names = ["Ashby", "Bar\x07row", "Coalville", "Desford", "Earl Shilton", "Foxton"]
    return layer(shapes, ["A", "B", "C", "A", "", "F" * 300], names, **named)


MANY = [
    "two areas have the code A and different shapes",
    "an area has no code (row 5)",
    "has 300 characters",
    "the name of area B has a hidden character",
    "area B has no shape",
    "the boundary of area C crosses itself",
    "area in row 5 is a Point",
]


def only(sentences, *parts):
    """Each part is in one sentence, and each sentence has one part."""
    assert len(sentences) == len(parts), sentences
    for part in parts:
        assert sum(part in sentence for sentence in sentences) == 1, part
    return True


def read_faults(path, name=NAME):
    with pytest.raises(BoundaryFaults) as raised:
        boundaries.read_polygons(path, CODE, name)
    return raised.value.faults


def test_all_faults_of_codes_names_and_shapes_are_told_in_one_pass(tmp_path):
    assert only(read_faults(saved(many())(tmp_path)), *MANY)


def test_a_wrong_reference_system_hides_no_other_fault(tmp_path):
    path = saved(many(crs=3857))(tmp_path)
    wrong = "its coordinates look like metres of the British National Grid"
    assert only(read_faults(path), wrong, *MANY)


def test_nor_does_a_reference_system_that_lacks(tmp_path):
    path = saved(many(crs=None))(tmp_path)
    assert only(read_faults(path), "no known coordinate reference system", *MANY)


def test_a_field_that_lacks_hides_no_fault_of_a_shape(tmp_path):
    path = saved(many().rename(columns={"town_code": "id", "town_name": "name"}))(tmp_path)
    lacking = ["no field 'town_code'", "no field 'town_name'"]
    shapes = ["in row 2 has no shape", "area in row 3 crosses itself", "in row 5 is a Point"]
    assert only(read_faults(path), *lacking, *shapes)


def test_areas_that_are_wrong_in_different_ways_are_told_one_by_one(tmp_path):
    shapes = [SQUARES[0], IN_DEGREES[1], turned(IN_DEGREES)[2]]
    assert only(
        read_faults(saved(layer(shapes))(tmp_path)),
        "area B lies outside Great Britain, at -1.2",
        "area C lies outside Great Britain, at 52.",
    )
