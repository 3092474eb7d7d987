//! What the database layer says when a service cannot start or a command cannot go on.

use atlas_core::{BoxError, Diagnostic};

use crate::{Db, DbConfig, Error, driver::Pools, seed::Fault, symptom::Symptom};

const USAGE: u8 = 2;
const DATA: u8 = 65;
const UNAVAILABLE: u8 = 69;
const CONFIGURATION: u8 = 78;

/// A202: the configured URL names no database that this build can open.
pub(crate) fn bad_url(url: &str, problem: &str) -> Diagnostic {
    let drivers = Pools::SCHEMES
        .iter()
        .map(|scheme| format!("`{scheme}`"))
        .collect::<Vec<_>>()
        .join(", ");
    Diagnostic::new("A202", format!("`database.url` is not a usable database URL: {problem}"))
        .place(format!("database.url = {}", redacted(url)))
        .help("set `database.url` in `config/`, or `ATLAS_DATABASE__URL` in the environment, for example to `sqlite://data/development.sqlite`")
        .help(format!("drivers in this build: {drivers}"))
        .exit(CONFIGURATION)
}

/// A203: the code expects a newer schema than the database has.
pub(crate) fn pending(db: &Db, names: &[&str]) -> Diagnostic {
    let message = match names {
        [one] => format!("migration `{one}` has not been applied"),
        many => format!(
            "{} migrations have not been applied: {}",
            many.len(),
            list(many)
        ),
    };
    Diagnostic::new("A203", message)
        .place(place(db))
        .help("apply them: run the service with `migrate up`")
        .help("to apply them at every start, set `database.migrate = \"apply\"`")
        .exit(DATA)
}

/// A204: the database has a newer schema than the code knows.
pub(crate) fn unknown(db: &Db, names: &[&str]) -> Diagnostic {
    let message = match names {
        [one] => format!("the database has migration `{one}`, which this build does not know"),
        many => format!(
            "the database has {} migrations that this build does not know: {}",
            many.len(),
            list(many)
        ),
    };
    Diagnostic::new("A204", message)
        .place(place(db))
        .help("the schema is newer than the code: deploy the build that brought the migration, or a later one")
        .help("to go back to this build, first run `migrate down` with the newer one")
        .exit(DATA)
}

/// A206: nothing answers where the database should be, or what answers is no database.
pub(crate) fn unreachable(db: &Db, error: Error) -> Diagnostic {
    let help = advice(&error);
    if error.symptom().is_refusal() {
        return refused(db, error, help);
    }
    Diagnostic::new("A206", format!("the database cannot be used: {error}"))
        .place(place(db))
        .help(help)
        .exit(UNAVAILABLE)
        .source(error)
}

/// A209: the server answers, and does not let this service in as it is configured; trying again will not help.
fn refused(db: &Db, error: Error, help: &'static str) -> Diagnostic {
    Diagnostic::new(
        "A209",
        format!("the database server refuses the connection: {error}"),
    )
    .place(place(db))
    .help(help)
    .exit(CONFIGURATION)
    .source(error)
}

/// A207: a seed went wrong; the transaction it ran in was rolled back.
pub(crate) fn seed_failed(db: &Db, name: &str, error: BoxError) -> Diagnostic {
    Diagnostic::new("A207", format!("seed `{name}` failed: {error}"))
        .place(place(db))
        .help("nothing of this seed was kept; correct its data and run `seed` again")
        .exit(DATA)
        .source(error)
}

/// A207 or A218: a file of records could not be planted; the transaction was rolled back.
pub(crate) fn seed_fault(db: &Db, name: &str, fault: Fault) -> Diagnostic {
    let Fault {
        is_reference,
        place: in_file,
        problem,
        help,
        source,
    } = fault;
    let diagnostic = match is_reference {
        true => Diagnostic::new("A218", format!("seed `{name}` {problem}")),
        false => Diagnostic::new("A207", format!("seed `{name}` failed: {problem}")),
    };
    let diagnostic = diagnostic
        .place(in_file.unwrap_or_else(|| place(db)))
        .exit(DATA);
    let diagnostic = match help {
        Some(help) => diagnostic.help(help),
        None => {
            diagnostic.help("nothing of this seed was kept; correct its data and run `seed` again")
        }
    };
    match source {
        Some(source) => diagnostic.source(*source),
        None => diagnostic,
    }
}

