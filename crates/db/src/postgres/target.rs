//! What a `postgres:` URL names.

use std::str::FromStr;

use sqlx::postgres::PgConnectOptions;

use crate::url;

/// The parameters that a URL may have.
const PARAMETERS: &[&str] = &[
    "sslmode",
    "ssl-mode",
    "sslrootcert",
    "ssl-root-cert",
    "ssl-ca",
    "sslcert",
    "ssl-cert",
    "sslkey",
    "ssl-key",
    "host",
    "application_name",
    "options",
];

/// A parsed `postgres:` URL.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(super) options: PgConnectOptions,
}

impl Target {
    /// Reads `postgres://user:password@host:port/database`, with libpq's parameters for TLS.
    ///
    /// # Errors
    ///
    /// A sentence that says what is wrong with it.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        url::check(text, PARAMETERS)?;
        let options = PgConnectOptions::from_str(text).map_err(url::refused)?;
        Ok(Self { options })
    }

    /// Host, port and database, for words.
    pub(crate) fn place(&self) -> String {
        let database = self.options.get_database().unwrap_or_default();
        match self.options.get_socket() {
            Some(socket) => format!("{}/{database}", socket.display()),
            None => {
                let (host, port) = (self.options.get_host(), self.options.get_port());
                format!("{host}:{port}/{database}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Target;

    #[test]
    fn the_place_has_host_and_database_but_no_secret() {
        let place = |url| Target::parse(url).unwrap().place();
        assert_eq!(
            place("postgres://shop:secret@db.internal/shop"),
            "db.internal:5432/shop"
        );
        assert_eq!(
            place("postgresql://shop@[::1]:5433/a%20b?sslmode=verify-full"),
            "[::1]:5433/a b"
        );
        assert_eq!(place("postgres:///shop?host=/run/pg"), "/run/pg/shop");
    }

    #[test]
    fn what_postgres_does_not_know_is_refused() {
        let refused = |url| Target::parse(url).unwrap_err();
        assert_eq!(
            refused("postgres://db"),
            "it names no database: it ends with `/<name>`"
        );
        assert!(refused("postgres://db/shop?sslmode=maybe").contains("`ssl_mode`"));
        assert_eq!(
            refused("postgres://db/shop?ssl_mode=require"),
            "it has no parameter `ssl_mode`"
        );
    }
}
