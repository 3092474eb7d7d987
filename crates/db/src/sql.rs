//! SQL by hand: parameters are bound, and the text is the same on every engine.

use std::fmt;

use sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult, JsonValue, Statement, Value};
use serde::de::DeserializeOwned;

use crate::{Db, Error, Result, Rows, transaction::joined};

/// A statement written by hand. `?` stands for a parameter on every engine, `??` for a question mark.
///
/// The text is part of the program, never of the input: parts may be [pushed](Sql::push) on a condition, values are
/// [bound](Sql::bind). What a constant holds can be checked against the migrated schema by a test ([`Db::check`]).
///
/// ```
/// use atlas_db::{Db, DbConfig, Sql, sea_orm::{self, ConnectionTrait, FromQueryResult}, sql};
///
/// #[derive(FromQueryResult)]
/// struct Count { origin: String, teas: i64 }
///
/// const BY_ORIGIN: Sql = sql("SELECT origin, count(*) AS teas FROM teas WHERE price < ? GROUP BY origin");
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let db = Db::new(&DbConfig::at("sqlite::memory:"))?;
/// # db.execute_unprepared("CREATE TABLE teas (name TEXT, origin TEXT, price INTEGER)").await?;
/// let add = sql("INSERT INTO teas VALUES (?, ?, ?)");
/// assert_eq!(add.bind("sencha").bind("Shizuoka").bind(12).execute(&db).await?, 1);
///
/// let found: Vec<Count> = BY_ORIGIN.bind(20).all(&db).await?;
/// assert_eq!((found[0].origin.as_str(), found[0].teas), ("Shizuoka", 1));
///
/// // as a test does it
/// db.check([BY_ORIGIN]).await?;
/// assert!(db.check([sql("SELECT colour FROM teas")]).await.is_err());
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a statement does nothing until it is run"]
pub struct Sql {
    first: &'static str,
    more: Vec<&'static str>,
    values: Vec<Bound>,
}

/// What stands for one `?`.
#[derive(Clone, Debug, PartialEq)]
enum Bound {
    One(Value),
    Many(Vec<Value>),
}

/// A statement of this text; see [`Sql`].
pub const fn sql(text: &'static str) -> Sql {
    Sql {
        first: text,
        more: Vec::new(),
        values: Vec::new(),
    }
}

