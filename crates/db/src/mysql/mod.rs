//! MySQL and MariaDB: a server whose pool lends its connections to readers and writers alike.
//!
//! Which of the two a server is it says itself, to the first connection.

mod connect;
mod replication;
mod target;
mod transaction;

pub(crate) use self::connect::Connector;
use self::target::Target;
use crate::{
    driver::{Bounds, Server},
    symptom::Symptom,
};

/// The pools for a URL; nothing is opened yet.
///
/// # Errors
///
/// What is wrong with the URL, in words that do not repeat it.
pub(crate) fn open(url: &str, bounds: &Bounds) -> Result<Server<Connector>, String> {
    let (connector, place) = connector(url, bounds)?;
    Ok(Server::new(connector, place, bounds.limits))
}

/// What opens connections to the server of a URL, and its place, for words.
///
/// # Errors
///
/// What is wrong with the URL, in words that do not repeat it.
pub(crate) fn connector(url: &str, bounds: &Bounds) -> Result<(Connector, String), String> {
    let target = Target::parse(url)?;
    let connector = Connector::new(&target, bounds);
    Ok((connector, target.place()))
}

/// Reads an error number (<https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html>; MariaDB's own begin
/// at 1900).
pub(crate) fn symptom(number: u16) -> Symptom {
    match number {
        1022 | 1062 | 1169 | 1586 => Symptom::Duplicate,
        1216 | 1217 | 1451 | 1452 | 1557 | 1761 | 1762 => Symptom::Reference,
        // too long for its column, or out of the range of its type
        1264 | 1406 | 1690 => Symptom::TooLong,
        // a date, a character or JSON that its types do not have
        1292 | 1366 | 3140 | 3141 => Symptom::Unstorable,
        // 1020: MariaDB found under a snapshot that the row was changed meanwhile
        1213 | 1614 | 1020 => Symptom::Conflict,
        1205 | 3572 => Symptom::Locked,
        1317 | 1969 | 3024 => Symptom::Overdue,
        1290 | 1792 | 1836 => Symptom::ReadOnly,
        1021 | 1114 | 3675 => Symptom::Full,
        1040 | 1041 | 1203 | 1226 => Symptom::Busy,
        1044 | 1045 | 1698 | 1251 | 3118 | 4151 => Symptom::Denied,
        1007 => Symptom::Exists,
        1049 => Symptom::NoDatabase,
        3159 => Symptom::Tls,
        1235 | 1286 => Symptom::Unsupported,
        126 | 127 | 144 | 145 | 1034 | 1194 | 1195 => Symptom::Damaged,
        // the server stops, or ended the connection
        1053 | 1077 | 1079 | 1080 | 1152..=1161 | 1184 | 1927 | 3169 | 4031 => Symptom::Gone,
        _ => Symptom::Other,
    }
}
