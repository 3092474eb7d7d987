//! How much of the primary's history a server has.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::{gtid_list::GtidList, gtid_set::GtidSet, lsn::Lsn};

/// A point in the history of the primary, to be carried to another process: in a cookie, a message, a header.
///
/// [`Session::position`](crate::Session::position) makes one, [`Db::after`](crate::Db::after) reads no earlier state than
/// that. As text it is what the engine calls it, behind the engine's name: an LSN on PostgreSQL, GTIDs on MySQL and MariaDB.
/// It holds no secret, and one that was forged does no more than send its bearer's reads to the primary.
///
/// ```
/// use atlas_db::Position;
///
/// let position: Position = "postgresql:16/B374D848".parse()?;
/// assert_eq!(position.to_string(), "postgresql:16/B374D848");
/// assert!("postgresql:nonsense".parse::<Position>().is_err());
/// # Ok::<(), atlas_db::PositionError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Position(At);

/// A position in the terms of its engine.
#[derive(Clone, Debug, PartialEq, Eq)]
enum At {
    Postgres(Lsn),
    MariaDb(GtidList),
    MySql(GtidSet),
}

/// Text that is no [`Position`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "it is no position of a database: `postgresql:<LSN>`, `mysql:<GTID set>` or `mariadb:<GTID list>`"
)]
pub struct PositionError;

/// Text that is no position of its engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unreadable;

impl Position {
    /// Reads an LSN as PostgreSQL writes it.
    pub(crate) fn postgres(text: &str) -> Option<Self> {
        text.parse().ok().map(|lsn| Self(At::Postgres(lsn)))
    }

    /// Reads the place at which PostgreSQL would insert the next record.
    pub(crate) fn postgres_insert(text: &str) -> Option<Self> {
        let lsn: Lsn = text.parse().ok()?;
        Some(Self(At::Postgres(lsn.record_end())))
    }

    /// Reads GTIDs as MariaDB writes them; without any, nothing can be known by them.
    pub(crate) fn maria_db(text: &str) -> Option<Self> {
        let list: GtidList = text.parse().ok()?;
        (!list.is_empty()).then_some(Self(At::MariaDb(list)))
    }

    /// Reads GTIDs as MySQL writes them; without any, nothing can be known by them.
    pub(crate) fn my_sql(text: &str) -> Option<Self> {
        let set: GtidSet = text.parse().ok()?;
        (!set.is_empty()).then_some(Self(At::MySql(set)))
    }

    /// Says whether a server at this position has everything that one at `other` has. Positions of different engines
    /// do not cover each other.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (At::Postgres(this), At::Postgres(other)) => this >= other,
            (At::MariaDb(this), At::MariaDb(other)) => this.covers(other),
            (At::MySql(this), At::MySql(other)) => this.covers(other),
            _ => false,
        }
    }

    /// Says whether a replica at this position has something that the primary, asked later, does not: it follows another
    /// history. Sets of MySQL name the server that each transaction began on, so there covering alone tells histories apart.
    pub(crate) fn contradicts(&self, primary: &Self) -> bool {
        match (&self.0, &primary.0) {
            (At::Postgres(this), At::Postgres(primary)) => this > primary,
            (At::MariaDb(this), At::MariaDb(primary)) => this.contradicts(primary),
            (At::MySql(_), At::MySql(_)) => false,
            _ => true,
        }
    }

    /// Becomes the least position that covers both; says whether there is one, for positions of different engines have
    /// none.
    pub(crate) fn merge(&mut self, other: &Self) -> bool {
        match (&mut self.0, &other.0) {
            (At::Postgres(this), At::Postgres(other)) => *this = (*this).max(*other),
            (At::MariaDb(this), At::MariaDb(other)) => this.merge(other),
            (At::MySql(this), At::MySql(other)) => this.merge(other),
            _ => return false,
        }
        true
    }
}

impl FromStr for Position {
    type Err = PositionError;

    fn from_str(text: &str) -> Result<Self, PositionError> {
        let position = match text.split_once(':') {
            Some(("postgresql", lsn)) => Self::postgres(lsn),
            Some(("mariadb", list)) => Self::maria_db(list),
            Some(("mysql", set)) => Self::my_sql(set),
            _ => None,
        };
        position.ok_or(PositionError)
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            At::Postgres(lsn) => write!(f, "postgresql:{lsn}"),
            At::MariaDb(list) => write!(f, "mariadb:{list}"),
            At::MySql(set) => write!(f, "mysql:{set}"),
        }
    }
}

impl TryFrom<String> for Position {
    type Error = PositionError;

    fn try_from(text: String) -> Result<Self, PositionError> {
        text.parse()
    }
}

impl From<Position> for String {
    fn from(position: Position) -> Self {
        position.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::Position;

    fn position(text: &str) -> Position {
        text.parse().unwrap()
    }

    #[test]
    fn engines_do_not_cover_each_other() {
        let (pg, maria) = (position("postgresql:0/1"), position("mariadb:0-1-1"));
        assert!(!pg.covers(&maria) && !maria.covers(&pg));
        assert!(pg.contradicts(&maria));
        let mut merged = pg.clone();
        assert!(!merged.merge(&maria));
        assert_eq!(merged, pg);
        assert!(merged.merge(&position("postgresql:1/0")));
        assert_eq!(merged, position("postgresql:1/0"));
    }

    #[test]
    fn a_position_goes_through_json_and_forged_ones_are_refused() {
        for text in [
            "postgresql:1/2A",
            "mariadb:0-1-5,2-1-1",
            "mysql:3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5",
        ] {
            let json = serde_json::to_string(&position(text)).unwrap();
            assert_eq!(json, format!("\"{text}\""));
            assert_eq!(
                serde_json::from_str::<Position>(&json).unwrap(),
                position(text)
            );
        }
        for text in [
            "",
            "mysql:",
            "mariadb:",
            "postgresql",
            "oracle:1",
            "postgresql:1/2 OR 1=1",
        ] {
            assert!(text.parse::<Position>().is_err(), "`{text}`");
        }
    }

    #[test]
    fn a_replica_ahead_of_its_primary_follows_another_history() {
        assert!(position("postgresql:0/2").contradicts(&position("postgresql:0/1")));
        assert!(!position("postgresql:0/1").contradicts(&position("postgresql:0/1")));
    }
}