/// A217: seeds do not run in production by themselves.
pub(crate) fn seed_refused(db: &Db) -> Diagnostic {
    Diagnostic::new("A217", "seeds are not run in production unless it is asked for")
        .place(place(db))
        .help("they would change rows that people work with: look at `seed --list` first, then add `--force-production`")
        .help("for another profile, set `--profile development`")
        .exit(USAGE)
}

/// A208: a migration went wrong; it is not recorded as applied.
pub(crate) fn migration_failed(db: &Db, name: &str, problem: &str, help: &str) -> Diagnostic {
    Diagnostic::new("A208", format!("migration `{name}` {problem}"))
        .place(place(db))
        .help(help)
        .exit(DATA)
}

fn place(db: &Db) -> String {
    format!("{} {}", db.system(), db.place())
}

fn list(names: &[&str]) -> String {
    names
        .iter()
        .map(|name| format!("`{name}`"))
        .collect::<Vec<_>>()
        .join(", ")
}

/// What to do about a database that cannot be used.
fn advice(error: &Error) -> &'static str {
    match error.symptom() {
        Symptom::Locked => {
            "another process holds a lock on it: find that process, or raise `database.lock_timeout`"
        }
        Symptom::ReadOnly => {
            "it may not be written: check its permissions, or open it with `?mode=ro`, `database.migrate = \"check\"` and `database.seed = \"skip\"`"
        }
        Symptom::Damaged => {
            "it is damaged or no database: restore a backup, or move it away to start anew"
        }
        Symptom::Full => "make room on its disk",
        Symptom::Closed => {
            "check that the path in `database.url` is a file this process may open and write"
        }
        Symptom::Refused => {
            "nothing listens there: start the database, or correct host and port in `database.url`"
        }
        Symptom::Denied => {
            "the server does not let this user in: correct user and password in `database.url`"
        }
        Symptom::NoDatabase => "the server has no such database: create it with `atlas db create`",
        Symptom::Tls => {
            "the two sides did not agree on TLS: check `sslmode` and the certificates in `database.url`"
        }
        Symptom::Outdated => "use a server of a version that is supported",
        Symptom::Busy => {
            "the server takes no more connections now: lower `database.max_connections`, or wait until it has started"
        }
        Symptom::Silent => {
            "check that the host in `database.url` is right and a firewall lets the service through"
        }
        _ => "check `database.url`, and that the database runs and accepts this user",
    }
}

/// A210: the configured URL of a replica names no server that could be one.
pub(crate) fn bad_replica(config: &DbConfig, index: usize, problem: &str) -> Diagnostic {
    let url = config.replicas.get(index).map_or("", String::as_str);
    Diagnostic::new("A210", format!("`database.replicas[{index}]` is not a usable replica: {problem}"))
        .place(format!("database.replicas[{index}] = {}", redacted(url)))
        .place(format!("database.url = {}", redacted(&config.url)))
        .help("a replica is a server of the same engine that replays what the one of `database.url` commits")
        .help("without replicas, leave `database.replicas` empty")
        .exit(CONFIGURATION)
}

/// The URL without a password.
pub(crate) fn redacted(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    match authority.rsplit_once('@') {
        Some((credentials, _)) => {
            let user = credentials.split(':').next().unwrap_or_default();
            format!("{scheme}://{user}:***{}", &rest[credentials.len()..])
        }
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::redacted;

    #[test]
    fn a_password_is_never_shown() {
        assert_eq!(
            redacted("postgres://shop:p@ss:word@db:5432/shop?x=1"),
            "postgres://shop:***@db:5432/shop?x=1"
        );
        assert_eq!(
            redacted("sqlite://data/a@b.sqlite"),
            "sqlite://data/a@b.sqlite"
        );
        assert_eq!(redacted("nonsense"), "nonsense");
    }
}
