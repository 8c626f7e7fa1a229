//! RocksDB: blocks, log, state, indexes, guard; one synced write batch a block.

#![forbid(unsafe_code)]
