//! The `log-center` program: everything is in the library.

fn main() {}
