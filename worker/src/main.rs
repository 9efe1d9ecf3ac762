//! The `ogpu-worker` program; all of it is in the library.

#[cfg(feature = "dishonest")]
compile_error!("the feature `dishonest` is for calibration only: build ogpu-worker without it");

fn main() -> std::process::ExitCode {
    ogpu_worker::cli::main()
}
