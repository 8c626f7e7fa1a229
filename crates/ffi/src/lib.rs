//! The C ABI over `verify`: one call in, one JSON report out.

