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

/// Opens the GPU with this number; the error says why it cannot be used, and what to do.
#[cfg(feature = "cuda")]
pub fn open_gpu(number: usize) -> candle_core::Result<Device> {
    super::cuda::load().map_err(|error| candle_core::Error::Msg(error.to_string()))?;
    Device::new_cuda(number)
        .map_err(|error| candle_core::Error::Msg(format!("GPU {number} cannot be used: {error}")))
}

/// Fails: this build has no GPU support.
#[cfg(not(feature = "cuda"))]
pub fn open_gpu(_: usize) -> candle_core::Result<Device> {
    let reason = "this build has no GPU support (feature `cuda`)";
    Err(candle_core::Error::Msg(reason.into()))
}
