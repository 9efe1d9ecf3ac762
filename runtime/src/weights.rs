//! Measured weights of our pallets; `scripts/weights` writes them anew.

pub mod pallet_beacon;
pub mod pallet_job_market;
pub mod pallet_provider_staking;
pub mod pallet_slashing;
pub mod pallet_token_reserve;
pub mod pallet_verification;
