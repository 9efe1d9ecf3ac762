//! One file a behaviour.

mod carry_over;
mod money;
mod precision;
mod properties;
mod repetition;
mod silence;
mod slashes;
mod standing;
mod try_state;
mod views;
