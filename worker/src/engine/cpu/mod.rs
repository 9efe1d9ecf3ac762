//! Arithmetic on the CPU: block-quantised matrix products, attention and the small functions between.
//!
//! Two properties are kept everywhere. An output depends only on its own row, never on how many rows
//! are computed together, so that decoding token by token and one pass over the whole text give equal
//! bits. And the order of every sum is fixed, so that AVX-512, AVX2 and portable code give equal bits.

pub mod attention;
mod kquants;
pub mod math;
pub mod matmul;
pub mod matmul_f32;
pub mod pack;
pub mod pool;
pub mod vector;

pub use pool::{limit_threads, threads, use_threads};
use std::sync::OnceLock;

/// Which instructions the machine has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// AVX-512 with VNNI (8-bit dot products).
    Avx512,
    /// AVX2 with FMA and F16C.
    Avx2,
    /// Anything else.
    Portable,
}

/// The best level of this machine, detected once.
pub fn level() -> Level {
    static LEVEL: OnceLock<Level> = OnceLock::new();
    *LEVEL.get_or_init(|| {
        #[cfg(target_arch = "x86_64")]
        {
            let avx2 = is_x86_feature_detected!("avx2")
                && is_x86_feature_detected!("fma")
                && is_x86_feature_detected!("f16c");
            let avx512 = is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512bw")
                && is_x86_feature_detected!("avx512vl")
                && is_x86_feature_detected!("avx512dq")
                && is_x86_feature_detected!("avx512vnni");
            if avx2 && avx512 {
                return Level::Avx512;
            }
            if avx2 {
                return Level::Avx2;
            }
        }
        Level::Portable
    })
}

/// A pointer that the threads of one parallel region share; each writes only its own part.
#[derive(Clone, Copy)]
pub(crate) struct Shared(pub *mut f32);

// SAFETY: users of `Shared` give every unit of work a part of the buffer that no other unit touches,
// and the buffer outlives the parallel region.
unsafe impl Send for Shared {}
unsafe impl Sync for Shared {}

impl Shared {
    /// The `length` values from `offset`.
    ///
    /// # Safety
    /// The range lies inside the buffer and no other thread touches it at the same time.
    #[allow(clippy::mut_from_ref)]
    pub unsafe fn slice(&self, offset: usize, length: usize) -> &mut [f32] {
        std::slice::from_raw_parts_mut(self.0.add(offset), length)
    }
}

/// Runs `work` over ranges of `0..units` on all threads; small regions stay on the calling thread.
pub(crate) fn parallel(units: usize, heavy: bool, work: impl Fn(std::ops::Range<usize>) + Sync) {
    if units > 1 && heavy {
        pool::run(units, work);
    } else {
        work(0..units);
    }
}

/// Compiles an `#[inline(always)]` body once for each instruction level and calls the best.
macro_rules! by_level {
    ($(#[$meta:meta])* $vis:vis fn $name:ident($($arg:ident: $ty:ty),* $(,)?) $(-> $ret:ty)? = $body:path) => {
        $(#[$meta])*
        $vis fn $name($($arg: $ty),*) $(-> $ret)? {
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,avx2,fma,f16c")]
                unsafe fn avx512($($arg: $ty),*) $(-> $ret)? { $body($($arg),*) }
                #[target_feature(enable = "avx2,fma,f16c")]
                unsafe fn avx2($($arg: $ty),*) $(-> $ret)? { $body($($arg),*) }
                match $crate::engine::cpu::level() {
                    // SAFETY: `level` has detected exactly these features.
                    $crate::engine::cpu::Level::Avx512 => return unsafe { avx512($($arg),*) },
                    $crate::engine::cpu::Level::Avx2 => return unsafe { avx2($($arg),*) },
                    $crate::engine::cpu::Level::Portable => {}
                }
            }
            $body($($arg),*)
        }
    };
}
pub(crate) use by_level;