impl Sql {
    /// Binds the next parameter.
    pub fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(Bound::One(value.into()));
        self
    }

    /// Binds the next parameter to a list, for `IN (?)`. Nothing is in an empty list.
    pub fn bind_list<V: Into<Value>>(mut self, values: impl IntoIterator<Item = V>) -> Self {
        let values = values.into_iter().map(Into::into).collect();
        self.values.push(Bound::Many(values));
        self
    }

    /// Adds text at the end, such as one more condition.
    pub fn push(mut self, text: &'static str) -> Self {
        self.more.push(text);
        self
    }

    /// Adds text at the end together with the value of its parameter, if there is a value: `AND price < ?`.
    pub fn push_if(self, text: &'static str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.push(text).bind(value),
            None => self,
        }
    }

    /// Runs it and returns all rows.
    ///
    /// # Errors
    ///
    /// When the values do not fit the parameters in number, the statement fails, or a row is no `T`.
    pub async fn all<T: FromQueryResult>(self, db: &impl ConnectionTrait) -> Result<Vec<T>> {
        let rows = db.query_all_raw(self.statement(db)?).await?;
        let rows = rows.iter().map(|row| T::from_query_result(row, ""));
        Ok(rows.collect::<Result<_, DbErr>>()?)
    }

    /// Runs it and returns the first row.
    ///
    /// # Errors
    ///
    /// Those of [`all`](Self::all).
    pub async fn one<T: FromQueryResult>(self, db: &impl ConnectionTrait) -> Result<Option<T>> {
        let row = db.query_one_raw(self.statement(db)?).await?;
        Ok(row.map(|row| T::from_query_result(&row, "")).transpose()?)
    }

    /// Runs it and returns all rows as anything that serde makes of an object with the columns as fields. Engines without
    /// a type of their own for truth values (SQLite, MySQL, MariaDB) may tell them as numbers.
    ///
    /// # Errors
    ///
    /// Those of [`all`](Self::all).
    pub async fn all_json<T: DeserializeOwned>(self, db: &impl ConnectionTrait) -> Result<Vec<T>> {
        let rows: Vec<JsonValue> = self.all(db).await?;
        rows.into_iter()
            .map(|row| serde_json::from_value(row).map_err(|it| DbErr::Type(it.to_string()).into()))
            .collect()
    }

    /// Runs it for its effect; returns how many rows it touched.
    ///
    /// # Errors
    ///
    /// When the values do not fit the parameters in number, or the statement fails.
    pub async fn execute(self, db: &impl ConnectionTrait) -> Result<u64> {
        Ok(db.execute_raw(self.statement(db)?).await?.rows_affected())
    }

    /// Its rows, one by one, in constant memory; see [`Db::stream`].
    ///
    /// # Errors
    ///
    /// When the values do not fit the parameters in number.
    pub fn stream<T: FromQueryResult>(self, db: &Db) -> Result<Rows<T>> {
        Ok(db.stream_as(self.statement(db)?))
    }

    /// The statement as the engine of this connection wants it.
    ///
    /// # Errors
    ///
    /// When the values do not fit the parameters in number.
    pub fn statement(&self, db: &impl ConnectionTrait) -> Result<Statement> {
        let backend = db.get_database_backend();
        let (text, parameters) = self.render(backend);
        if parameters != self.values.len() {
            return Err(DbErr::Type(format!(
                "a statement with {parameters} parameters and {} values: {self}",
                self.values.len()
            ))
            .into());
        }
        let values = self.values.iter().flat_map(|bound| match bound {
            Bound::One(value) => std::slice::from_ref(value),
            Bound::Many(values) => values,
        });
        let values = values.cloned();
        Ok(Statement::from_sql_and_values(backend, text, values))
    }

    /// The text with the placeholders of an engine, and how many parameters stood in it.
    fn render(&self, backend: DbBackend) -> (String, usize) {
        let mut writer = Writer {
            text: String::with_capacity(self.first.len() + 8),
            backend,
            placeholders: 0,
            parameters: 0,
        };
        writer.add(self.first, &self.values);
        for part in &self.more {
            writer.text.push(' ');
            writer.add(part, &self.values);
        }
        (writer.text, writer.parameters)
    }
}

impl fmt::Display for Sql {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.first)?;
        self.more.iter().try_for_each(|part| write!(f, " {part}"))
    }
}

impl Db {
    /// Lets the engine read statements without running them, against the schema as it is: unknown tables and columns,
    /// wrong types and faults of the syntax are found. For a test on a migrated database.
    ///
    /// # Errors
    ///
    /// Every statement that the engine does not take, with its reason; inside a transaction, that it cannot be done.
    pub async fn check(&self, statements: impl IntoIterator<Item = Sql>) -> Result<()> {
        if joined(self).is_some() {
            let words = "statements are checked outside of a transaction";
            return Err(DbErr::Custom(words.into()).into());
        }
        let mut refused = Vec::new();
        for statement in statements {
            let (text, _) = statement.render(self.get_database_backend());
            if let Err(error) = self.0.engine.check(text.into()).await {
                refused.push(format!("{}: `{statement}`", Error::from(error)));
            }
        }
        if refused.is_empty() {
            return Ok(());
        }
        Err(DbErr::Custom(refused.join("\n")).into())
    }
}

/// Writes text with the placeholders of an engine.
struct Writer {
    text: String,
    backend: DbBackend,
    placeholders: usize,
    parameters: usize,
}

impl Writer {
    fn add(&mut self, part: &str, values: &[Bound]) {
        let mut rest = part;
        while let Some(at) = rest.find(['?', '\'', '"', '`', '-', '/']) {
            let (before, from) = rest.split_at(at);
            self.text.push_str(before);
            let length = match literal(from, self.backend) {
                Some(length) => {
                    self.text.push_str(&from[..length]);
                    length
                }
                None if from.starts_with("??") => {
                    self.text.push('?');
                    2
                }
                None => {
                    self.parameter(values);
                    1
                }
            };
            rest = &from[length..];
        }
        self.text.push_str(rest);
    }

