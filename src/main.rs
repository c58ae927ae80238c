//! The `log-center` program: everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    log_center::cli::run()
}
