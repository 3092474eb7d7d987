//! Just enough of the servers' protocols to ask whether they are ready and to steer them, with nothing installed.

mod mysql;
mod postgres;
mod redis;

use std::io::{self, Read};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

use crate::kind::Kind;

/// Rows of text; `None` is NULL.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rows(pub Vec<Vec<Option<String>>>);

impl Rows {
    /// The first value of the first row, if there is one and it is not NULL.
    pub fn first(&self) -> Option<&str> {
        self.0.first()?.first()?.as_deref()
    }
}

/// Runs statements on a connection of their own.
pub(crate) fn run(
    kind: Kind,
    address: (&str, u16),
    user: &str,
    database: &str,
    sql: &str,
) -> Result<Rows, String> {
    let stream = connect(address).map_err(|error| error.to_string())?;
    let (user, password) = user.split_once(':').unwrap_or((user, ""));
    if !password.is_empty() {
        return Err("passwords are not spoken here: run the statement with a client".to_owned());
    }
    match kind {
        Kind::Postgres => postgres::run(stream, user, database, sql),
        Kind::MariaDb | Kind::MySql => mysql::run(stream, user, database, sql),
        Kind::Redis => redis::run(stream, sql),
    }
}

fn connect((host, port): (&str, u16)) -> io::Result<TcpStream> {
    let mut last = io::Error::other(format!("`{host}` has no address"));
    for address in (host.trim_matches(['[', ']']), port).to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, Duration::from_secs(3)) {
            Ok(stream) => {
                stream.set_nodelay(true)?;
                stream.set_read_timeout(Some(Duration::from_secs(30)))?;
                stream.set_write_timeout(Some(Duration::from_secs(30)))?;
                return Ok(stream);
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// Reads exactly so many bytes.
fn bytes(stream: &mut impl Read, count: usize) -> Result<Vec<u8>, String> {
    let mut buffer = vec![0; count];
    stream
        .read_exact(&mut buffer)
        .map_err(|error| format!("the server hung up: {error}"))?;
    Ok(buffer)
}

/// Reads a message from its front.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], String> {
        let (front, rest) = self
            .0
            .split_at_checked(count)
            .ok_or_else(|| "the server sent a message that is too short".to_owned())?;
        self.0 = rest;
        Ok(front)
    }

    fn byte(&mut self) -> Result<u8, String> {
        Ok(self.take(1)?[0])
    }

    /// Text up to a zero.
    fn text(&mut self) -> Result<String, String> {
        let end = self
            .0
            .iter()
            .position(|byte| *byte == 0)
            .unwrap_or(self.0.len());
        let text = String::from_utf8_lossy(self.take(end)?).into_owned();
        let _ = self.take(1);
        Ok(text)
    }
}
