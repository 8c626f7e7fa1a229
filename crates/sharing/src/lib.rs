//! Data catalogue, request, grant, delivery, envelopes, masked views, the provenance graph.

#![forbid(unsafe_code)]
