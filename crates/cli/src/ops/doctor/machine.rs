//! What the machine must have enough of.

use std::path::Path;

use rustix::{
    fs::statvfs,
    process::{Resource, getrlimit},
};

use super::Check;

const GIB: u64 = 1024 * 1024 * 1024;

/// Room for build results.
pub(super) fn disk(root: &Path) -> Check {
    const NAME: &str = "disk";
    match statvfs(root) {
        Ok(disk) => room(disk.f_bavail.saturating_mul(disk.f_frsize), root),
        Err(error) => Check::skipped(NAME, format!("cannot tell the room on the disk: {error}")),
    }
}

fn room(free: u64, root: &Path) -> Check {
    const NAME: &str = "disk";
    let message = format!(
        "{:.1} GiB free in `{}`",
        free as f64 / GIB as f64,
        root.display()
    );
    let fix = "make room; `cargo clean` removes old build results of a project";
    match free / GIB {
        0 => Check::failed(NAME, message, fix),
        1..5 => Check::warning(NAME, message, fix),
        _ => Check::ok(NAME, message),
    }
}

/// Open files a process may have: every connection is one.
pub(super) fn open_files() -> Check {
    const NAME: &str = "open-files";
    let Some(limit) = getrlimit(Resource::Nofile).current else {
        return Check::ok(NAME, "no limit");
    };
    if limit < 1024 {
        return Check::failed(
            NAME,
            format!("a process may open {limit} files; a service under load needs more"),
            "in this shell: `ulimit -n 4096`; for good: `nofile` in /etc/security/limits.conf, or the profile of your shell",
        );
    }
    Check::ok(NAME, format!("{limit} per process"))
}

/// Files that may be watched, where the system limits that.
pub(super) fn watches() -> Option<Check> {
    const NAME: &str = "watches";
    let limit = |name: &str| {
        let text = std::fs::read_to_string(format!("/proc/sys/fs/inotify/{name}")).ok()?;
        text.trim().parse::<u64>().ok()
    };
    let (watches, instances) = (limit("max_user_watches")?, limit("max_user_instances")?);
    let message = format!("{watches} files, {instances} watchers");
    Some(if watches < 8192 || instances < 128 {
        Check::warning(
            NAME,
            format!("{message}; `atlas dev` may miss saves beside an editor that watches too"),
            "`sudo sysctl fs.inotify.max_user_watches=524288 fs.inotify.max_user_instances=512`",
        )
    } else {
        Check::ok(NAME, message)
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{super::State, GIB, room};

    #[test]
    fn little_room_is_a_warning_and_none_a_failure() {
        let state = |free| room(free, Path::new("/srv")).state;
        assert_eq!(state(GIB - 1), State::Failed);
        assert_eq!(state(2 * GIB), State::Warning);
        assert_eq!(state(5 * GIB), State::Ok);
        assert_eq!(
            room(GIB / 2, Path::new("/srv")).message,
            "0.5 GiB free in `/srv`"
        );
    }
}
