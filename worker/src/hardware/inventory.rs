//! Devices as they are offered to the network: detected, measured once, rounded and remembered.

use super::{detect, measure, measure::Speed, GpuSearch};
use ogpu_primitives::{Device, DeviceKind};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, path::Path};

/// What the provider wants to offer.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Offer the processor even beside GPUs.
    pub offer_cpu: bool,
    /// Share of the installed memory that CPU jobs may use, in percent.
    pub cpu_memory_percent: u8,
    /// Forget remembered figures and measure again.
    pub measure_again: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            offer_cpu: false,
            cpu_memory_percent: 50,
            measure_again: false,
        }
    }
}

/// The devices to offer, and what a person should know about the rest.
#[derive(Clone, Debug, Default)]
pub struct Inventory {
    /// Offered devices.
    pub devices: Vec<Device>,
    /// Plain lines: what was found and is not used, and why.
    pub notes: Vec<String>,
}

/// Remembered figures by device: "kind/name/memory".
#[derive(Default, Serialize, Deserialize)]
struct Remembered {
    speeds: BTreeMap<String, Speed>,
}

impl Inventory {
    /// Detects and measures. `memory` is the file that keeps figures between starts; it is rewritten when a
    /// device is new. A file that cannot be read or written costs a new measurement, nothing else.
    pub fn take(options: &Options, memory: &Path) -> Self {
        let mut remembered = if options.measure_again {
            Remembered::default()
        } else {
            read(memory)
        };
        let before = remembered.speeds.len();
        let inventory = Self::with(options, &detect::gpus(), &detect::cpu(), |key, timer| {
            if let Some(speed) = remembered.speeds.get(&key) {
                return Ok(*speed);
            }
            let speed = timer()?;
            remembered.speeds.insert(key, speed);
            Ok(speed)
        });
        if remembered.speeds.len() != before || options.measure_again {
            write(memory, &remembered);
        }
        inventory
    }

    fn with(
        options: &Options,
        search: &GpuSearch,
        cpu: &detect::CpuFacts,
        mut speed_of: impl FnMut(
            String,
            &dyn Fn() -> Result<Speed, measure::MeasureError>,
        ) -> Result<Speed, measure::MeasureError>,
    ) -> Self {
        let mut inventory = Self::default();
        match search {
            GpuSearch::NoDriver => inventory.notes.push("no NVIDIA driver found: jobs run on the CPU".into()),
            GpuSearch::Failed(why) => inventory.notes.push(format!(
                "the NVIDIA driver answered with an error ({why}): jobs run on the CPU; `nvidia-smi` should work first"
            )),
            GpuSearch::Found(gpus) if gpus.is_empty() => {
                inventory.notes.push("the NVIDIA driver knows no GPU: jobs run on the CPU".into())
            }
            GpuSearch::Found(gpus) if cfg!(not(feature = "cuda")) => inventory.notes.push(format!(
                "{} found, but this binary was built without CUDA: jobs run on the CPU; build with `--features cuda`",
                gpus.iter().map(|gpu| gpu.name.as_str()).collect::<Vec<_>>().join(", ")
            )),
            GpuSearch::Found(gpus) => {
                for gpu in gpus {
                    let key = format!("cuda/{}/{}", gpu.name, gpu.vram_mib);
                    match speed_of(key, &|| measure::cuda(gpu.index as usize)) {
                        Ok(speed) => {
                            inventory.devices.push(device(DeviceKind::Cuda, &gpu.name, gpu.vram_mib, speed))
                        }
                        Err(error) => inventory.notes.push(format!("{} is not offered: {error}", gpu.name)),
                    }
                }
            }
        }
        if inventory.devices.is_empty() || options.offer_cpu {
            let share = cpu.memory_mib * u64::from(options.cpu_memory_percent.min(100)) / 100;
            let key = format!("cpu/{}/{}", cpu.name, cpu.threads);
            match speed_of(key, &|| measure::cpu(cpu.threads)) {
                Ok(speed) => inventory.devices.push(device(
                    DeviceKind::Cpu,
                    &cpu.name,
                    u32::try_from(share).unwrap_or(u32::MAX),
                    speed,
                )),
                Err(error) => inventory.notes.push(format!("the CPU is not offered: {error}")),
            }
        }
        inventory
    }
}

