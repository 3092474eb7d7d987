//! What a `sqlite:` URL names.

use std::{path::PathBuf, str::FromStr};

use sqlx::sqlite::SqliteConnectOptions;

/// A parsed `sqlite:` URL.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(super) options: SqliteConnectOptions,
    /// No file at all: the database lives in its one connection.
    pub(super) in_memory: bool,
    /// Opened for reading (`mode=ro`, `immutable=1`).
    pub(super) read_only: bool,
    /// A missing file and its folder are created.
    pub(super) create: bool,
}

impl Target {
    /// Reads `sqlite:<path>`, `sqlite://<path>` or `sqlite::memory:`, with SQLite's own parameters (`mode`, `cache`,
    /// `immutable`, `vfs`). Without a `mode`, a missing file is created.
    ///
    /// # Errors
    ///
    /// A sentence that says what is wrong with it.
    pub(crate) fn parse(url: &str) -> Result<Self, String> {
        let options = SqliteConnectOptions::from_str(url).map_err(|error| match error {
            sqlx::Error::Configuration(reason) => reason.to_string(),
            other => other.to_string(),
        })?;
        let rest = url.trim_start_matches("sqlite:").trim_start_matches("//");
        let (path, parameters) = rest.split_once('?').unwrap_or((rest, ""));
        if path.is_empty() {
            return Err("it names no file".into());
        }
        let has = |wanted: &str| parameters.split('&').any(|parameter| parameter == wanted);
        let in_memory = path == ":memory:" || has("mode=memory");
        let read_only = has("mode=ro") || has("immutable=1") || has("immutable=true");
        let create = !in_memory && !read_only && !has("mode=rw");
        Ok(Self {
            options: options.create_if_missing(create).read_only(read_only),
            in_memory,
            read_only,
            create,
        })
    }

    /// The file.
    pub(crate) fn path(&self) -> PathBuf {
        self.file()
    }

    /// Nothing is kept outside of this process.
    pub(crate) fn is_in_memory(&self) -> bool {
        self.in_memory
    }

    /// It is opened for reading.
    pub(crate) fn is_read_only(&self) -> bool {
        self.read_only
    }

    /// The file.
    pub(super) fn file(&self) -> PathBuf {
        self.options.get_filename().to_path_buf()
    }

    /// The file, for words.
    pub(crate) fn place(&self) -> String {
        if self.in_memory {
            "memory".into()
        } else {
            self.file().display().to_string()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Target;

    #[test]
    fn a_url_without_a_mode_creates_its_file() {
        let target = Target::parse("sqlite://data/shop.sqlite").unwrap();
        assert!(target.create && !target.read_only && !target.in_memory);
        assert_eq!(target.place(), "data/shop.sqlite");
        assert_eq!(
            Target::parse("sqlite:/var/a%20b.sqlite").unwrap().place(),
            "/var/a b.sqlite"
        );
    }

    #[test]
    fn modes_say_what_may_happen_to_the_file() {
        assert!(
            Target::parse("sqlite://a.sqlite?mode=ro")
                .unwrap()
                .read_only
        );
        assert!(!Target::parse("sqlite://a.sqlite?mode=rw").unwrap().create);
        assert!(Target::parse("sqlite::memory:").unwrap().in_memory);
        assert!(Target::parse("sqlite://a?mode=memory").unwrap().in_memory);
    }

    #[test]
    fn what_sqlite_does_not_know_is_refused() {
        assert_eq!(Target::parse("sqlite://").unwrap_err(), "it names no file");
        assert_eq!(
            Target::parse("sqlite://a?mode=wr").unwrap_err(),
            "unknown value \"wr\" for `mode`"
        );
        assert!(
            Target::parse("sqlite://a?timeout=5")
                .unwrap_err()
                .contains("`timeout`")
        );
    }
}
