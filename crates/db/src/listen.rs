//! Messages that PostgreSQL passes between its clients.

use std::fmt;

use crate::{Db, Result, driver::Ear};

/// Hears what is said on channels of a PostgreSQL server; [`Db::listen`] makes one.
///
/// It has a connection of its own, says something to itself every 15 seconds, and opens another one when it does not hear that:
/// also one that seems to be open may pass nothing on any more, and behind a pooler that gives each transaction another
/// connection it never did.
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
    /// Nothing is heard from now on until a [`Gap`](Self::Gap) is: the server cannot be listened to, which is tried again and
    /// again. Ask its tables for what is new meanwhile.
    Deaf {
        /// What the last attempt came to.
        why: String,
    },
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
    /// Before it returns it has heard itself once, or the first thing that it tells is [`Notice::Deaf`].
    ///
    /// # Errors
    ///
    /// One that [`is_unsupported`](crate::Error::is_unsupported) when the engine has no such messages.
    pub async fn listen(&self, channels: &[&str]) -> Result<Listener> {
        let channels = channels.iter().map(|it| (*it).to_owned()).collect();
        let ear = self.outside(self.0.engine.listen(self, channels)).await?;
        Ok(Listener(ear))
    }
}
