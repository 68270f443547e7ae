"""``localities.gpkg``: a layer for each kind, the small areas and the tables beside them, with
names for people, who may use it, and how each layer looks, all inside."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path

from flows.publish.gis.fields import Table
from flows.publish.gis.styles import Look, qml
from flows.publish.gis.symbols import clean, xml
from flows.publish.released import SHORTHAND

FILE = "localities.gpkg"
VERSION = "1.3"  # ArcGIS Pro before 3.5 and GDAL before 3.7 know no later one
CRS = "EPSG:27700"
DUBLIN_CORE = "http://purl.org/dc/elements/1.1/"
TERMS = {
    **{"TITLE": "title", "RELEASE": "identifier", "DATE": "date", "LICENCE": "rights"},
    **{"ATTRIBUTION": "source", "NOTICE": "description"},
}
STANDARDS = {
    "gpkg_schema": "http://www.geopackage.org/spec121/#extension_schema",
    "gpkg_metadata": "http://www.geopackage.org/spec121/#extension_metadata",
}
MARKERS = "marker"  # the name of their list in the file

Styled = tuple[Table, Sequence[Look]]  # a table and its looks, the default first


def write(tables: Sequence[Styled], told: dict[str, str], as_of: date, path: Path) -> None:
    """Write tables and layers with their looks; ``told`` is what is said of the whole file."""
    stamp = f"{as_of:%Y-%m-%d}T00:00:00.000Z"
    with clock(stamp):
        for table, _ in tables:
            layer_options = {"IDENTIFIER": clean(table.title), "DESCRIPTION": table.description}
            if table.shapes is not None:
                layer_options["SPATIAL_INDEX"] = "YES"
            save(table, path, "GPKG", {"VERSION": VERSION}, layer_options)
    with closing(sqlite3.connect(path, isolation_level=None)) as con:
        con.execute("begin")
        _describe(con, [table for table, _ in tables])
        _tell(con, [table for table, _ in tables], told, stamp)
        _style(con, tables, stamp)
        con.execute("commit")
        con.execute("vacuum")


@contextmanager
def clock(stamp: str) -> Iterator[None]:
    """GDAL writes this time instead of now, and numbers instead of chance: the same input must
    give the same bytes."""
    import pyogrio

    fixed = {"OGR_CURRENT_DATE": stamp, "OPENFILEGDB_REPRODUCIBLE_UUID": "YES"}
    pyogrio.set_gdal_config_options(fixed)
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options(dict.fromkeys(fixed))


def save(
    table: Table,
    path: Path,
    driver: str,
    dataset_options: dict[str, str],
    layer_options: dict[str, str],
    *,
    days: bool = True,
    crs: str = CRS,
) -> None:
    """Add a table to a file as GDAL writes it. Where a format knows no days (``days`` is False),
    a day is its midnight."""
    import numpy as np
    import pyogrio
    import shapely

    shapes = None
    if table.shapes is not None:
        found = table.shapes.to_numpy()
        shapes = np.asarray(shapely.to_wkb(found, output_dimension=2), dtype=object)
        shapes[shapely.is_empty(found)] = None  # an empty one made of many parts is no GeoPackage
    columns = [table.columns[field.name] for field in table.fields]
    if not days:
        columns = [c.astype("datetime64[ms]") if c.dtype.kind == "M" else c for c in columns]
    pyogrio.raw.write(
        path,
        geometry=shapes,
        field_data=columns,
        fields=np.array([f.name for f in table.fields], dtype=object),
        layer=table.name,
        driver=driver,
        geometry_type=None if shapes is None else "MultiPolygon",
        crs=None if shapes is None else crs,
        promote_to_multi=shapes is not None,
        append=path.exists(),
        dataset_options=None if path.exists() else dataset_options,
        layer_options=layer_options,
    )


def _describe(con: sqlite3.Connection, tables: Iterable[Table]) -> None:
    """The schema extension: aliases and descriptions of columns, and the words of the markers."""
    _extension(con, "gpkg_schema", ("gpkg_data_columns", "gpkg_data_column_constraints"))
    con.execute(
        "create table gpkg_data_columns (table_name TEXT not null, column_name TEXT not null,"
        " name TEXT, title TEXT, description TEXT, mime_type TEXT, constraint_name TEXT,"
        " constraint pk_gdc primary key (table_name, column_name),"
        " constraint gdc_tn unique (table_name, name))"
    )
    con.execute(
        "create table gpkg_data_column_constraints (constraint_name TEXT not null,"
        " constraint_type TEXT not null, value TEXT, min NUMERIC, min_is_inclusive BOOLEAN,"
        " max NUMERIC, max_is_inclusive BOOLEAN, description TEXT,"
        " constraint gdcc_ntv unique (constraint_name, constraint_type, value))"
    )
    con.executemany(
        "insert into gpkg_data_column_constraints values (?, 'enum', ?, null, null, null, null, ?)",
        [(MARKERS, marker, told) for marker, told in SHORTHAND.items()],
    )
    con.executemany(
        "insert into gpkg_data_columns values (?, ?, ?, ?, ?, null, ?)",
        [
            (
                *(table.name, field.name, field.alias, field.alias, field.description),
                MARKERS if field.name.endswith("marker") else None,
            )
            for table in tables
            for field in table.fields
        ],
    )


def _extension(con: sqlite3.Connection, name: str, tables: Iterable[str]) -> None:
    con.execute(
        "create table if not exists gpkg_extensions (table_name TEXT, column_name TEXT,"
        " extension_name TEXT not null, definition TEXT not null, scope TEXT not null,"
        " constraint ge_tce unique (table_name, column_name, extension_name))"
    )
    con.executemany(
        "insert into gpkg_extensions values (?, null, ?, ?, 'read-write')",
        [(table, name, STANDARDS[name]) for table in tables],
    )


def _tell(
    con: sqlite3.Connection, tables: Sequence[Table], told: dict[str, str], stamp: str
) -> None:
    """The metadata extension: licence, attribution and date of the file in Dublin Core, and of
    each layer, as QGIS reads them. GDAL's own standard would say the same, but newer GDAL then
    writes a file beside ours whenever somebody reads it."""
    _extension(con, "gpkg_metadata", ("gpkg_metadata", "gpkg_metadata_reference"))
    con.execute(
        "create table gpkg_metadata (id INTEGER constraint m_pk primary key asc not null,"
        " md_scope TEXT not null default 'dataset', md_standard_uri TEXT not null,"
        " mime_type TEXT not null default 'text/xml', metadata TEXT not null default '')"
    )
    con.execute(
        "create table gpkg_metadata_reference (reference_scope TEXT not null, table_name TEXT,"
        " column_name TEXT, row_id_value INTEGER, timestamp DATETIME not null default"
        " (strftime('%Y-%m-%dT%H:%M:%fZ','now')), md_file_id INTEGER not null,"
        " md_parent_id INTEGER, constraint crmr_mfi_fk foreign key (md_file_id) references"
        " gpkg_metadata(id), constraint crmr_mpi_fk foreign key (md_parent_id) references"
        " gpkg_metadata(id))"
    )
    lines = ((term, line) for term, text in told.items() for line in text.splitlines())
    items = (xml(f"dc:{TERMS[term]}", line) for term, line in lines)
    whole = xml("metadata", *items, **{"xmlns:dc": DUBLIN_CORE})
    written = [(DUBLIN_CORE, str(whole), "geopackage", None)]
    written += [
        ("http://mrcc.com/qgis.dtd", str(layer_metadata(table, told)), "table", table.name)
        for table in tables
    ]
    for number, (standard, text, scope, name) in enumerate(written, start=1):
        con.execute(
            "insert into gpkg_metadata values (?, 'dataset', ?, 'text/xml', ?)",
            (number, standard, text),
        )
        con.execute(
            "insert into gpkg_metadata_reference values (?, ?, null, null, ?, ?, null)",
            (scope, name, stamp, number),
        )


def layer_metadata(table: Table, told: dict[str, str]) -> str:
    """What QGIS shows of a layer under Information."""
    return xml(
        "qgis",
        xml("identifier", f"{told['RELEASE']}/{table.name}"),
        xml("language", "ENG"),
        xml("type", "dataset"),
        xml("title", table.title),
        xml("abstract", " ".join(filter(None, (told.get("NOTICE"), table.description)))),
        xml("license", told["LICENCE"]),
        *(xml("rights", text) for text in told["ATTRIBUTION"].splitlines()),
        version="3.22.0",
    )


def _style(con: sqlite3.Connection, tables: Sequence[Styled], stamp: str) -> None:
    """The styles, where QGIS looks for them: one default a layer, and those to choose from."""
    con.execute(
        "create table layer_styles (id INTEGER primary key autoincrement not null,"
        " f_table_catalog TEXT, f_table_schema TEXT, f_table_name TEXT, f_geometry_column TEXT,"
        " styleName TEXT, styleQML TEXT, styleSLD TEXT, useAsDefault BOOLEAN, description TEXT,"
        " owner TEXT, ui TEXT, update_time DATETIME)"
    )
    con.execute(
        "insert into gpkg_contents (table_name, data_type, identifier, description, last_change)"
        " values ('layer_styles', 'attributes', 'layer_styles', 'How the layers look in QGIS', ?)",
        (stamp,),
    )
    con.executemany(
        "insert into layer_styles (f_table_catalog, f_table_schema, f_table_name,"
        " f_geometry_column, styleName, styleQML, styleSLD, useAsDefault, description, owner,"
        " ui, update_time) values ('', '', ?, ?, ?, ?, '', ?, ?, '', null, ?)",
        [
            (
                *(
                    table.name,
                    "" if table.shapes is None else "geom",
                    look.name if look else table.title,
                ),
                qml(look, None if number else table),
                *(not number, look.heading if look else table.title, stamp),
            )
            for table, looks in tables
            for number, look in enumerate(looks or [None])
        ],
    )
