//! Everything that may be written to the ledger: types with one DER encoding and one signature, and each family's table of states.

#![forbid(unsafe_code)]
