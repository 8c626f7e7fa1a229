//! E-licences (GB/T 36901-36906): catalogue, identifier, metadata, draft to issued to sealed to anchored; change, suspend, revoke.

#![forbid(unsafe_code)]
