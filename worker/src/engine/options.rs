//! How a model is loaded beyond what its profile says: for calibration and tests, never for jobs.

/// Whose kernels compute on the CPU.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kernels {
    /// Ours: the same bits whether a token is computed alone or with others.
    #[default]
    Own,
    /// The tensor library's, for matrices and attention: the same arithmetic in another order, as on other
    /// hardware. Slow; for honest pairs that are not bit-equal.
    Library,
}

/// Choices of one loading.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Kernels on the CPU; a GPU always uses the library's.
    pub kernels: Kernels,
    /// What a cheat would do.
    #[cfg(feature = "dishonest")]
    pub dishonest: Dishonest,
}

impl Options {
    /// The same with these kernels.
    pub fn with_kernels(mut self, kernels: Kernels) -> Self {
        self.kernels = kernels;
        self
    }
}

/// Ways to compute less than what was promised.
#[cfg(feature = "dishonest")]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dishonest {
    /// Layers (from 0) that are left out.
    pub skip_layers: Vec<usize>,
    /// Every matrix is rounded to this format while it is loaded.
    pub requantise: Option<Requantise>,
}

/// A cheaper format.
#[cfg(feature = "dishonest")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Requantise {
    /// 4 bits and a scale per 32 weights (`Q4_0`).
    FourBit,
    /// 8 bits and a scale per 32 weights (`Q8_0`).
    EightBit,
}
