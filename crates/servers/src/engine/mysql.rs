//! MySQL: the one in the path, or the one that `cargo xtask servers mysql` has unpacked.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use super::mariadb::{asked, assigned, common};
use super::{Installed, Start, folders, is_program, version_of, words};
use crate::kind::Kind;
use crate::place;
use crate::process;

pub(super) fn find() -> Result<Installed, String> {
    let account = match place::is_root() {
        false => None,
        true => place::account(&["mysql", "nobody"]),
    };
    let installed = folders(Kind::MySql, &["/usr/sbin", "/usr/local/mysql/bin"])
        .iter()
        .map(|folder| folder.join("mysqld"))
        .filter(|server| is_program(server))
        .find(|server| version_of(&[], server).is_ok_and(|text| !text.contains("MariaDB")));
    if let Some(server) = installed {
        return Ok(Installed {
            kind: Kind::MySql,
            folder: server.parent().unwrap_or(&server).to_owned(),
            server,
            runner: Vec::new(),
            account,
        });
    }
    unpacked()
        .ok_or_else(|| "`mysqld` is not installed, and none is unpacked in the cache".to_owned())
}

/// The newest of those in the cache, with the C library it came with: the system's own may be older.
fn unpacked() -> Option<Installed> {
    let mut roots: Vec<PathBuf> = fs::read_dir(cache()?)
        .ok()?
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| {
            let name = path.file_name().map(|name| name.to_string_lossy());
            name.is_some_and(|name| name.starts_with("mysql-"))
        })
        .collect();
    roots.sort();
    roots.into_iter().rev().find_map(|root| {
        let server = root.join("usr/sbin/mysqld");
        let loader = loader(&root)?;
        is_program(&server).then(|| Installed {
            kind: Kind::MySql,
            folder: root.join("usr/bin"),
            runner: vec![
                loader.into_os_string(),
                "--library-path".into(),
                libraries(&root),
            ],
            server,
            // the cache may lie where only we may enter
            account: None,
        })
    })
}

/// Where programs for tests are kept.
fn cache() -> Option<PathBuf> {
    let set = |name| std::env::var_os(name).filter(|it| !it.is_empty());
    let cache = set("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| set("HOME").map(|home| PathBuf::from(home).join(".cache")))?;
    Some(cache.join("atlas"))
}

fn loader(root: &Path) -> Option<PathBuf> {
    let candidates = [
        "usr/lib64/ld-linux-x86-64.so.2",
        "usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2",
        "usr/lib/ld-linux-aarch64.so.1",
        "usr/lib/aarch64-linux-gnu/ld-linux-aarch64.so.1",
    ];
    candidates
        .map(|path| root.join(path))
        .into_iter()
        .find(|path| path.exists())
}

fn libraries(root: &Path) -> OsString {
    let folders = ["x86_64-linux-gnu", "aarch64-linux-gnu", ""];
    let folders = folders.map(|folder| root.join("usr/lib").join(folder));
    let private = root.join("usr/lib/mysql/private");
    std::env::join_paths(folders.into_iter().chain([private])).unwrap_or_default()
}

pub(super) fn create(installed: &Installed, home: &Path) -> Result<(), String> {
    let mut arguments = words(["--no-defaults", "--initialize-insecure"]);
    arguments.extend(places(installed));
    arguments.extend(words(["--innodb-redo-log-capacity=33554432"]));
    arguments.push(assigned("--datadir=", &home.join("data")));
    process::run(home, installed.account, &installed.with_program(arguments))?;
    // a server's identity, which copies must not share
    let identity = home.join("data/auto.cnf");
    fs::remove_file(&identity).map_err(|error| place::said(&identity, &error))
}

pub(super) fn arguments(installed: &Installed, start: &Start<'_>) -> Result<Vec<OsString>, String> {
    let options = start.options;
    let users = start.home.join("users.sql");
    installed.write_secret(&users, USERS)?;
    let mut arguments = words(["--no-defaults"]);
    arguments.extend(places(installed));
    arguments.extend(common(installed, start)?);
    arguments.push(assigned("--init-file=", &users));
    arguments.push(assigned("--secure-file-priv=", start.home));
    arguments.extend(words([
        "--mysqlx=OFF",
        "--innodb-redo-log-capacity=33554432",
    ]));
    match options.replicated {
        true => arguments.extend(words([
            "--log-bin=bin",
            "--gtid-mode=ON",
            "--enforce-gtid-consistency=ON",
        ])),
        false => arguments.extend(words(["--disable-log-bin"])),
    }
    arguments.extend(asked(start));
    Ok(arguments)
}

/// Where an unpacked server finds its own files, and that it may run as root.
fn places(installed: &Installed) -> Vec<OsString> {
    let mut words = Vec::new();
    if place::is_root() && installed.account.is_none() {
        words.push("--user=root".into());
    }
    let root = installed.folder.parent().unwrap_or(&installed.folder);
    if !installed.runner.is_empty() {
        words.push(assigned("--basedir=", root));
        words.push(assigned("--lc-messages-dir=", &root.join("share/mysql")));
        words.push(assigned(
            "--character-sets-dir=",
            &root.join("share/mysql/charsets"),
        ));
        words.push(assigned("--plugin-dir=", &root.join("lib/mysql/plugin")));
    }
    words
}

/// As MariaDB's, with the names that MySQL has for the rights to change a server that is for reading only.
const USERS: &str = "\
SET sql_log_bin=0;
CREATE USER IF NOT EXISTS root@'127.0.0.1';
GRANT ALL ON *.* TO root@'127.0.0.1' WITH GRANT OPTION;
CREATE USER IF NOT EXISTS app@'127.0.0.1';
GRANT ALL ON *.* TO app@'127.0.0.1';
REVOKE SUPER, CONNECTION_ADMIN, SYSTEM_VARIABLES_ADMIN ON *.* FROM app@'127.0.0.1';
";
