//! One file a behaviour.

mod clock;
mod randomness;
mod try_state;

use crate::mock::*;