    fn parameter(&mut self, values: &[Bound]) {
        let count = match values.get(self.parameters) {
            Some(Bound::Many(values)) => values.len(),
            _ => 1,
        };
        self.parameters += 1;
        if count == 0 {
            return self.text.push_str("NULL");
        }
        for at in 0..count {
            if at > 0 {
                self.text.push_str(", ");
            }
            self.placeholders += 1;
            match self.backend {
                DbBackend::Postgres => self.text.push_str(&format!("${}", self.placeholders)),
                _ => self.text.push('?'),
            }
        }
    }
}

/// How long the text is that begins here and holds no parameter: a quoted text or name, a comment, a sign. `None` for a
/// question mark.
fn literal(from: &str, backend: DbBackend) -> Option<usize> {
    let after = |start: usize, end: &str| {
        let found = from[start..].find(end);
        found.map_or(from.len(), |at| start + at + end.len())
    };
    match from.as_bytes().first()? {
        b'?' => None,
        b'-' if from.starts_with("--") => Some(after(2, "\n")),
        b'/' if from.starts_with("/*") => Some(after(2, "*/")),
        quote @ (b'\'' | b'"' | b'`') => {
            let mut escaped = false;
            let end = from.bytes().enumerate().skip(1).find(|(_, it)| {
                if escaped {
                    escaped = false;
                    return false;
                }
                escaped = *it == b'\\' && backend == DbBackend::MySql;
                it == quote
            });
            Some(end.map_or(from.len(), |(at, _)| at + 1))
        }
        _ => Some(1),
    }
}

#[cfg(test)]
mod tests {
    use sea_orm::DatabaseBackend::{MySql, Postgres, Sqlite};

    use super::*;

    fn text(statement: &Sql, backend: DbBackend) -> String {
        statement.render(backend).0
    }

    #[test]
    fn parameters_are_numbered_where_the_engine_wants_numbers() {
        let statement = sql("SELECT * FROM t WHERE a = ? AND b < ?").push("AND c IN (?)");
        let statement = statement.bind(1).bind(2).bind_list(["x", "y"]);
        assert_eq!(
            text(&statement, Postgres),
            "SELECT * FROM t WHERE a = $1 AND b < $2 AND c IN ($3, $4)"
        );
        let plain = "SELECT * FROM t WHERE a = ? AND b < ? AND c IN (?, ?)";
        assert_eq!(text(&statement, Sqlite), plain);
        assert_eq!(text(&statement, MySql), plain);
    }

    #[test]
    fn what_is_quoted_or_commented_holds_no_parameter() {
        for text_of in [
            "SELECT '?' FROM t",
            "SELECT 'it''s ?' FROM t",
            "SELECT \"?\" FROM t",
            "SELECT `?` FROM t",
            "SELECT 1 -- ?\n",
            "SELECT 1 -- ?",
            "SELECT /* ? */ 1 - 2 / 3",
            "SELECT 'open ?",
        ] {
            let statement = sql(text_of);
            for backend in [Postgres, Sqlite, MySql] {
                assert_eq!(statement.render(backend), (text_of.to_owned(), 0));
            }
        }
        assert_eq!(sql(r"SELECT 'a\'?'").render(MySql).1, 0);
        assert_eq!(sql(r"SELECT 'a\', ?").render(Postgres).1, 1);
    }

    #[test]
    fn two_question_marks_are_one() {
        let statement = sql("SELECT a ?? ? FROM t").bind("key");
        assert_eq!(text(&statement, Postgres), "SELECT a ? $1 FROM t");
    }

    #[test]
    fn an_empty_list_holds_nothing() {
        let statement = sql("SELECT * FROM t WHERE a IN (?) AND b = ?");
        let statement = statement.bind_list(Vec::<i64>::new()).bind(1);
        assert_eq!(
            text(&statement, Postgres),
            "SELECT * FROM t WHERE a IN (NULL) AND b = $1"
        );
    }

    #[test]
    fn text_comes_with_its_value_or_not_at_all() {
        let find = |name: Option<&str>| sql("SELECT 1 WHERE true").push_if("AND name = ?", name);
        assert_eq!(find(None).to_string(), "SELECT 1 WHERE true");
        assert_eq!(
            find(Some("x")).render(Postgres).0,
            "SELECT 1 WHERE true AND name = $1"
        );
    }
}
