//! MySQL itself, which Debian stable does not have: the package of Debian unstable, unpacked into a folder of the cache
//! together with the C library that it needs. Nothing of the system is touched, and nobody has to be root.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::has;
use crate::shell;

const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";
const PACKAGES: [&str; 2] = ["libc6", "mysql-server-core"];

/// Unpacks it, unless it is there.
pub(super) fn install() -> Result<()> {
    if !has("apt-get") || !has("dpkg-deb") || !Path::new(KEYRING).exists() {
        bail!(
            "MySQL can only be unpacked on Debian: elsewhere install it, put `mysqld` into the path, or name a server in \
             `ATLAS_TEST_MYSQL_URL`"
        );
    }
    let cache = cache()?;
    let draft = cache.join(format!("draft-{}", std::process::id()));
    let outcome = unpack(&cache, &draft);
    let _ = fs::remove_dir_all(&draft);
    outcome
}

fn unpack(cache: &Path, draft: &Path) -> Result<()> {
    let apt = draft.join("apt");
    for folder in ["lists/partial", "cache/archives/partial"] {
        fs::create_dir_all(apt.join(folder)).context("the cache cannot be written")?;
    }
    fs::write(apt.join("status"), "")?;
    let sources = format!(
        "Types: deb\nURIs: {}\nSuites: sid\nComponents: main\nSigned-By: {KEYRING}\n",
        mirror()
    );
    fs::write(apt.join("sid.sources"), sources)?;
    shell::run(apt_get(&apt).arg("update"))?;
    shell::run(
        apt_get(&apt)
            .args(["-y", "--download-only", "install"])
            .args(PACKAGES),
    )?;

    let archives: Vec<PathBuf> = fs::read_dir(apt.join("cache/archives"))?
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|it| it == "deb"))
        .collect();
    let root = draft.join("root");
    // packages still name `/lib` and its likes, which are links there
    for folder in ["bin", "sbin", "lib", "lib64"] {
        fs::create_dir_all(root.join("usr").join(folder))?;
        std::os::unix::fs::symlink(Path::new("usr").join(folder), root.join(folder))?;
    }
    let mut version = None;
    for archive in &archives {
        let name = archive.file_name().unwrap_or_default().to_string_lossy();
        if let Some(rest) = name.strip_prefix("mysql-server-core_") {
            version = rest.split(['-', '_']).next().map(str::to_owned);
        }
        extract(archive, &root)?;
    }
    let version = version.context("no package `mysql-server-core` came")?;
    let place = cache.join(format!("mysql-{version}"));
    let _ = fs::remove_dir_all(&place);
    fs::rename(&root, &place).context("the cache cannot be written")?;
    println!("MySQL {version} lies in {}", place.display());
    Ok(())
}

/// Unpacks a package over links to folders, which `dpkg-deb -x` would replace.
fn extract(archive: &Path, root: &Path) -> Result<()> {
    let tar = archive.with_extension("tar");
    let file = fs::File::create(&tar)?;
    let mut unpack = Command::new("dpkg-deb");
    unpack.arg("--fsys-tarfile").arg(archive).stdout(file);
    let mut extract = Command::new("tar");
    extract
        .args(["-x", "--keep-directory-symlink", "--no-same-owner", "-C"])
        .arg(root)
        .arg("-f")
        .arg(&tar);
    for mut step in [unpack, extract] {
        if !step.status()?.success() {
            bail!("{} could not be unpacked", archive.display());
        }
    }
    fs::remove_file(tar)?;
    Ok(())
}

/// apt with folders of its own, so that it neither reads nor changes what the system has.
fn apt_get(apt: &Path) -> Command {
    let option = |name: &str, path: &str| {
        let mut option = OsString::from(format!("{name}="));
        option.push(apt.join(path));
        option
    };
    let mut command = Command::new("apt-get");
    command.arg("-qq");
    for value in [
        option("Dir::Etc::sourcelist", "sid.sources"),
        option("Dir::State::Lists", "lists"),
        option("Dir::Cache", "cache"),
        option("Dir::State::status", "status"),
        "Dir::Etc::sourceparts=/dev/null".into(),
        "APT::Install-Recommends=false".into(),
        "APT::Sandbox::User=".into(),
        "Debug::NoLocking=1".into(),
    ] {
        command.arg("-o").arg(value);
    }
    command
}

/// The mirror of Debian that this system uses, or the usual one.
fn mirror() -> String {
    let sources = fs::read_to_string("/etc/apt/sources.list.d/debian.sources").unwrap_or_default();
    sources
        .lines()
        .filter_map(|line| line.strip_prefix("URIs:"))
        .map(str::trim)
        .find(|uri| uri.trim_end_matches('/').ends_with("/debian"))
        .unwrap_or("http://deb.debian.org/debian")
        .to_owned()
}

/// Where `atlas-kit-servers` looks, too.
fn cache() -> Result<PathBuf> {
    let set = |name| std::env::var_os(name).filter(|it| !it.is_empty());
    set("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| set("HOME").map(|home| PathBuf::from(home).join(".cache")))
        .map(|cache| cache.join("atlas"))
        .context("neither `XDG_CACHE_HOME` nor `HOME` says where the cache is")
}
