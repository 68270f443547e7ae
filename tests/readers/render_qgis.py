"""Render each layer of a release and the page of its project to PNGs, by QGIS itself; and write to
qgis.json what QGIS found in each layer and in the project.

``/usr/bin/python3 tests/readers/render_qgis.py RELEASE OUT [LAYER ...]``
"""

import json
import os
import sys
from array import array
from collections import Counter
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from qgis.core import (
    QgsApplication,
    QgsLayoutExporter,
    QgsMapRendererSequentialJob,
    QgsMapSettings,
    QgsProject,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor, QImage

RARE = 20
SIZE = QSize(1100, 800)


def rules(rule):
    """A rule and all below it, as (words, filter, whether it hatches)."""
    symbol = rule.symbol()
    kinds = (
        [symbol.symbolLayer(n).layerType() for n in range(symbol.symbolLayerCount())]
        if symbol
        else []
    )
    told = [(rule.label(), rule.filterExpression(), "LinePatternFill" in kinds)]
    return told + [one for child in rule.children() for one in rules(child)]


def about(layer):
    """What QGIS made of a layer, without anybody's help."""
    renderer = layer.renderer()
    kind = renderer.type() if renderer else None
    return {
        "valid": layer.isValid(),
        "features": layer.featureCount(),
        "crs": layer.crs().authid(),
        "renderer": kind,
        "rules": rules(renderer.rootRule()) if kind == "RuleRenderer" else [],
        "labels": layer.labelsEnabled(),
        "aliases": {f.name(): layer.attributeAlias(n) for n, f in enumerate(layer.fields())},
        "types": {f.name(): f.typeName() for f in layer.fields()},
        "rights": list(layer.metadata().rights()),
        "licences": list(layer.metadata().licenses()),
        "tip": layer.mapTipTemplate(),
        "styles": styles(layer),
    }


def styles(layer):
    """The names of the styles that the file offers for a layer."""
    count, _, names, *_ = layer.listStylesInDatabase()
    return list(names[:count])


def draw(layers, extent, path):
    settings = QgsMapSettings()
    settings.setLayers(layers)
    settings.setDestinationCrs(layers[0].crs())
    settings.setBackgroundColor(QColor("white"))
    settings.setOutputSize(SIZE)
    settings.setOutputDpi(110)
    extent.scale(1.05)
    settings.setExtent(extent)
    job = QgsMapRendererSequentialJob(settings)
    job.start()
    job.waitForFinished()
    job.renderedImage().save(str(path))


def colours(path):
    """How often each colour is in a picture, the rare ones (rims of letters) left out."""
    picture = QImage(str(path)).convertToFormat(QImage.Format_RGB32)
    pixels = array("I", bytes(picture.constBits().asarray(picture.sizeInBytes())))
    often = Counter(pixel & 0xFFFFFF for pixel in pixels)
    return {f"#{rgb:06x}": n for rgb, n in often.items() if n > RARE}


def main(release, out, *wanted):
    out.mkdir(parents=True, exist_ok=True)
    told = {"layers": {}, "pictures": {}}
    geopackage = release / "localities.gpkg"
    whole = QgsVectorLayer(str(geopackage), "whole", "ogr")
    names = [s.split("!!::!!")[1] for s in whole.dataProvider().subLayers()]
    for name in names:
        if name == "layer_styles" or (wanted and name not in wanted):
            continue
        layer = QgsVectorLayer(f"{geopackage}|layername={name}", name, "ogr")
        told["layers"][name] = about(layer)
        if layer.isSpatial():
            draw([layer], layer.extent(), out / f"layer-{name}.png")
            told["pictures"][name] = colours(out / f"layer-{name}.png")
    project = QgsProject.instance()
    told["read"] = project.read(str(release / "localities.qgz"))
    told["title"] = project.title()
    told["project_crs"] = project.crs().authid()
    told["bad"] = [la.name() for la in project.mapLayers().values() if not la.isValid()]
    tree = project.layerTreeRoot()
    told["order"] = [(n.name(), n.isVisible()) for n in tree.findLayers()]
    told["project"] = {n.name(): about(n.layer()) for n in tree.findLayers()}
    told["layouts"] = {}
    for page in project.layoutManager().layouts():
        told["layouts"][page.name()] = sorted(type(i).__name__ for i in page.items())
        for item in page.items():
            if type(item).__name__ == "QgsLayoutItemLegend":
                told["legend"] = [la.name() for la in item.model().rootGroup().checkedLayers()]
        settings = QgsLayoutExporter.ImageExportSettings()
        settings.dpi = 150
        exported = QgsLayoutExporter(page).exportToImage(str(out / "layout.png"), settings)
        told["exported"] = exported == QgsLayoutExporter.Success
        told["pictures"]["layout"] = colours(out / "layout.png")
    (out / "qgis.json").write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    application = QgsApplication([], False)
    application.initQgis()
    main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]), *sys.argv[3:])
    os._exit(0)  # QGIS falls over its own feet when it is taken down piece by piece
