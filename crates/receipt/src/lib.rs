//! What an outsider needs to check an anchoring: header, votes, commit certificate, validator-set changes, checkpoints, inclusion and status proofs.

#![forbid(unsafe_code)]
