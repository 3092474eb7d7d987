//! What a `mysql:` or `mariadb:` URL names.

use std::str::FromStr;

use sqlx::mysql::MySqlConnectOptions;

use crate::{engine::Engine, url};

/// The parameters that a URL may have.
const PARAMETERS: &[&str] = &[
    "ssl-mode", "sslmode", "ssl-ca", "sslca", "ssl-cert", "sslcert", "ssl-key", "sslkey", "socket",
];

/// A parsed `mysql:` or `mariadb:` URL.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(super) options: MySqlConnectOptions,
    socket: Option<String>,
    /// The engine as the scheme says it, until the server says so itself.
    pub(super) engine: Engine,
}

impl Target {
    /// Reads `mysql://user:password@host:port/database`, with the parameters of MySQL's own tools for TLS. The modes of
    /// TLS may also be written as PostgreSQL writes them.
    ///
    /// # Errors
    ///
    /// A sentence that says what is wrong with it.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        url::check(text, PARAMETERS)?;
        let mut options = MySqlConnectOptions::from_str(&modes(text)).map_err(url::refused)?;
        let socket = url::parameters(text)
            .find(|(key, _)| *key == "socket")
            .map(|(_, path)| path.replace("%2F", "/"));
        if socket.is_some() && options.get_host() == "" {
            options = options.host("localhost");
        }
        let engine = if text.starts_with("mariadb:") {
            Engine::MariaDb
        } else {
            Engine::MySql
        };
        Ok(Self {
            options,
            socket,
            engine,
        })
    }

    /// Host, port and database, for words.
    pub(crate) fn place(&self) -> String {
        let database = self.options.get_database().unwrap_or_default();
        match &self.socket {
            Some(socket) => format!("{socket}/{database}"),
            None => {
                let (host, port) = (self.options.get_host(), self.options.get_port());
                format!("{host}:{port}/{database}")
            }
        }
    }
}

/// The URL with the modes of TLS as MySQL writes them.
fn modes(text: &str) -> String {
    let Some((start, parameters)) = text.split_once('?') else {
        return text.to_owned();
    };
    let parameters = parameters.split('&').map(|parameter| {
        let (key, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        let value = match (key, value) {
            ("ssl-mode" | "sslmode", "disable") => "disabled",
            ("ssl-mode" | "sslmode", "prefer") => "preferred",
            ("ssl-mode" | "sslmode", "require") => "required",
            ("ssl-mode" | "sslmode", "verify-ca") => "verify_ca",
            ("ssl-mode" | "sslmode", "verify-full" | "verify-identity") => "verify_identity",
            (_, value) => value,
        };
        format!("{key}={value}")
    });
    format!("{start}?{}", parameters.collect::<Vec<_>>().join("&"))
}

#[cfg(test)]
mod tests {
    use sqlx::mysql::MySqlSslMode;

    use super::Target;
    use crate::engine::Engine;

    #[test]
    fn the_place_has_host_and_database_but_no_secret() {
        let place = |url| Target::parse(url).unwrap().place();
        assert_eq!(
            place("mysql://shop:secret@db.internal/shop"),
            "db.internal:3306/shop"
        );
        assert_eq!(
            place("mariadb://root@localhost/shop?socket=/run/my.sock"),
            "/run/my.sock/shop"
        );
    }

    #[test]
    fn the_scheme_says_which_engine_to_expect() {
        let engine = |url| Target::parse(url).unwrap().engine;
        assert_eq!(engine("mysql://db/shop"), Engine::MySql);
        assert_eq!(engine("mariadb://db/shop"), Engine::MariaDb);
    }

    #[test]
    fn modes_of_tls_are_read_in_both_spellings() {
        for (mode, read) in [
            ("disable", MySqlSslMode::Disabled),
            ("verify-full", MySqlSslMode::VerifyIdentity),
            ("VERIFY_CA", MySqlSslMode::VerifyCa),
            ("required", MySqlSslMode::Required),
        ] {
            let target = Target::parse(&format!("mysql://db/shop?ssl-mode={mode}")).unwrap();
            assert_eq!(
                std::mem::discriminant(&target.options.get_ssl_mode()),
                std::mem::discriminant(&read),
                "{mode}"
            );
        }
    }

    #[test]
    fn what_mysql_does_not_know_is_refused() {
        let refused = |url| Target::parse(url).unwrap_err();
        assert_eq!(
            refused("mysql://db/"),
            "it names no database: it ends with `/<name>`"
        );
        assert_eq!(
            refused("mysql://db/shop?useSSL=true"),
            "it has no parameter `useSSL`"
        );
    }
}
