//! A bar with the time that is left, and the limit of time.

use indicatif::{ProgressBar, ProgressStyle};
use std::time::{Duration, Instant};

/// Measures one phase.
pub struct Clock {
    end: Option<Instant>,
    what: String,
    bar: ProgressBar,
}

impl Clock {
    /// A clock that ends after `minutes`.
    pub fn new(minutes: Option<f64>, what: String) -> Self {
        Self {
            end: minutes.map(|minutes| Instant::now() + Duration::from_secs_f64(60.0 * minutes.max(0.0))),
            what,
            bar: ProgressBar::hidden(),
        }
    }

    /// `missing` lines are to be made, `done` are there.
    pub fn start(&mut self, missing: usize, done: usize) {
        self.bar = ProgressBar::new(missing as u64);
        let style = ProgressStyle::with_template("{msg} [{bar:30}] {pos}/{len}, {eta} left");
        if let Ok(style) = style {
            self.bar.set_style(style);
        }
        self.bar.set_message(format!("{} ({done} were there)", self.what));
    }

    /// One more line.
    pub fn step(&mut self) {
        self.bar.inc(1);
    }

    /// Whether nothing new should be begun.
    pub fn is_over(&self) -> bool {
        self.end.is_some_and(|end| Instant::now() >= end)
    }
}
