//! The protocol of MariaDB and MySQL: log-in with an empty password, text queries.

use std::io::Write;
use std::net::TcpStream;

use super::{Reader, Rows, bytes};

const LONG_PASSWORD: u32 = 0x1;
const CONNECT_WITH_DB: u32 = 0x8;
const PROTOCOL_41: u32 = 0x200;
const TRANSACTIONS: u32 = 0x2000;
const SECURE_CONNECTION: u32 = 0x8000;
const PLUGIN_AUTH: u32 = 0x8_0000;

const UTF8MB4: u8 = 45;

const OK: u8 = 0x00;
const MORE: u8 = 0x01;
const NULL: u8 = 0xfb;
const END: u8 = 0xfe;
const ERROR: u8 = 0xff;

pub(super) fn run(
    stream: TcpStream,
    user: &str,
    database: &str,
    sql: &str,
) -> Result<Rows, String> {
    let mut connection = Connection {
        stream,
        sequence: 0,
    };
    connection.log_in(user, database)?;
    connection.sequence = 0;
    let mut query = vec![0x03];
    query.extend(sql.as_bytes());
    connection.send(&query)?;
    let rows = connection.rows()?;
    connection.sequence = 0;
    let _ = connection.send(&[0x01]);
    Ok(rows)
}

struct Connection {
    stream: TcpStream,
    sequence: u8,
}

impl Connection {
    fn log_in(&mut self, user: &str, database: &str) -> Result<(), String> {
        let greeting = self.receive()?;
        let mut reader = Reader(&greeting);
        if reader.byte()? != 10 {
            return Err("the server speaks another protocol".to_owned());
        }
        reader.text()?;
        let flags = LONG_PASSWORD
            | CONNECT_WITH_DB
            | PROTOCOL_41
            | TRANSACTIONS
            | SECURE_CONNECTION
            | PLUGIN_AUTH;
        let mut hello = Vec::from(flags.to_le_bytes());
        hello.extend((1_u32 << 24).to_le_bytes());
        hello.push(UTF8MB4);
        hello.extend([0; 23]);
        hello.extend(user.as_bytes());
        // an empty password
        hello.extend([0, 0]);
        hello.extend(database.as_bytes());
        hello.push(0);
        hello.extend(b"mysql_native_password\0");
        self.send(&hello)?;
        loop {
            let answer = self.receive()?;
            match answer.first() {
                Some(&OK) => return Ok(()),
                // another way to prove an empty password, which is as empty
                Some(&END) => self.send(&[])?,
                Some(&MORE) => {}
                _ => return Err("the server does not let us in".to_owned()),
            }
        }
    }

    fn rows(&mut self) -> Result<Rows, String> {
        let mut rows = Rows::default();
        let head = self.receive()?;
        if head.first() == Some(&OK) {
            return Ok(rows);
        }
        let columns = length(&mut Reader(&head))?.unwrap_or_default();
        for _ in 0..columns {
            self.receive()?;
        }
        self.receive()?;
        loop {
            let row = self.receive()?;
            if row.first() == Some(&END) && row.len() < 9 {
                return Ok(rows);
            }
            let mut reader = Reader(&row);
            let mut values = Vec::with_capacity(columns);
            for _ in 0..columns {
                values.push(match length(&mut reader)? {
                    Some(length) => {
                        Some(String::from_utf8_lossy(reader.take(length)?).into_owned())
                    }
                    None => None,
                });
            }
            rows.0.push(values);
        }
    }

    fn send(&mut self, body: &[u8]) -> Result<(), String> {
        let size = u32::try_from(body.len()).map_err(|_| "the statement is too long")?;
        let mut packet = size.to_le_bytes()[..3].to_vec();
        packet.push(self.sequence);
        packet.extend(body);
        self.sequence = self.sequence.wrapping_add(1);
        self.stream
            .write_all(&packet)
            .map_err(|error| format!("the server hung up: {error}"))
    }

    /// The next packet; an error of the server is one of ours.
    fn receive(&mut self) -> Result<Vec<u8>, String> {
        let head = bytes(&mut self.stream, 4)?;
        self.sequence = head[3].wrapping_add(1);
        let body = bytes(&mut self.stream, number(&head[..3]))?;
        if body.first() != Some(&ERROR) {
            return Ok(body);
        }
        let mut reader = Reader(&body);
        let code = number(&reader.take(3)?[1..]);
        // a state of five characters comes before the message
        if reader.0.first() == Some(&b'#') {
            reader.take(6)?;
        }
        Err(format!("{code}: {}", reader.text()?))
    }
}

/// A number of the width that its first byte tells; `None` for NULL.
fn length(reader: &mut Reader<'_>) -> Result<Option<usize>, String> {
    Ok(match reader.byte()? {
        NULL => None,
        0xfc => Some(number(reader.take(2)?)),
        0xfd => Some(number(reader.take(3)?)),
        0xfe => Some(number(reader.take(8)?)),
        small => Some(usize::from(small)),
    })
}

fn number(bytes: &[u8]) -> usize {
    bytes
        .iter()
        .rev()
        .fold(0, |number, byte| (number << 8) | usize::from(*byte))
}
