//! Certificates, CRLs, key files and signed messages (GB/T 20518, 35275, 35276): read, issue, and decide whether a chain held at a time.

#![forbid(unsafe_code)]
