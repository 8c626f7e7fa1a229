//! The rules of the tree, each a test.
