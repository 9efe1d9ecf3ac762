//! Measured weights of our pallets; `scripts/weights` writes them anew. Those of `Verification` and `Slashing` are not
//! measured yet: the runtime counts with the reasoned ones of their crates.

pub mod pallet_beacon;
pub mod pallet_job_market;
pub mod pallet_provider_staking;
pub mod pallet_token_reserve;
