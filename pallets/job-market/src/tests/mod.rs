//! One file a behaviour.

mod cancel;
mod carry_over;
mod conservation;
mod deadlines;
mod earnings;
mod exclusions;
mod matching;
mod models;
mod parking;
mod poke;
mod prune;
mod replicas;
mod report_many;
mod reports;
mod rerun;
mod settlement;
mod stages;
mod submit;
mod terms;
mod try_state;
mod views;
mod whitening;
