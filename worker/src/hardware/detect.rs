//! Finds the devices of this machine: NVIDIA GPUs through NVML, loaded at run time, and the processor.

use nvml_wrapper::{error::NvmlError, Nvml};
use sysinfo::{CpuRefreshKind, MemoryRefreshKind, RefreshKind, System};

const MIB: u64 = 1024 * 1024;

/// An NVIDIA GPU as its driver describes it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GpuFacts {
    /// Index by which CUDA and NVML know it.
    pub index: u32,
    /// The maker's name.
    pub name: String,
    /// Installed memory in MiB.
    pub vram_mib: u32,
    /// Version of the driver.
    pub driver: String,
}

/// Outcome of the search for GPUs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum GpuSearch {
    /// The driver answered; the list may still be empty.
    Found(Vec<GpuFacts>),
    /// No NVIDIA driver on this machine.
    NoDriver,
    /// The driver is there and refused; the text says what it said.
    Failed(String),
}

impl GpuSearch {
    /// The GPUs, none unless the driver answered.
    pub fn gpus(&self) -> &[GpuFacts] {
        match self {
            Self::Found(gpus) => gpus,
            Self::NoDriver | Self::Failed(_) => &[],
        }
    }
}

/// The processor and the memory beside it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CpuFacts {
    /// The maker's name.
    pub name: String,
    /// Logical cores.
    pub threads: usize,
    /// Installed memory in MiB.
    pub memory_mib: u64,
    /// Memory that can be had now without swapping, in MiB.
    pub available_mib: u64,
}

/// Asks the NVIDIA driver for its GPUs. A machine without a driver is an ordinary machine, not an error.
pub fn gpus() -> GpuSearch {
    let nvml = match Nvml::init() {
        Ok(nvml) => nvml,
        Err(NvmlError::LibloadingError(_) | NvmlError::LibraryNotFound | NvmlError::DriverNotLoaded) => {
            return GpuSearch::NoDriver
        }
        Err(error) => return GpuSearch::Failed(error.to_string()),
    };
    match list(&nvml) {
        Ok(gpus) => GpuSearch::Found(gpus),
        Err(error) => GpuSearch::Failed(error.to_string()),
    }
}

fn list(nvml: &Nvml) -> Result<Vec<GpuFacts>, NvmlError> {
    let driver = nvml.sys_driver_version().unwrap_or_default();
    (0..nvml.device_count()?)
        .map(|index| {
            let device = nvml.device_by_index(index)?;
            let vram_mib = u32::try_from(device.memory_info()?.total / MIB).unwrap_or(u32::MAX);
            Ok(GpuFacts {
                index,
                name: device.name()?,
                vram_mib,
                driver: driver.clone(),
            })
        })
        .collect()
}

/// The processor of this machine.
pub fn cpu() -> CpuFacts {
    let system = System::new_with_specifics(
        RefreshKind::nothing()
            .with_cpu(CpuRefreshKind::nothing())
            .with_memory(MemoryRefreshKind::nothing().with_ram()),
    );
    let brand = system
        .cpus()
        .first()
        .map(|cpu| cpu.brand().trim().to_owned())
        .unwrap_or_default();
    CpuFacts {
        name: if brand.is_empty() {
            std::env::consts::ARCH.to_owned()
        } else {
            brand
        },
        threads: std::thread::available_parallelism().map_or(1, usize::from),
        memory_mib: system.total_memory() / MIB,
        available_mib: system.available_memory() / MIB,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cpu_should_name_threads_and_memory_on_any_machine() {
        let facts = cpu();
        assert!(!facts.name.is_empty());
        assert!(facts.threads >= 1);
        assert!(facts.memory_mib > 0);
    }

    #[test]
    fn gpus_should_answer_without_a_panic_when_no_driver_is_installed() {
        // Whatever the machine, the answer is one of the three; a list is only there when the driver answered.
        let search = gpus();
        assert!(matches!(search, GpuSearch::Found(_)) || search.gpus().is_empty());
    }
}
