//! An error with its causes, on one line.

use std::error::Error;

/// The error's message and those of its causes, joined by colons. A cause that the message before it already
/// quotes is left out, so nothing is said twice.
pub fn one_line(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let message = error.to_string();
        if !text.contains(&message) {
            text = format!("{text}: {message}");
        }
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{config::ConfigError, keys::KeyError};
    use std::io;

    #[test]
    fn text_should_name_each_cause_once_when_errors_quote_their_sources() {
        let quoted = ConfigError::Io {
            path: "worker.toml".into(),
            source: io::Error::other("disk on fire"),
        };
        let text = one_line(anyhow::Error::from(quoted).context("starting").as_ref());
        assert!(text.starts_with("starting: "), "{text}");
        assert_eq!(text.matches("disk on fire").count(), 1, "{text}");
        let deep = anyhow::Error::from(KeyError::BadName("a/b".into()))
            .context("loading")
            .context("starting");
        assert_eq!(
            one_line(deep.as_ref()),
            format!("starting: loading: {}", KeyError::BadName("a/b".into()))
        );
    }
}
