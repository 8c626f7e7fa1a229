//! The OFD package (GB/T 33190): one hardened resolver for reader and verifier, signature files, and a small page writer.

#![forbid(unsafe_code)]
