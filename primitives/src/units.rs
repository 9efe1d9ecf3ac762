//! Units of money, time and identity.

use sp_core::H256;

/// Planck, the smallest unit of OGPU: 1 OGPU = 10^18 planck.
pub type Balance = u128;

/// The work clock kept by `Beacon`: one tick a block, except while reports cannot be sent.
pub type Tick = u32;

/// H("ogpu/model/v1", SCALE(spec)): see [`crate::model::model_id`].
pub type ModelId = H256;

/// H("ogpu/job/v1", genesis ‖ client ‖ nonce): see [`crate::job::job_id`].
pub type JobId = H256;

/// BLAKE3 of a blob. For inputs and outputs: of the ciphertext.
pub type BlobHash = H256;

/// One OGPU in planck.
pub const OGPU: Balance = 1_000_000_000_000_000_000;

/// One thousandth of an OGPU in planck.
pub const MILLI_OGPU: Balance = OGPU / 1_000;

/// Existential deposit in planck: 0.0001 OGPU.
pub const EXISTENTIAL_DEPOSIT: Balance = OGPU / 10_000;

/// The whole supply in planck: 21,000,000 OGPU, never more.
pub const TOTAL_SUPPLY: Balance = 21_000_000 * OGPU;

/// What the reserve and the pots hold at genesis in planck: 6.5 % of the supply.
pub const RESERVE_SUPPLY: Balance = 1_365_000 * OGPU;

/// Nominal time between two blocks.
pub const BLOCK_TIME_MS: u64 = 2_000;
