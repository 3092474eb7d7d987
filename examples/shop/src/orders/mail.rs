//! Letters.

use std::{fmt, sync::Arc};

use async_trait::async_trait;

/// A letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// Whom it is for.
    pub to: String,
    /// What it is about.
    pub subject: String,
    /// What it says.
    pub text: String,
}

/// What sends letters.
#[async_trait]
pub trait Mailer: Send + Sync {
    /// Sends a letter.
    async fn send(&self, mail: &Mail) -> Result<(), MailError>;
}

/// A letter that could not be sent.
#[derive(Debug)]
pub struct MailError(String);

impl MailError {
    /// For this reason.
    pub fn new(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }
}

impl fmt::Display for MailError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for MailError {}

/// Writes letters to the log, where a laptop has no server of mail. Put a real one in its place.
struct Logged;

/// A mailer that sends nothing.
pub(super) fn logged() -> Arc<dyn Mailer> {
    Arc::new(Logged)
}

#[async_trait]
impl Mailer for Logged {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        let Mail { to, subject, .. } = mail;
        // a name that never resolves (RFC 2606)
        if to.ends_with(".invalid") {
            return Err(MailError::new(format!("there is no host for `{to}`")));
        }
        tracing::info!(to, subject, "a letter");
        Ok(())
    }
}
