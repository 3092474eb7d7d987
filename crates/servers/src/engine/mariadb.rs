//! MariaDB.

use std::ffi::OsString;
use std::path::Path;

use super::{Installed, Start, folders, is_program, version_of, words};
use crate::kind::Kind;
use crate::place;
use crate::process;

pub(super) fn find() -> Result<Installed, String> {
    let folders = folders(Kind::MariaDb, &["/usr/sbin", "/usr/local/sbin"]);
    let program = |names: [&str; 2]| {
        let paths = folders
            .iter()
            .flat_map(|folder| names.map(|name| folder.join(name)));
        paths.into_iter().find(|path| is_program(path))
    };
    let server = program(["mariadbd", "mysqld"])
        .filter(|server| version_of(&[], server).is_ok_and(|text| text.contains("MariaDB")))
        .ok_or_else(|| "`mariadbd` is not installed".to_owned())?;
    let install = program(["mariadb-install-db", "mysql_install_db"])
        .ok_or_else(|| "`mariadb-install-db` is not installed".to_owned())?;
    let account = match place::is_root() {
        false => None,
        true => Some(place::account(&["mysql", "nobody"]).ok_or_else(|| {
            "MariaDB does not run as root, and there is no user `mysql`".to_owned()
        })?),
    };
    Ok(Installed {
        kind: Kind::MariaDb,
        server,
        folder: install.parent().unwrap_or(&install).to_owned(),
        runner: Vec::new(),
        account,
    })
}

pub(super) fn create(installed: &Installed, home: &Path) -> Result<(), String> {
    let name = ["mariadb-install-db", "mysql_install_db"]
        .map(|name| installed.tool(name))
        .into_iter()
        .find(|path| is_program(Path::new(path)))
        .ok_or_else(|| "`mariadb-install-db` is gone".to_owned())?;
    let mut command = vec![name];
    command.extend(words([
        "--no-defaults",
        "--auth-root-authentication-method=normal",
        "--skip-test-db",
        "--innodb-log-file-size=16M",
    ]));
    command.push(assigned("--datadir=", &home.join("data")));
    process::run(home, installed.account, &command)
}

pub(super) fn arguments(installed: &Installed, start: &Start<'_>) -> Result<Vec<OsString>, String> {
    let options = start.options;
    let users = start.home.join("users.sql");
    installed.write_secret(&users, USERS)?;
    let mut arguments = words(["--no-defaults"]);
    arguments.extend(common(installed, start)?);
    arguments.push(assigned("--init-file=", &users));
    arguments.extend(words([
        "--innodb-log-file-size=16M",
        "--innodb-fast-shutdown=1",
    ]));
    if options.replicated {
        arguments.extend(words([
            "--log-bin=bin",
            "--binlog-format=ROW",
            "--gtid-strict-mode=1",
            "--log-slave-updates=1",
        ]));
    }
    arguments.extend(asked(start));
    Ok(arguments)
}

/// The administrator over TCP, and a user who may do everything but write to a server that is for reading only.
const USERS: &str = "\
SET sql_log_bin=0;
CREATE USER IF NOT EXISTS root@'127.0.0.1';
GRANT ALL ON *.* TO root@'127.0.0.1' WITH GRANT OPTION;
CREATE USER IF NOT EXISTS app@'127.0.0.1';
GRANT ALL ON *.* TO app@'127.0.0.1';
REVOKE SUPER, READ_ONLY ADMIN ON *.* FROM app@'127.0.0.1';
";

/// What MariaDB and MySQL share.
pub(super) fn common(installed: &Installed, start: &Start<'_>) -> Result<Vec<OsString>, String> {
    let options = start.options;
    let flush = match (options.flushed, options.shared) {
        (true, _) => 1,
        // reaches the system at each commit, so it outlives the process
        (false, false) => 2,
        (false, true) => 0,
    };
    let mut arguments = vec![
        assigned("--datadir=", &start.data()),
        assigned("--socket=", &start.home.join("socket")),
        assigned("--pid-file=", &start.home.join("server.pid")),
    ];
    arguments.extend(words([
        format!("--port={}", start.port),
        format!("--server-id={}", start.number),
        format!("--innodb-flush-log-at-trx-commit={flush}"),
        format!("--sync-binlog={}", u8::from(options.flushed)),
    ]));
    arguments.extend(words([
        "--bind-address=127.0.0.1",
        "--skip-name-resolve",
        "--max-connections=400",
        "--innodb-buffer-pool-size=64M",
        "--character-set-server=utf8mb4",
    ]));
    if let Some((certificate, key)) = &options.tls {
        let (certificate_path, key_path) = (start.home.join("tls.crt"), start.home.join("tls.key"));
        installed.write_secret(&certificate_path, certificate)?;
        installed.write_secret(&key_path, key)?;
        arguments.push(assigned("--ssl-cert=", &certificate_path));
        arguments.push(assigned("--ssl-key=", &key_path));
    }
    Ok(arguments)
}

pub(super) fn asked<'a>(start: &Start<'a>) -> impl Iterator<Item = OsString> + use<'a> {
    let settings = start.options.settings.iter();
    settings.map(|(name, value)| format!("--{name}={value}").into())
}

pub(super) fn assigned(name: &str, path: &Path) -> OsString {
    let mut word = OsString::from(name);
    word.push(path);
    word
}
