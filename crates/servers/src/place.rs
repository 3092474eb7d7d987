//! Where servers keep their files, which ports they take, and as whom they run.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::TcpListener;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// A user of this system that servers run as, since some refuse to run as root.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Account {
    pub(crate) uid: u32,
    pub(crate) gid: u32,
}

pub(crate) fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// The first of these users that exists.
pub(crate) fn account(names: &[&str]) -> Option<Account> {
    let users = fs::read_to_string("/etc/passwd").ok()?;
    let find = |name: &&str| {
        users.lines().find_map(|line| {
            let mut fields = line.split(':');
            if fields.next() != Some(*name) {
                return None;
            }
            let uid = fields.nth(1)?.parse().ok()?;
            let gid = fields.next()?.parse().ok()?;
            Some(Account { uid, gid })
        })
    };
    names.iter().find_map(find)
}

/// The folder of all servers of this user: below the system's temporary files, since a user such as `postgres` may not
/// enter the folders of ours.
pub(crate) fn root() -> Result<PathBuf, String> {
    match named_root() {
        Some(path) => own(path),
        None => own(below(&std::env::temp_dir())),
    }
}

/// A folder in memory for the data of servers, where the system has one with room enough: a database is copied many times
/// as fast there. Else the usual one.
pub(crate) fn quick_root() -> Result<PathBuf, String> {
    const MEMORY: &str = "/dev/shm";
    const ROOM: u64 = 2 << 30;
    let room = rustix::fs::statvfs(MEMORY).map_or(0, |it| it.f_bavail * it.f_frsize);
    match named_root() {
        None if room >= ROOM => own(below(Path::new(MEMORY))).or_else(|_| root()),
        _ => root(),
    }
}

fn named_root() -> Option<PathBuf> {
    let path = std::env::var_os("ATLAS_TEST_SERVERS")?;
    (!path.is_empty()).then(|| PathBuf::from(path))
}

fn below(folder: &Path) -> PathBuf {
    let uid = rustix::process::geteuid().as_raw();
    folder.join(format!("atlas-servers-{uid}"))
}

/// Makes the folder, and makes sure that it is ours.
fn own(root: PathBuf) -> Result<PathBuf, String> {
    let uid = rustix::process::geteuid().as_raw();
    folder(&root)?;
    let owner = fs::symlink_metadata(&root).map_err(|error| said(&root, &error))?;
    if owner.uid() != uid || !owner.is_dir() {
        return Err(format!(
            "{} belongs to someone else: set `ATLAS_TEST_SERVERS` to another folder",
            root.display()
        ));
    }
    Ok(root)
}

/// Makes a folder that other users may enter but not change.
pub(crate) fn folder(path: &Path) -> Result<(), String> {
    let mut builder = fs::DirBuilder::new();
    builder
        .recursive(true)
        .mode(0o755)
        .create(path)
        .map_err(|error| said(path, &error))
}

pub(crate) fn said(path: &Path, error: &std::io::Error) -> String {
    format!("{}: {error}", path.display())
}

/// A name for the checkout that these tests belong to, so that two of them share nothing.
pub(crate) fn checkout() -> String {
    let program = std::env::current_exe().unwrap_or_default();
    let target = program
        .ancestors()
        .find(|folder| folder.join("CACHEDIR.TAG").exists())
        .unwrap_or(&program);
    let mut hasher = DefaultHasher::new();
    target.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

/// A folder for what tests keep from process to process; all processes of this checkout share it.
///
/// # Errors
/// When it cannot be made.
pub fn checkout_folder() -> Result<PathBuf, String> {
    let folder = root()?.join(checkout());
    self::folder(&folder)?;
    Ok(folder)
}

/// A name that no other process or thread has.
pub(crate) fn unique() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let next = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("{}-{next}", std::process::id())
}

/// A name for the folder of a server, which no other one ever had.
pub(crate) fn unique_home() -> String {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let seconds = since.map_or(0, |it| it.as_secs());
    format!("{seconds}-{}", unique())
}

/// A free port below those that the system hands out, so that a server that comes back finds it free.
pub(crate) fn free_port() -> Result<u16, String> {
    const FIRST: u64 = 15_000;
    const COUNT: u64 = 17_000;
    let mut hasher = DefaultHasher::new();
    for _ in 0..1_000 {
        (unique(), std::time::SystemTime::now()).hash(&mut hasher);
        let port = u16::try_from(FIRST + hasher.finish() % COUNT).unwrap_or(u16::MAX);
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return Ok(port);
        }
    }
    Err("no port is free on 127.0.0.1".to_owned())
}

/// Whether a process of this id is alive, for those who clean up after killed ones.
pub fn is_alive(pid: i32) -> bool {
    rustix::process::Pid::from_raw(pid).is_some_and(|pid| {
        !matches!(
            rustix::process::test_kill_process(pid),
            Err(rustix::io::Errno::SRCH)
        )
    })
}

/// The number that a file of one line holds.
pub(crate) fn number(path: &Path) -> Option<i32> {
    fs::read_to_string(path).ok()?.trim().parse().ok()
}
