//! PostgreSQL's protocol 3: start-up without a password, simple queries.

use std::io::Write;
use std::net::TcpStream;

use super::{Reader, Rows, bytes};

pub(super) fn run(
    mut stream: TcpStream,
    user: &str,
    database: &str,
    sql: &str,
) -> Result<Rows, String> {
    let mut hello = Vec::from(196_608_u32.to_be_bytes());
    for word in ["user", user, "database", database, ""] {
        hello.extend(word.as_bytes());
        hello.push(0);
    }
    send(&mut stream, None, &hello)?;
    until_ready(&mut stream)?;
    let mut query = sql.as_bytes().to_vec();
    query.push(0);
    send(&mut stream, Some(b'Q'), &query)?;
    let rows = until_ready(&mut stream)?;
    let _ = send(&mut stream, Some(b'X'), &[]);
    Ok(rows)
}

fn send(stream: &mut TcpStream, tag: Option<u8>, body: &[u8]) -> Result<(), String> {
    let length = u32::try_from(body.len() + 4).map_err(|_| "the statement is too long")?;
    let mut message = Vec::from_iter(tag);
    message.extend(length.to_be_bytes());
    message.extend(body);
    stream
        .write_all(&message)
        .map_err(|error| format!("the server hung up: {error}"))
}

/// Reads messages until the server waits for the next statement.
fn until_ready(stream: &mut TcpStream) -> Result<Rows, String> {
    let mut rows = Rows::default();
    let mut failure = None;
    loop {
        let tag = bytes(stream, 1)?[0];
        let length = number(&bytes(stream, 4)?);
        let body = bytes(stream, length.saturating_sub(4))?;
        let mut reader = Reader(&body);
        match tag {
            b'R' if number(reader.take(4)?) != 0 => {
                return Err("the server wants a password".to_owned());
            }
            b'D' => rows.0.push(row(&mut reader)?),
            b'E' => {
                let said = fields(&mut reader)?;
                // before it is ready it hangs up after an error
                failure.get_or_insert(said.clone());
                if said.starts_with("FATAL") {
                    return Err(said);
                }
            }
            b'Z' => return failure.map_or(Ok(rows), Err),
            _ => {}
        }
    }
}

fn row(reader: &mut Reader<'_>) -> Result<Vec<Option<String>>, String> {
    let count = number(reader.take(2)?);
    let mut row = Vec::with_capacity(count);
    for _ in 0..count {
        let length = reader.take(4)?;
        row.push(match length {
            [0xff, 0xff, 0xff, 0xff] => None,
            length => {
                let value = reader.take(number(length))?;
                Some(String::from_utf8_lossy(value).into_owned())
            }
        });
    }
    Ok(row)
}

/// Severity and message of an error.
fn fields(reader: &mut Reader<'_>) -> Result<String, String> {
    let (mut severity, mut message) = (String::new(), String::new());
    loop {
        match reader.byte()? {
            0 => return Ok(format!("{severity}: {message}")),
            b'V' => severity = reader.text()?,
            b'M' => message = reader.text()?,
            _ => drop(reader.text()?),
        }
    }
}

fn number(bytes: &[u8]) -> usize {
    bytes
        .iter()
        .fold(0, |number, byte| (number << 8) | usize::from(*byte))
}
