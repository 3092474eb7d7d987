//! What a part of an app says about its health.

use std::{fmt, future::Future, pin::Pin, sync::Arc, time::Duration};

use tokio::time::timeout;

use crate::{BoxError, Component, life::catch_future};

type Answer = Pin<Box<dyn Future<Output = Result<(), BoxError>> + Send>>;

/// A question about the health of one part, contributed by a module and asked by the operations endpoints.
///
/// ```
/// use atlas_core::HealthCheck;
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let check = HealthCheck::new("disk", || async { Err::<(), _>("no space left") }).critical(false);
/// assert_eq!(check.check().await.unwrap_err().to_string(), "no space left");
/// # }
/// ```
#[derive(Clone)]
pub struct HealthCheck {
    name: Arc<str>,
    ask: Arc<dyn Fn() -> Answer + Send + Sync>,
    timeout: Duration,
    critical: bool,
}

impl Component for HealthCheck {}

impl HealthCheck {
    /// A check that `ask` answers: `Ok(())` when all is well. It has 1 s, and counts in readiness.
    pub fn new<A, F, E>(name: impl Into<Arc<str>>, ask: A) -> Self
    where
        A: Fn() -> F + Send + Sync + 'static,
        F: Future<Output = Result<(), E>> + Send + 'static,
        E: Into<BoxError>,
    {
        let ask = Arc::new(move || -> Answer {
            let answer = ask();
            Box::pin(async move { answer.await.map_err(Into::into) })
        });
        Self {
            name: name.into(),
            ask,
            timeout: Duration::from_secs(1),
            critical: true,
        }
    }

    /// Sets how long an answer may take; a late one counts as bad.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sets whether a bad answer makes the app not ready.
    #[must_use]
    pub fn critical(mut self, critical: bool) -> Self {
        self.critical = critical;
        self
    }

    /// The part's name, unique in an app.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether a bad answer makes the app not ready.
    pub fn is_critical(&self) -> bool {
        self.critical
    }

    /// Asks.
    ///
    /// # Errors
    /// What the part answered, that it panicked, or that it did not answer in time.
    pub async fn check(&self) -> Result<(), BoxError> {
        let answer = async { (self.ask)().await };
        match timeout(self.timeout, catch_future(answer)).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(panic)) => Err(format!("panicked: {panic}").into()),
            Err(_) => Err(format!("no answer within {:?}", self.timeout).into()),
        }
    }
}

impl fmt::Debug for HealthCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            name,
            timeout,
            critical,
            ..
        } = self;
        f.debug_struct("HealthCheck")
            .field("name", name)
            .field("timeout", timeout)
            .field("critical", critical)
            .finish()
    }
}
