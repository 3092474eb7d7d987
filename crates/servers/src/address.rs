//! Where a server is.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::{TcpStream, ToSocketAddrs};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::kind::Kind;
use crate::place;
use crate::wire::{self, Rows};

/// A server that answers, and the URLs of its databases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    kind: Kind,
    host: String,
    port: u16,
    /// `user:password`, as written in URLs.
    user: String,
    admin: String,
    /// The database that is always there.
    database: String,
    /// `?sslmode=…`, or empty.
    query: String,
    /// The folder of a server of ours.
    home: Option<PathBuf>,
}

impl Address {
    /// A server of ours: the administrator has no password.
    pub(crate) fn local(kind: Kind, host: &str, port: u16) -> Self {
        let (user, admin, database) = match kind {
            Kind::Postgres => ("postgres", "postgres", "postgres"),
            Kind::MariaDb | Kind::MySql => ("app", "root", "mysql"),
            Kind::Redis => ("", "", "0"),
        };
        Self {
            kind,
            host: host.to_owned(),
            port,
            user: user.to_owned(),
            admin: admin.to_owned(),
            database: database.to_owned(),
            query: String::new(),
            home: None,
        }
    }

    /// With the folder that the server has for itself.
    pub(crate) fn at(self, home: &Path) -> Self {
        Self {
            home: Some(home.to_owned()),
            ..self
        }
    }

    /// A server that the user names.
    pub(crate) fn parse(kind: Kind, url: &str) -> Result<Self, String> {
        let (scheme, rest) = url
            .split_once("://")
            .ok_or_else(|| "it has no scheme".to_owned())?;
        if !kind.accepts(scheme) {
            return Err(format!("`{scheme}` is not a scheme of {kind}"));
        }
        let (rest, query) = rest.find('?').map_or((rest, ""), |at| rest.split_at(at));
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (user, host) = authority.rsplit_once('@').unwrap_or(("", authority));
        let (host, port) = match host.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => {
                let port = port
                    .parse()
                    .map_err(|_| format!("`{port}` is not a port"))?;
                (host, port)
            }
            _ => (host, kind.port()),
        };
        if host.is_empty() {
            return Err("it names no host".to_owned());
        }
        let default = Self::local(kind, host, port);
        let user = match user {
            "" => default.admin.clone(),
            user => user.to_owned(),
        };
        Ok(Self {
            user: user.clone(),
            admin: user,
            database: match path {
                "" => default.database,
                path => path.to_owned(),
            },
            query: query.to_owned(),
            ..default
        })
    }

    /// What it is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The host that it listens on.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port that it listens on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What the names of a test's keys in a shared Redis begin with: no other test ever has it.
    pub fn prefix(&self) -> String {
        format!("test-{}:", place::unique_home())
    }

    /// The URL of a database, for a user who may create databases but not change a replica. Those of Redis are numbers.
    pub fn url_of(&self, database: &str) -> String {
        self.url(&self.user, database)
    }

    /// The URL of the database that is always there, for a user who may do everything.
    pub fn admin_url(&self) -> String {
        self.url(&self.admin, &self.database)
    }

    /// The URL of a database, for a user who may do everything.
    pub fn admin_url_of(&self, database: &str) -> String {
        self.url(&self.admin, database)
    }

    /// The command that opens a database by hand.
    pub fn shell_of(&self, database: &str) -> String {
        let Self {
            kind, host, port, ..
        } = self;
        let (user, password) = self.user.split_once(':').unwrap_or((&self.user, ""));
        let program = match kind {
            // psql asks for a password by itself
            Kind::Postgres => return format!("psql -h {host} -p {port} -U {user} {database}"),
            Kind::MariaDb => "mariadb",
            Kind::MySql => "mysql",
            Kind::Redis => return format!("redis-cli -h {host} -p {port} -n {database}"),
        };
        let password = match password {
            "" => "",
            _ => " -p",
        };
        format!("{program} -h {host} -P {port} -u {user}{password} {database}")
    }

    /// A folder for notes about what is on the server, which all processes of this checkout share. Those of a server of
    /// ours go when it goes.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn notes(&self) -> Result<PathBuf, String> {
        let folder = match &self.home {
            Some(home) => home.join("notes"),
            None => {
                let mut hasher = DefaultHasher::new();
                (&self.host, self.port, &self.user).hash(&mut hasher);
                place::checkout_folder()?.join(format!(
                    "{}-{:016x}",
                    self.kind.word(),
                    hasher.finish()
                ))
            }
        };
        place::folder(&folder)?;
        Ok(folder)
    }

    /// Lets a server of ours stay for an hour after its last user, because something on it is to be looked at.
    pub fn keep(&self) {
        if let Some(home) = &self.home {
            let _ = std::fs::write(home.join("kept"), "");
        }
    }

    /// Runs statements as the administrator, who must have no password; rows are text. For Redis it is one command, its
    /// words parted by spaces, and a row for each part of the answer.
    ///
    /// # Errors
    /// What the server or the network says.
    pub fn run(&self, sql: &str) -> Result<Rows, String> {
        self.run_in(&self.database, sql)
    }

    /// As [`run`](Self::run), in another database.
    ///
    /// # Errors
    /// What the server or the network says.
    pub fn run_in(&self, database: &str, sql: &str) -> Result<Rows, String> {
        wire::run(
            self.kind,
            (&self.host, self.port),
            &self.admin,
            database,
            sql,
        )
    }

    /// Whether a server speaks here, and is ready for statements.
    pub(crate) fn is_ready(&self) -> bool {
        let sign = match self.kind {
            Kind::Redis => "PING",
            _ => "SELECT 1",
        };
        self.run(sign).is_ok()
    }

    /// Whether the server that answers here keeps its data in this folder, and is ready for statements.
    pub(crate) fn serves(&self, data: &Path) -> bool {
        let place = match self.kind {
            Kind::Postgres => "SELECT current_setting('data_directory')",
            Kind::MariaDb | Kind::MySql => "SELECT @@datadir",
            // its name, and in the next row the folder
            Kind::Redis => "CONFIG GET dir",
        };
        let real = |path: &Path| fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let Ok(Rows(rows)) = self.run(place) else {
            return false;
        };
        let told = rows.last().and_then(|row| row.first()?.as_deref());
        told.is_some_and(|there| real(Path::new(there)) == real(data))
    }

    /// Whether anything listens here.
    pub(crate) fn listens(&self) -> Result<(), String> {
        let host = self.host.trim_matches(['[', ']']);
        let addresses = (host, self.port)
            .to_socket_addrs()
            .map_err(|error| format!("`{host}` has no address: {error}"))?;
        let mut last = format!("`{host}` has no address");
        for address in addresses {
            match TcpStream::connect_timeout(&address, Duration::from_secs(3)) {
                Ok(_) => return Ok(()),
                Err(error) => last = format!("nothing listens on {address}: {error}"),
            }
        }
        Err(last)
    }

    fn url(&self, user: &str, database: &str) -> String {
        let Self {
            kind,
            host,
            port,
            query,
            ..
        } = self;
        let at = if user.is_empty() { "" } else { "@" };
        format!(
            "{}://{user}{at}{host}:{port}/{database}{query}",
            kind.scheme()
        )
    }
}
