//! Times a device: memory bandwidth and multiply-add throughput, a few hundred milliseconds each.
//!
//! Both are what a job would see, not what a data sheet says: bandwidth by streaming through a buffer larger
//! than any cache, throughput by square matrix products of the same library that runs the jobs.

use candle_core::{DType, Device, Tensor};
use std::{
    hint::black_box,
    time::{Duration, Instant},
};

/// How long one figure is measured.
pub const MEASURE_FOR: Duration = Duration::from_millis(300);

const MIB: usize = 1024 * 1024;
/// Streamed by each thread; larger than the share of cache that one core has.
const STREAM_BYTES_PER_THREAD: usize = 64 * MIB;
/// Side of the square matrices multiplied on a CPU: fits a cache of 2 MiB three times over.
const CPU_SIDE: usize = 384;
/// Side of the square matrices multiplied on a GPU: large enough to fill every core of today's cards.
const GPU_SIDE: usize = 4096;
/// Bytes copied at once on a GPU.
const GPU_STREAM_BYTES: usize = 256 * MIB;

/// Measured figures of one device.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Speed {
    /// Memory bandwidth in MiB/s.
    pub bandwidth_mib_s: u32,
    /// Throughput in 10^9 multiply-adds/s: f32 on a CPU, f16 on a GPU.
    pub throughput_gmac_s: u32,
}

/// Why a device could not be timed.
#[derive(thiserror::Error, Debug)]
pub enum MeasureError {
    /// The numerics library refused; a GPU that is lost or full does this.
    #[error("the device did not finish the measurement: {0}; check that no other program fills its memory")]
    Compute(#[from] candle_core::Error),
}

/// Times the processor with `threads` streams.
pub fn cpu(threads: usize) -> Result<Speed, MeasureError> {
    Ok(Speed {
        bandwidth_mib_s: stream_cpu(threads.max(1)),
        throughput_gmac_s: multiply(&Device::Cpu, DType::F32, CPU_SIDE)?,
    })
}

/// Times the CUDA device with this index. Fails in a binary built without the `cuda` feature.
pub fn cuda(index: usize) -> Result<Speed, MeasureError> {
    let device = crate::engine::device::open_gpu(index)?;
    Ok(Speed {
        bandwidth_mib_s: stream_gpu(&device)?,
        throughput_gmac_s: multiply(&device, DType::F16, GPU_SIDE)?,
    })
}

fn stream_cpu(threads: usize) -> u32 {
    let start = std::sync::Barrier::new(threads);
    let per_thread: Vec<f64> = std::thread::scope(|scope| {
        let handles: Vec<_> = (0..threads).map(|_| scope.spawn(|| stream_one(&start))).collect();
        handles
            .into_iter()
            .map(|handle| handle.join().unwrap_or(0.0))
            .collect()
    });
    saturate(per_thread.iter().sum())
}

/// MiB/s that one thread reads while the others read too.
fn stream_one(start: &std::sync::Barrier) -> f64 {
    let words = vec![1u64; STREAM_BYTES_PER_THREAD / size_of::<u64>()];
    start.wait();
    let begun = Instant::now();
    let mut bytes = 0usize;
    while begun.elapsed() < MEASURE_FOR {
        // Wrapping sums of a slice vectorise, so the loop is bound by memory and not by arithmetic.
        black_box(
            black_box(&words)
                .iter()
                .fold(0u64, |sum, word| sum.wrapping_add(*word)),
        );
        bytes += STREAM_BYTES_PER_THREAD;
    }
    bytes as f64 / MIB as f64 / begun.elapsed().as_secs_f64()
}

fn stream_gpu(device: &Device) -> Result<u32, MeasureError> {
    let buffer = Tensor::zeros(GPU_STREAM_BYTES / 4, DType::F32, device)?;
    buffer.affine(1.0, 1.0)?;
    device.synchronize()?;
    let begun = Instant::now();
    let mut bytes = 0usize;
    while begun.elapsed() < MEASURE_FOR {
        black_box(buffer.affine(1.0, 1.0)?);
        device.synchronize()?;
        bytes += 2 * GPU_STREAM_BYTES; // read once, written once
    }
    Ok(saturate(
        bytes as f64 / MIB as f64 / begun.elapsed().as_secs_f64(),
    ))
}

fn multiply(device: &Device, dtype: DType, side: usize) -> Result<u32, MeasureError> {
    let left = Tensor::ones((side, side), dtype, device)?;
    let right = Tensor::ones((side, side), dtype, device)?;
    // The first product pays for thread pools and kernels being set up.
    black_box(left.matmul(&right)?);
    device.synchronize()?;
    let begun = Instant::now();
    let mut products = 0u64;
    while begun.elapsed() < MEASURE_FOR {
        black_box(left.matmul(&right)?);
        device.synchronize()?;
        products += 1;
    }
    let macs = products as f64 * (side as f64).powi(3);
    // A device that multiplies at all is worth at least one unit, or it could not be drawn.
    Ok(saturate(macs / 1e9 / begun.elapsed().as_secs_f64()).max(1))
}

fn saturate(value: f64) -> u32 {
    // Float to integer casts saturate; NaN becomes 0.
    value as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cpu_should_measure_something_above_zero() {
        let speed = cpu(1).expect("the CPU is always there");
        assert!(speed.bandwidth_mib_s > 100, "{speed:?}");
        assert!(speed.throughput_gmac_s >= 1, "{speed:?}");
    }

    #[cfg(not(feature = "cuda"))]
    #[test]
    fn cuda_should_say_why_when_it_is_not_compiled_in() {
        let error = cuda(0).expect_err("no CUDA in this build");
        assert!(error.to_string().contains("the device did not finish"), "{error}");
    }
}
