//! Redis: RESP2, one command.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use super::{Rows, bytes};

pub(super) fn run(mut stream: TcpStream, command: &str) -> Result<Rows, String> {
    let words: Vec<_> = command.split_ascii_whitespace().collect();
    let mut message = format!("*{}\r\n", words.len());
    for word in words {
        message.push_str(&format!("${}\r\n{word}\r\n", word.len()));
    }
    stream
        .write_all(message.as_bytes())
        .map_err(|error| format!("the server hung up: {error}"))?;
    let mut rows = Vec::new();
    read(&mut BufReader::new(stream), &mut rows)?;
    Ok(Rows(rows.into_iter().map(|value| vec![value]).collect()))
}

/// Reads an answer, its parts one after the other.
fn read(stream: &mut impl BufRead, rows: &mut Vec<Option<String>>) -> Result<(), String> {
    let mut line = String::new();
    stream
        .by_ref()
        .take(64 * 1024)
        .read_line(&mut line)
        .map_err(|error| format!("the server hung up: {error}"))?;
    let Some((mark, rest)) = line.trim_end().split_at_checked(1) else {
        return Err("the server hung up".to_owned());
    };
    let number = || {
        rest.parse::<i64>()
            .map_err(|_| format!("`{rest}` is no number"))
    };
    match mark {
        "+" | ":" => rows.push(Some(rest.to_owned())),
        "-" => return Err(rest.to_owned()),
        "$" => match usize::try_from(number()?) {
            Ok(length) => {
                let mut text = bytes(stream, length + 2)?;
                text.truncate(length);
                rows.push(Some(String::from_utf8_lossy(&text).into_owned()));
            }
            Err(_) => rows.push(None),
        },
        "*" => {
            for _ in 0..number()? {
                read(stream, rows)?;
            }
        }
        _ => return Err("the server speaks another protocol".to_owned()),
    }
    Ok(())
}
