//! Messages that PostgreSQL passes between its clients.

use std::fmt;

use crate::{Db, Result, driver::Ear};

/// Hears what is said on channels of a PostgreSQL server; [`Db::listen`] makes one.
///
/// It has a connection of its own, asks it for a sign of life while it is silent, and opens a new one when it breaks.
pub struct Listener(pub(crate) Box<dyn Ear>);

/// What a [`Listener`] hears.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// Somebody said something.
    Message {
        /// On which channel.
        channel: String,
        /// What.
        payload: String,
    },
    /// The connection was lost, and there is a new one: what was said in between was not heard.
    Gap,
}

impl Listener {
    /// The next thing that is heard. It never fails: while the server cannot be reached, it waits. One that is dropped
    /// half-way loses nothing.
    pub async fn next(&mut self) -> Notice {
        self.0.next().await
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listener").finish_non_exhaustive()
    }
}

impl Db {
    /// Listens on channels of a PostgreSQL server, on a connection beside those of the pool, to what is said there by
    /// `SELECT pg_notify(channel, message)` or `NOTIFY` and committed.
    ///
    /// Before it returns it has heard itself once. A pooler that gives each transaction another connection passes no
    /// messages on; that shows here.
    ///
    /// # Errors
    ///
    /// When the server cannot be reached; one that [`is_unsupported`](crate::Error::is_unsupported) when the engine has no
    /// such messages, or none arrive.
    pub async fn listen(&self, channels: &[&str]) -> Result<Listener> {
        let channels = channels.iter().map(|it| (*it).to_owned()).collect();
        let ear = self.outside(self.0.engine.listen(self, channels)).await?;
        Ok(Listener(ear))
    }
}
