//! One file a behaviour.

mod clock;
mod coalition;
mod randomness;
mod try_state;

use crate::mock::*;
