//! Configuration of every pallet, one file a concern.

pub mod compute;
pub mod consensus;
pub mod governance;
pub mod money;
pub mod staking;
pub mod system;
pub mod utilities;
