//! Where the computation runs.

use candle_core::Device;

/// What the operator asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DeviceChoice {
    /// The first GPU if this build and machine can use one, else the CPU.
    #[default]
    Auto,
    /// The CPU.
    Cpu,
    /// The GPU with this number; the CPU when it cannot be used.
    Gpu(usize),
}

/// Opens the device, and says in one log line which one and why.
pub fn select(choice: DeviceChoice) -> Device {
    let number = match choice {
        DeviceChoice::Cpu => {
            tracing::info!(
                threads = super::cpu::threads(),
                "computing on the CPU, as configured"
            );
            return Device::Cpu;
        }
        DeviceChoice::Auto => 0,
        DeviceChoice::Gpu(number) => number,
    };
    match open_gpu(number) {
        Ok(device) => {
            tracing::info!(number, "computing on the GPU");
            device
        }
        Err(reason) => {
            tracing::info!(threads = super::cpu::threads(), %reason, "computing on the CPU");
            Device::Cpu
        }
    }
}

#[cfg(feature = "cuda")]
fn open_gpu(number: usize) -> Result<Device, String> {
    // The driver library is loaded at run time; without one the loader panics instead of failing.
    std::panic::catch_unwind(|| Device::new_cuda(number))
        .map_err(|_| "no CUDA driver was found".to_string())?
        .map_err(|error| format!("GPU {number} cannot be used: {error}"))
}

#[cfg(not(feature = "cuda"))]
fn open_gpu(_: usize) -> Result<Device, String> {
    Err("this build has no GPU support (feature `cuda`)".into())
}