fn device(kind: DeviceKind, name: &str, vram_mib: u32, speed: Speed) -> Device {
    Device {
        kind,
        name: truncated(name, 64)
            .as_bytes()
            .to_vec()
            .try_into()
            .unwrap_or_default(),
        vram_mib,
        bandwidth_mib_s: two_digits(speed.bandwidth_mib_s),
        throughput_gmac_s: two_digits(speed.throughput_gmac_s).max(1),
    }
}

/// The longest prefix of whole characters that fits `bytes`.
fn truncated(text: &str, bytes: usize) -> &str {
    let end = (0..=bytes.min(text.len()))
        .rev()
        .find(|end| text.is_char_boundary(*end))
        .unwrap_or(0);
    &text[..end]
}

/// Rounds down to two significant digits: more would be noise on chain.
fn two_digits(value: u32) -> u32 {
    let mut step = 1u32;
    while value / step >= 100 {
        step = step.saturating_mul(10);
    }
    value / step * step
}

fn read(memory: &Path) -> Remembered {
    std::fs::read(memory)
        .ok()
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .unwrap_or_default()
}

fn write(memory: &Path, remembered: &Remembered) {
    let written = serde_json::to_vec_pretty(remembered)
        .map_err(std::io::Error::other)
        .and_then(|bytes| std::fs::write(memory, bytes));
    if let Err(error) = written {
        tracing::warn!(path = %memory.display(), %error, "measured figures could not be kept; they are taken again next time");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(not(feature = "cuda"))]
    use crate::hardware::GpuFacts;

    const SPEED: Speed = Speed {
        bandwidth_mib_s: 23_456,
        throughput_gmac_s: 57,
    };

    fn cpu_facts() -> detect::CpuFacts {
        detect::CpuFacts {
            name: "Some CPU".into(),
            threads: 4,
            memory_mib: 16_000,
            available_mib: 8_000,
        }
    }

    #[test]
    fn inventory_should_offer_half_of_the_memory_when_there_is_only_a_cpu() {
        let inventory = Inventory::with(&Options::default(), &GpuSearch::NoDriver, &cpu_facts(), |_, _| {
            Ok(SPEED)
        });
        assert_eq!(inventory.devices.len(), 1);
        assert_eq!(inventory.devices[0].vram_mib, 8_000);
        assert_eq!(inventory.devices[0].bandwidth_mib_s, 23_000);
        assert_eq!(inventory.devices[0].throughput_gmac_s, 57);
        assert!(inventory.notes[0].contains("no NVIDIA driver"));
    }

    #[cfg(not(feature = "cuda"))]
    #[test]
    fn inventory_should_fall_back_to_the_cpu_when_cuda_is_not_compiled_in() {
        let gpu = GpuFacts {
            index: 0,
            name: "Card".into(),
            vram_mib: 24_000,
            driver: "1".into(),
        };
        let inventory = Inventory::with(
            &Options::default(),
            &GpuSearch::Found(vec![gpu]),
            &cpu_facts(),
            |_, _| Ok(SPEED),
        );
        assert_eq!(inventory.devices[0].kind, DeviceKind::Cpu);
        assert!(
            inventory.notes[0].contains("--features cuda"),
            "{:?}",
            inventory.notes
        );
    }

    #[test]
    fn take_should_keep_figures_when_it_is_asked_again() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let memory = folder.path().join("hardware.json");
        let first = Inventory::take(&Options::default(), &memory);
        let second = Inventory::take(&Options::default(), &memory);
        assert!(!first.devices.is_empty());
        assert_eq!(first.devices, second.devices);
    }

    #[test]
    fn truncated_should_cut_between_characters_when_a_name_is_too_long() {
        assert_eq!(truncated("aé", 2), "a");
        assert_eq!(truncated("ab", 64), "ab");
    }

    #[test]
    fn two_digits_should_round_down_at_every_size() {
        assert_eq!(
            [0, 7, 99, 101, 23_456, u32::MAX].map(two_digits),
            [0, 7, 99, 100, 23_000, 4_200_000_000]
        );
    }
}
