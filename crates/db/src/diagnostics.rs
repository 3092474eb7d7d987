//! What the database layer says when a service cannot start or a command cannot go on.

use std::time::Duration;

use atlas_core::{BoxError, Diagnostic};

use crate::{
    Db, DbConfig, Error, driver::Pools, migration::MigrationPlan, seed::Fault, symptom::Symptom,
};

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

/// A208: a migration that has no way back.
pub(crate) fn irreversible(db: &Db, name: &str, reason: &str) -> Diagnostic {
    let help = "restore a backup, or write a new migration that repairs what this one did";
    migration_failed(db, name, &format!("cannot be taken back: {reason}"), help)
}

/// A208: nothing is called as somebody said.
pub(crate) fn no_migration(db: &Db, name: &str, problem: &str) -> Diagnostic {
    let help = "list them: `migrate status`; name one in full, or by the end of its name";
    migration_failed(db, name, problem, help)
}

/// A211: migrations have other steps than those that were applied.
pub(crate) fn changed(db: &Db, names: &[&str]) -> Diagnostic {
    let message = match names {
        [one] => format!("migration `{one}` was changed after it had been applied"),
        many => format!(
            "{} migrations were changed after they had been applied: {}",
            many.len(),
            list(many)
        ),
    };
    Diagnostic::new("A211", message)
        .place(place(db))
        .help("undo the change, and put it into a new migration: `atlas migrate create NAME`")
        .help("on a laptop, where the latest one may be lost: `migrate redo`")
        .help("if both come to the same, accept it: `migrate fix --checksums`")
        .exit(DATA)
}

/// A211: migrations would be applied behind one that comes after them.
pub(crate) fn out_of_order(db: &Db, names: &[&str], last: &str) -> Diagnostic {
    let message = match names {
        [one] => format!(
            "migration `{one}` is pending, but `{last}`, which comes after it, was applied already"
        ),
        many => format!(
            "{} migrations are pending, but `{last}`, which comes after them, was applied already: {}",
            many.len(),
            list(many)
        ),
    };
    Diagnostic::new("A211", message)
        .place(place(db))
        .help("number it after the others, as if it had been written today: `atlas migrate fix`")
        .help("if the order is of no importance: `migrate up --allow-out-of-order`")
        .exit(DATA)
}

/// A212: migrations were begun without a transaction, and did not end.
pub(crate) fn dirty(db: &Db, names: &[&str]) -> Diagnostic {
    let message = match names {
        [one] => format!("migration `{one}` was left half-done"),
        many => format!(
            "{} migrations were left half-done: {}",
            many.len(),
            list(many)
        ),
    };
    let name = names.first().copied().unwrap_or_default();
    Diagnostic::new("A212", message)
        .place(place(db))
        .help("it ran without a transaction when it failed or its process ended; nothing else is migrated before somebody has looked at it")
        .help(repair(name))
        .exit(DATA)
}

/// The way out of a migration that was left half-done.
pub(crate) fn repair(name: &str) -> String {
    format!(
        "compare the schema with its steps (`migrate sql {name}`), finish or undo them by hand, then say which: \
         `migrate fix --dirty {name} applied` or `migrate fix --dirty {name} pending`"
    )
}

/// A213: another process has the lock for too long.
pub(crate) fn locked(db: &Db, patience: Duration, holder: Option<&str>) -> Diagnostic {
    let new = Diagnostic::new(
        "A213",
        format!("another process is migrating this database, for longer than {patience:?}"),
    )
    .place(place(db));
    let new = match holder {
        Some(holder) => new.help(format!("it is {holder}")),
        None => new,
    };
    new.help("wait until it is done, or give it more time: `database.migration_lock_timeout`")
        .help("a process that has died holds no lock; one that hangs has to be ended")
        .exit(UNAVAILABLE)
}

/// A213: the server has forgotten the lock in the middle of a run.
pub(crate) fn lock_lost(db: &Db) -> Diagnostic {
    Diagnostic::new("A213", "the lock for migrating this database was lost")
        .place(place(db))
        .help("the server was restarted, or has ended the connection; what was applied so far stays: run it again")
        .exit(UNAVAILABLE)
}

/// A214: a plan destroys rows or values, and nobody has agreed.
pub(crate) fn destructive(db: &Db, plan: &MigrationPlan) -> Diagnostic {
    let all: Vec<String> = plan
        .destructive()
        .map(|(name, warning)| format!("`{name}`: {}", warning.message))
        .collect();
    let message = match all.as_slice() {
        [one] => format!("a migration destroys data: {one}"),
        many => format!("migrations destroy data: {}", many.join("; ")),
    };
    Diagnostic::new("A214", message)
        .place(place(db))
        .help("look at what would run: `migrate plan`; and make a backup")
        .help("agree to it: `migrate up --yes`, or any other command of `migrate` with `--yes`")
        .help("to agree in the code, `schema.allow(Lint::…)` in the migration")
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
        .help("a replica is a server of the same engine that replays what the one of `database.url` commits")
        .help("without replicas, leave `database.replicas` empty")
        .exit(CONFIGURATION)
}

/// The URL without a password.
pub(crate) fn redacted(url: &str) -> String {
    atlas_config::without_password(url)
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
        assert_eq!(
            redacted("postgres://shop:pa/ss@db/shop"),
            "postgres://shop:***@db/shop"
        );
        assert_eq!(redacted("nonsense"), "nonsense");
    }
}
