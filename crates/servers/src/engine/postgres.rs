//! PostgreSQL.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use super::{Installed, Start, folders, is_program, words};
use crate::kind::Kind;
use crate::place;
use crate::process;

/// Where packages put what is in no path.
const ELSEWHERE: [&str; 3] = ["/usr/lib/postgresql", "/opt/homebrew/opt", "/usr/local/opt"];

pub(super) fn find() -> Result<Installed, String> {
    let named = std::env::var_os(Kind::Postgres.variable("BIN")).is_some_and(|it| !it.is_empty());
    let mut candidates = folders(Kind::Postgres, &[]);
    if !named {
        candidates.extend(versions());
    }
    let found = candidates.into_iter().find_map(|folder| {
        // a link in the path may stand alone, its programs lie together where it points to
        let server = fs::canonicalize(folder.join("postgres")).ok()?;
        let folder = server.parent()?.to_owned();
        (is_program(&server) && is_program(&folder.join("initdb"))).then_some((server, folder))
    });
    let (server, folder) =
        found.ok_or_else(|| "`postgres` and `initdb` are not installed".to_owned())?;
    let account = match place::is_root() {
        false => None,
        true => Some(place::account(&["postgres", "nobody"]).ok_or_else(|| {
            "PostgreSQL does not run as root, and there is no user `postgres`".to_owned()
        })?),
    };
    Ok(Installed {
        kind: Kind::Postgres,
        server,
        folder,
        runner: Vec::new(),
        account,
    })
}

/// Folders of programs beside the path, the newest version first.
fn versions() -> Vec<PathBuf> {
    let mut found = Vec::new();
    for parent in ELSEWHERE {
        let Ok(entries) = fs::read_dir(parent) else {
            continue;
        };
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let version = name.rsplit('@').next().and_then(|it| it.parse().ok());
            if parent.ends_with("postgresql") || name.starts_with("postgresql") {
                found.push((version.unwrap_or(0_u32), entry.path().join("bin")));
            }
        }
    }
    found.sort_by(|a, b| b.cmp(a));
    found.into_iter().map(|(_, folder)| folder).collect()
}

pub(super) fn create(installed: &Installed, home: &Path) -> Result<(), String> {
    let initdb = |locale: &str| {
        let mut command = vec![installed.tool("initdb")];
        command.extend(words([
            "--auth=trust",
            "--username=postgres",
            "--encoding=UTF8",
            "--no-sync",
            "-D",
        ]));
        command.push(home.join("data").into_os_string());
        command.push(locale.into());
        process::run(home, installed.account, &command)
    };
    initdb("--locale=C.UTF-8").or_else(|_| initdb("--locale=C"))
}

pub(super) fn arguments(installed: &Installed, start: &Start<'_>) -> Result<Vec<OsString>, String> {
    let options = start.options;
    let on = |yes: bool| if yes { "on" } else { "off" }.to_owned();
    let mut settings = vec![
        ("listen_addresses", "127.0.0.1".to_owned()),
        ("port", start.port.to_string()),
        ("unix_socket_directories", String::new()),
        ("max_connections", "400".to_owned()),
        ("shared_buffers", "64MB".to_owned()),
        ("fsync", on(options.flushed)),
        ("full_page_writes", on(options.flushed)),
        ("synchronous_commit", on(!options.shared)),
        ("logging_collector", "off".to_owned()),
    ];
    match options.replicated {
        true => settings.extend([
            ("wal_level", "replica".to_owned()),
            ("max_wal_senders", "10".to_owned()),
            ("wal_keep_size", "64MB".to_owned()),
            ("hot_standby", "on".to_owned()),
            ("wal_receiver_status_interval", "1s".to_owned()),
            ("wal_retrieve_retry_interval", "100ms".to_owned()),
        ]),
        false => settings.extend([
            ("wal_level", "minimal".to_owned()),
            ("max_wal_senders", "0".to_owned()),
        ]),
    }
    if let Some((certificate, key)) = &options.tls {
        let (certificate_path, key_path) = (start.home.join("tls.crt"), start.home.join("tls.key"));
        installed.write_secret(&certificate_path, certificate)?;
        installed.write_secret(&key_path, key)?;
        settings.extend([
            ("ssl", on(true)),
            ("ssl_cert_file", certificate_path.display().to_string()),
            ("ssl_key_file", key_path.display().to_string()),
        ]);
    }
    let asked = options.settings.iter();
    let settings = settings
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .chain(asked.map(|(name, value)| (name.as_str(), value.as_str())));
    let mut arguments = words(["-D"]);
    arguments.push(start.data().into_os_string());
    for (name, value) in settings {
        arguments.extend(words(["-c".to_owned(), format!("{name}={value}")]));
    }
    Ok(arguments)
}
