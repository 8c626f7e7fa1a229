"""Reads a catalogue in JSON-LD as RDF, and tells what its data sets say in the words of DCAT, Dublin Core and FOAF."""

import json
import sys

from rdflib import Graph, Namespace
from rdflib.namespace import DCAT, DCTERMS, FOAF, RDF

YX = Namespace("urn:yinxin:catalogue:")
graph = Graph()
graph.parse(sys.argv[1], format="json-ld")
catalogue = graph.value(predicate=RDF.type, object=DCAT.Catalog)


def text(subject, predicate):
    value = graph.value(subject, predicate)
    return f"{value}@{value.language}" if getattr(value, "language", None) else str(value)


def told(data_set):
    publisher = graph.value(data_set, DCTERMS.publisher)
    return {
        "id": str(data_set),
        "type": str(graph.value(data_set, RDF.type)),
        "identifier": text(data_set, DCTERMS.identifier),
        "title": text(data_set, DCTERMS.title),
        "description": text(data_set, DCTERMS.description),
        "version": text(data_set, DCAT.version),
        "frequency": text(data_set, DCTERMS.accrualPeriodicity),
        "access": text(data_set, DCTERMS.accessRights),
        "publisher": [text(publisher, DCTERMS.identifier), text(publisher, FOAF.name)],
        "items": sorted(text(item, DCTERMS.title) for item in graph.objects(data_set, YX.item)),
    }


data_sets = graph.objects(catalogue, DCAT.dataset)
print(json.dumps(sorted((told(d) for d in data_sets), key=lambda d: d["id"])))
