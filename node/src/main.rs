//! `ogpu-node`: a BABE + GRANDPA node of the OpenGPU chain on ParityDB.

// The error type is upstream's.
#![allow(clippy::result_large_err)]

mod benchmark_machine;
mod block;
mod chain_spec;
mod cli;
mod command;
mod rpc;
mod service;
mod session_keys;

fn main() -> std::process::ExitCode {
    match command::run() {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            std::process::ExitCode::FAILURE
        }
    }
}
