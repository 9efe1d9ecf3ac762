//! One file a behaviour.

mod genesis;
mod origins;

use crate::mock::*;
