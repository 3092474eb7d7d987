//! The engines' own programs, and how they are told where the database is.

use std::{
    env, fmt,
    path::{Path, PathBuf},
    process::Command,
};

use super::{files::Files, url::ServerUrl};

/// Commands of the programs that come with an engine.
pub(super) struct Client;

/// A program that is needed and not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingClient {
    problem: String,
    help: &'static str,
}

impl MissingClient {
    pub(super) fn memory() -> Self {
        Self {
            problem: "a database in memory belongs to one process, which no console can enter"
                .into(),
            help: "keep it in a file: set `database.url`, for example to `sqlite://data/development.sqlite`",
        }
    }

    /// How to get it.
    pub fn help(&self) -> &'static str {
        self.help
    }
}

impl fmt::Display for MissingClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.problem)
    }
}

impl std::error::Error for MissingClient {}

const SQLITE: &str =
    "install it: `apt-get install sqlite3`, `dnf install sqlite`, `apk add sqlite`; macOS has it";
const POSTGRES: &str = "install it: `apt-get install postgresql-client`, `dnf install postgresql`, `brew install libpq`";
const MYSQL: &str = "install it: `apt-get install mariadb-client`, `dnf install mariadb`, `brew install mysql-client`";

impl Client {
    /// `sqlite3`.
    pub(super) fn sqlite(files: &Files) -> Result<Command, MissingClient> {
        let mut command = found(&["sqlite3"], SQLITE)?;
        if files.read_only {
            command.arg("-readonly");
        }
        command.arg(&files.main);
        Ok(command)
    }

    /// `psql`, `mariadb` or `mysql`.
    pub(super) fn console(url: &ServerUrl) -> Result<Command, MissingClient> {
        if url.is_postgres() {
            return postgres("psql", url);
        }
        let programs = match url.scheme.as_str() {
            "mysql" => ["mysql", "mariadb"],
            _ => ["mariadb", "mysql"],
        };
        let mut command = mysql(&programs, url)?;
        command.arg(format!("--database={}", url.database));
        Ok(command)
    }

    /// `pg_dump`, `mariadb-dump` or `mysqldump`.
    pub(super) fn dump(url: &ServerUrl, schema_only: bool) -> Result<Command, MissingClient> {
        if url.is_postgres() {
            let mut command = postgres("pg_dump", url)?;
            command.args(["--no-owner", "--no-privileges"]);
            if schema_only {
                command.arg("--schema-only");
            }
            return Ok(command);
        }
        let programs = match url.scheme.as_str() {
            "mysql" => ["mysqldump", "mariadb-dump"],
            _ => ["mariadb-dump", "mysqldump"],
        };
        let mut command = mysql(&programs, url)?;
        command.args([
            "--single-transaction",
            "--no-tablespaces",
            "--triggers",
            "--routines",
        ]);
        if schema_only {
            command.arg("--no-data");
        }
        // behind `--`, whatever its name begins with
        command.arg("--").arg(&url.database);
        Ok(command)
    }
}

fn postgres(program: &str, url: &ServerUrl) -> Result<Command, MissingClient> {
    let mut command = found(&[program], POSTGRES)?;
    let host = url.parameter(&["host"]).or(url.host.as_deref());
    for (option, value) in [
        ("--host", host),
        ("--port", url.port.as_deref()),
        ("--username", url.user.as_deref()),
        ("--dbname", Some(url.database.as_str())),
    ] {
        if let Some(value) = value {
            command.arg(format!("{option}={value}"));
        }
    }
    for (variable, names) in [
        ("PGSSLMODE", &["sslmode", "ssl-mode"][..]),
        ("PGSSLROOTCERT", &["sslrootcert", "ssl-root-cert", "ssl-ca"]),
        ("PGSSLCERT", &["sslcert", "ssl-cert"]),
        ("PGSSLKEY", &["sslkey", "ssl-key"]),
        ("PGOPTIONS", &["options"]),
    ] {
        if let Some(value) = url.parameter(names) {
            command.env(variable, value);
        }
    }
    if let Some(password) = &url.password {
        command.env("PGPASSWORD", password);
    }
    Ok(command)
}

fn mysql(programs: &[&str], url: &ServerUrl) -> Result<Command, MissingClient> {
    let mut command = found(programs, MYSQL)?;
    let mariadb = program_name(&command).starts_with("mariadb");
    let socket = url.parameter(&["socket"]);
    let (host, port) = match socket {
        Some(_) => (None, None),
        None => (
            url.host.as_deref().or(Some("localhost")),
            url.port.as_deref(),
        ),
    };
    for (option, value) in [
        ("--socket", socket),
        ("--host", host),
        ("--port", port),
        ("--user", url.user.as_deref()),
        // to these programs `localhost` is a socket otherwise
        ("--protocol", host.map(|_| "tcp")),
        ("--ssl-ca", url.parameter(&["ssl-ca", "sslca"])),
        ("--ssl-cert", url.parameter(&["ssl-cert", "sslcert"])),
        ("--ssl-key", url.parameter(&["ssl-key", "sslkey"])),
    ] {
        if let Some(value) = value {
            command.arg(format!("{option}={value}"));
        }
    }
    let mode = url.parameter(&["ssl-mode", "sslmode"]).unwrap_or_default();
    let mode = mode.to_ascii_uppercase().replace('-', "_");
    command.args(tls(&mode, mariadb));
    if let Some(password) = &url.password {
        command.env("MYSQL_PWD", password);
    }
    Ok(command)
}

/// The mode of TLS as the programs of each maker take it. Without one, MySQL's programs do as the driver does: they prefer
/// it. Those of MariaDB would refuse a certificate that nobody has vouched for.
fn tls(mode: &str, mariadb: bool) -> &'static [&'static str] {
    match (mode, mariadb) {
        ("", false) => &[],
        ("" | "PREFERRED" | "PREFER", true) => &["--skip-ssl-verify-server-cert"],
        ("DISABLED" | "DISABLE", true) => &["--skip-ssl"],
        ("REQUIRED" | "REQUIRE", true) => &["--ssl", "--skip-ssl-verify-server-cert"],
        (_, true) => &["--ssl", "--ssl-verify-server-cert"],
        ("DISABLED" | "DISABLE", false) => &["--ssl-mode=DISABLED"],
        ("PREFERRED" | "PREFER", false) => &["--ssl-mode=PREFERRED"],
        ("REQUIRED" | "REQUIRE", false) => &["--ssl-mode=REQUIRED"],
        ("VERIFY_CA", false) => &["--ssl-mode=VERIFY_CA"],
        (_, false) => &["--ssl-mode=VERIFY_IDENTITY"],
    }
}

/// What a program is called; `mysql` is a link to `mariadb` on some systems.
fn program_name(command: &Command) -> String {
    let file = Path::new(command.get_program());
    let file = file.canonicalize().unwrap_or_else(|_| file.to_owned());
    let name = file.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// The first of these programs that is installed.
fn found(programs: &[&str], help: &'static str) -> Result<Command, MissingClient> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = env::split_paths(&path).collect();
    let files = programs.iter().flat_map(|program| {
        folders.iter().map(move |folder| {
            folder
                .join(program)
                .with_extension(env::consts::EXE_EXTENSION)
        })
    });
    match files.into_iter().find(|file| file.is_file()) {
        Some(file) => Ok(Command::new(file)),
        None => Err(MissingClient {
            problem: format!("`{}` is not installed", programs.join("` or `")),
            help,
        }),
    }
}
