//! The programs of each kind of server: where they are, how they are started.

mod mariadb;
mod mysql;
mod postgres;
mod redis;

use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::kind::Kind;
use crate::launch;
use crate::options::Options;
use crate::place::{self, Account};
use crate::process;

/// Changes whenever templates are made in another way.
const EDITION: u32 = 2;

/// A server's programs on this machine.
#[derive(Debug, Clone)]
pub(crate) struct Installed {
    pub(crate) kind: Kind,
    /// The program that serves.
    server: PathBuf,
    /// The folder of the programs beside it.
    folder: PathBuf,
    /// What comes before the program's own arguments, if it has to be run by another one.
    runner: Vec<OsString>,
    /// As whom it runs, when we are root.
    account: Option<Account>,
}

/// What is asked of a server's command line.
pub(crate) struct Start<'a> {
    pub(crate) home: &'a Path,
    pub(crate) port: u16,
    pub(crate) options: &'a Options,
    /// Tells the members of a replication apart.
    pub(crate) number: u32,
}

impl Start<'_> {
    pub(crate) fn data(&self) -> PathBuf {
        self.home.join("data")
    }
}

/// Finds the programs of a kind.
pub(crate) fn find(kind: Kind) -> Result<Installed, String> {
    match kind {
        Kind::Postgres => postgres::find(),
        Kind::MariaDb => mariadb::find(),
        Kind::MySql => mysql::find(),
        Kind::Redis => redis::find(),
    }
}

impl Installed {
    pub(crate) fn account(&self) -> Option<Account> {
        self.account
    }

    /// A program beside the server.
    pub(crate) fn tool(&self, name: &str) -> OsString {
        self.folder.join(name).into_os_string()
    }

    /// The command that serves.
    pub(crate) fn command(&self, start: &Start<'_>) -> Result<Vec<OsString>, String> {
        let own = match self.kind {
            Kind::Postgres => postgres::arguments(self, start)?,
            Kind::MariaDb => mariadb::arguments(self, start)?,
            Kind::MySql => mysql::arguments(self, start)?,
            Kind::Redis => redis::arguments(start)?,
        };
        Ok(self.with_program(own))
    }

    fn with_program(&self, arguments: Vec<OsString>) -> Vec<OsString> {
        let mut command = self.runner.clone();
        command.push(self.server.clone().into_os_string());
        command.extend(arguments);
        command
    }

    /// Fills `home/data` with a fresh database: a copy of one that is made once for all.
    pub(crate) fn fill(&self, home: &Path) -> Result<(), String> {
        if self.kind == Kind::Redis {
            // it makes its files by itself
            return place::folder(&home.join("data"));
        }
        let template = self.template()?;
        self.own(home)?;
        let copy = [
            "cp".into(),
            "-R".into(),
            "-p".into(),
            template.into_os_string(),
            home.join("data").into_os_string(),
        ];
        process::run(home, self.account, &copy)
    }

    /// Gives a folder and what is in it to the user that the server runs as.
    pub(crate) fn own(&self, path: &Path) -> Result<(), String> {
        let Some(account) = self.account else {
            return Ok(());
        };
        std::os::unix::fs::chown(path, Some(account.uid), Some(account.gid))
            .map_err(|error| place::said(path, &error))
    }

    /// Writes a file that only the server may read.
    pub(crate) fn write_secret(&self, path: &Path, text: &str) -> Result<(), String> {
        use std::os::unix::fs::PermissionsExt;
        fs::write(path, text).map_err(|error| place::said(path, &error))?;
        fs::set_permissions(path, fs::Permissions::from_mode(0o600))
            .map_err(|error| place::said(path, &error))?;
        self.own(path)
    }

    /// The fresh database, made by the first process that needs it.
    fn template(&self) -> Result<PathBuf, String> {
        let templates = place::root()?.join("templates");
        place::folder(&templates)?;
        let name = format!("{}-{}-{EDITION}", self.kind.word(), self.version()?);
        let lock = templates.join(format!("{name}.lock"));
        let door = File::create(&lock).map_err(|error| place::said(&lock, &error))?;
        door.lock().map_err(|error| place::said(&lock, &error))?;
        let template = templates.join(&name);
        let data = template.join("data");
        if data.exists() {
            return Ok(data);
        }
        let draft = templates.join(format!("{name}.draft"));
        let _ = fs::remove_dir_all(&template);
        self.create(&draft).or_else(|why| {
            launch::again(self.kind, &why);
            self.create(&draft)
        })?;
        fs::rename(&draft, &template).map_err(|error| place::said(&draft, &error))?;
        Ok(data)
    }

    /// Makes a fresh database in a folder of its own.
    fn create(&self, draft: &Path) -> Result<(), String> {
        // a half-made one of a process that was killed may lie there
        let _ = fs::remove_dir_all(draft);
        place::folder(draft)?;
        self.own(draft)?;
        match self.kind {
            Kind::Postgres => postgres::create(self, draft),
            Kind::MariaDb => mariadb::create(self, draft),
            Kind::MySql => mysql::create(self, draft),
            Kind::Redis => Ok(()),
        }
    }

    /// The version as part of a file name.
    fn version(&self) -> Result<String, String> {
        let text = version_of(&self.runner, &self.server)?;
        let allowed = |c: char| match c {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '.' => c,
            _ => '-',
        };
        Ok(text.chars().map(allowed).take(80).collect())
    }
}

/// What a program says about its version.
fn version_of(runner: &[OsString], program: &Path) -> Result<String, String> {
    let mut words = runner.to_vec();
    words.push(program.as_os_str().to_owned());
    words.push("--version".into());
    let output = Command::new(&words[0])
        .args(&words[1..])
        .output()
        .map_err(|error| place::said(program, &error))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!(
            "{} does not run: {}",
            program.display(),
            said.trim()
        ));
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The folders to look in: the one the user names and no other, or those of the path and `others`.
fn folders(kind: Kind, others: &[&str]) -> Vec<PathBuf> {
    let variable = kind.variable("BIN");
    if let Some(folder) = std::env::var_os(variable).filter(|it| !it.is_empty()) {
        return vec![PathBuf::from(folder)];
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(others.iter().map(PathBuf::from))
        .collect()
}

fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).is_ok_and(|it| it.is_file() && it.permissions().mode() & 0o111 != 0)
}

/// The words of a command line.
fn words<I, S>(words: I) -> Vec<OsString>
where
    I: IntoIterator<Item = S>,
    S: Into<OsString>,
{
    words.into_iter().map(Into::into).collect()
}
