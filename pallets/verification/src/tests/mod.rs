//! One file a behaviour.

mod ballots;
mod carry_over;
mod commitments;
mod data;
mod embeddings;
mod equivocation;
mod fixture;
mod flow;
mod jury;
mod money;
mod openings;
mod outlays;
mod precision;
mod profiles;
mod properties;
mod seats;
mod silence;
mod small_models;
mod try_state;
mod views;
mod window;
