//! The `ogpu-worker` program; all of it is in the library.

fn main() -> std::process::ExitCode {
    ogpu_worker::cli::main()
}
