//! Redis.

use std::ffi::OsString;

use super::{Installed, Start, folders, is_program, words};
use crate::kind::Kind;

pub(super) fn find() -> Result<Installed, String> {
    let folder = folders(Kind::Redis, &["/usr/sbin", "/usr/local/sbin"])
        .into_iter()
        .find(|folder| is_program(&folder.join("redis-server")))
        .ok_or_else(|| "`redis-server` is not installed".to_owned())?;
    Ok(Installed {
        kind: Kind::Redis,
        server: folder.join("redis-server"),
        folder,
        runner: Vec::new(),
        account: None,
    })
}

pub(super) fn arguments(start: &Start<'_>) -> Result<Vec<OsString>, String> {
    let options = start.options;
    if options.tls.is_some() {
        return Err("of Redis, TLS is asked for by settings: `tls-port` and its likes".to_owned());
    }
    let port = start.port.to_string();
    let mut settings = vec![
        ("port", port.as_str()),
        ("bind", "127.0.0.1"),
        ("save", ""),
        // a cleaner knows it by its command line
        ("set-proc-title", "no"),
        ("appendonly", if options.shared { "no" } else { "yes" }),
        // what was answered has reached the system and outlives the process, flushed or not
        (
            "appendfsync",
            if options.flushed {
                "always"
            } else {
                "everysec"
            },
        ),
    ];
    let asked = options.settings.iter();
    settings.extend(asked.map(|(name, value)| (name.as_str(), value.as_str())));
    let mut arguments = words(["--dir"]);
    arguments.push(start.data().into_os_string());
    for (name, value) in settings {
        arguments.extend(words([format!("--{name}"), value.to_owned()]));
    }
    Ok(arguments)
}
