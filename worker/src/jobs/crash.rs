//! Named points at which a test kills the daemon.
//!
//! With `OGPU_CRASH_AT=<point>` in the environment the process aborts, without running any clean-up, the first
//! time that a job passes the point. Whatever is not on disk by then is lost, exactly as with `kill -9` or a
//! power cut. Unset, a point costs one comparison.

use std::sync::OnceLock;

/// Environment variable that names the point.
pub const VARIABLE: &str = "OGPU_CRASH_AT";

/// Every point, in the order in which a job passes them; the last one only when it is audited.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CrashPoint {
    /// The input is opened, checked and on disk; the client has not been told.
    InputHeld,
    /// The chain shows the acknowledgement.
    Acknowledged,
    /// The engine has been started.
    Running,
    /// The engine is done; nothing of its result is on disk.
    Finished,
    /// Output, proof and commitment are on disk; the commit has not been handed to the transaction queue.
    Committing,
    /// The chain shows the commitment.
    Committed,
    /// The chain asks for the opening of an audited result; nothing of it has been handed to the transaction queue.
    Opening,
}

impl CrashPoint {
    /// All points.
    pub const ALL: [Self; 7] = [
        Self::InputHeld,
        Self::Acknowledged,
        Self::Running,
        Self::Finished,
        Self::Committing,
        Self::Committed,
        Self::Opening,
    ];

    /// The name used in [`VARIABLE`].
    pub fn name(self) -> &'static str {
        match self {
            Self::InputHeld => "input_held",
            Self::Acknowledged => "acknowledged",
            Self::Running => "running",
            Self::Finished => "finished",
            Self::Committing => "committing",
            Self::Committed => "committed",
            Self::Opening => "opening",
        }
    }

    /// The point with this name.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|point| point.name() == name)
    }

    /// Aborts the process when this is the point asked for.
    pub fn pass(self) {
        static WANTED: OnceLock<Option<CrashPoint>> = OnceLock::new();
        let wanted = WANTED.get_or_init(|| {
            std::env::var(VARIABLE)
                .ok()
                .and_then(|name| CrashPoint::by_name(name.trim()))
        });
        if *wanted == Some(self) {
            eprintln!("{VARIABLE}: aborting at {}", self.name());
            std::process::abort();
        }
    }
}

/// Says so when the variable is set, or fails when it names no point: a kill test that kills nothing is no test.
pub fn check_environment() -> Result<(), String> {
    match std::env::var(VARIABLE) {
        Err(_) => Ok(()),
        Ok(name) if CrashPoint::by_name(name.trim()).is_some() => {
            tracing::warn!(
                point = name,
                "this process will abort itself at the named point ({VARIABLE})"
            );
            Ok(())
        }
        Ok(name) => Err(format!(
            "{VARIABLE}={name} names no crash point; use one of {}",
            CrashPoint::ALL.map(CrashPoint::name).join(", ")
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_name_should_find_each_point_when_given_its_own_name() {
        for point in CrashPoint::ALL {
            assert_eq!(CrashPoint::by_name(point.name()), Some(point));
        }
        assert_eq!(CrashPoint::by_name("nowhere"), None);
    }
}
