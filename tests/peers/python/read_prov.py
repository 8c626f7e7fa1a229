"""Reads PROV-JSON by the package prov, and tells what it found: records by kind, and what the first argument's end came from."""

import json
import sys
from collections import Counter

from prov.model import ProvDerivation, ProvDocument

path, end = sys.argv[1:]
with open(path, encoding="utf-8") as file:
    document = ProvDocument.deserialize(source=file, format="json")
again = ProvDocument.deserialize(content=document.serialize(format="json"), format="json")
sources = {}
for derivation in document.get_records(ProvDerivation):
    derived, source = derivation.args[:2]
    sources.setdefault(str(derived), set()).add(str(source))
found, open_ends = set(), [end]
while open_ends:
    for source in sources.get(open_ends.pop(), ()):
        if source not in found:
            found.add(source)
            open_ends.append(source)
print(json.dumps({
    "records": Counter(record.get_type().localpart for record in document.get_records()),
    "writes_what_it_read": again == document,
    "provn": document.get_provn().count("wasDerivedFrom("),
    "came_from": sorted(found),
}))
