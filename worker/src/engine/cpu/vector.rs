//! Sixteen 32-bit floats in whatever registers the machine has. Lane by lane the operations are the same
//! IEEE ones, so code written over this trait gives equal bits on every level.

/// Sixteen floats.
pub trait Vector: Copy {
    /// All lanes `value`.
    ///
    /// # Safety
    /// The machine has the instructions of the implementing type, here and in every other function.
    unsafe fn splat(value: f32) -> Self;
    /// Reads 16 values.
    ///
    /// # Safety
    /// `from` points to 16 readable values.
    unsafe fn load(from: *const f32) -> Self;
    /// Writes 16 values.
    ///
    /// # Safety
    /// `to` points to 16 writable values.
    unsafe fn store(self, to: *mut f32);
    /// `self · factor + sum`, rounded once.
    ///
    /// # Safety
    /// As for [`Vector::splat`].
    unsafe fn fused(self, factor: Self, sum: Self) -> Self;
    /// `self · factor`.
    ///
    /// # Safety
    /// As for [`Vector::splat`].
    unsafe fn times(self, factor: Self) -> Self;
}

/// The portable form.
#[derive(Clone, Copy)]
pub struct Lanes([f32; 16]);

impl Vector for Lanes {
    #[inline(always)]
    unsafe fn splat(value: f32) -> Self {
        Self([value; 16])
    }
    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        Self(from.cast::<[f32; 16]>().read_unaligned())
    }
    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        to.cast::<[f32; 16]>().write_unaligned(self.0);
    }
    #[inline(always)]
    unsafe fn fused(self, factor: Self, sum: Self) -> Self {
        Self(std::array::from_fn(|i| self.0[i].mul_add(factor.0[i], sum.0[i])))
    }
    #[inline(always)]
    unsafe fn times(self, factor: Self) -> Self {
        Self(std::array::from_fn(|i| self.0[i] * factor.0[i]))
    }
}

#[cfg(target_arch = "x86_64")]
pub use x86::{Avx2, Avx512};

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::Vector;
    use std::arch::x86_64::*;

    /// One 512-bit register.
    #[derive(Clone, Copy)]
    pub struct Avx512(__m512);

    impl Vector for Avx512 {
        #[inline(always)]
        unsafe fn splat(value: f32) -> Self {
            Self(_mm512_set1_ps(value))
        }
        #[inline(always)]
        unsafe fn load(from: *const f32) -> Self {
            Self(_mm512_loadu_ps(from))
        }
        #[inline(always)]
        unsafe fn store(self, to: *mut f32) {
            _mm512_storeu_ps(to, self.0);
        }
        #[inline(always)]
        unsafe fn fused(self, factor: Self, sum: Self) -> Self {
            Self(_mm512_fmadd_ps(self.0, factor.0, sum.0))
        }
        #[inline(always)]
        unsafe fn times(self, factor: Self) -> Self {
            Self(_mm512_mul_ps(self.0, factor.0))
        }
    }

    /// Two 256-bit registers.
    #[derive(Clone, Copy)]
    pub struct Avx2(__m256, __m256);

    impl Vector for Avx2 {
        #[inline(always)]
        unsafe fn splat(value: f32) -> Self {
            Self(_mm256_set1_ps(value), _mm256_set1_ps(value))
        }
        #[inline(always)]
        unsafe fn load(from: *const f32) -> Self {
            Self(_mm256_loadu_ps(from), _mm256_loadu_ps(from.add(8)))
        }
        #[inline(always)]
        unsafe fn store(self, to: *mut f32) {
            _mm256_storeu_ps(to, self.0);
            _mm256_storeu_ps(to.add(8), self.1);
        }
        #[inline(always)]
        unsafe fn fused(self, factor: Self, sum: Self) -> Self {
            Self(
                _mm256_fmadd_ps(self.0, factor.0, sum.0),
                _mm256_fmadd_ps(self.1, factor.1, sum.1),
            )
        }
        #[inline(always)]
        unsafe fn times(self, factor: Self) -> Self {
            Self(_mm256_mul_ps(self.0, factor.0), _mm256_mul_ps(self.1, factor.1))
        }
    }
}
