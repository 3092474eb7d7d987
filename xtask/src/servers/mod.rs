//! The servers that tests run against: which are here, and how the others come.

mod mysql;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::shell;

/// A kind of server, by the word that `atlas-kit-servers` has for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Kind {
    pub(crate) word: &'static str,
    /// What Debian calls it, if Debian has it.
    package: Option<&'static str>,
    /// Whether tests must never go without it where all is tested.
    pub(crate) required: bool,
    /// Whether a service can have its tables there.
    pub(crate) is_database: bool,
}

pub(crate) const KINDS: [Kind; 4] = [
    Kind {
        word: "postgres",
        package: Some("postgresql"),
        required: true,
        is_database: true,
    },
    Kind {
        word: "mariadb",
        package: Some("mariadb-server"),
        required: true,
        is_database: true,
    },
    Kind {
        word: "mysql",
        package: None,
        required: false,
        is_database: true,
    },
    Kind {
        word: "redis",
        package: Some("redis-server"),
        required: true,
        is_database: false,
    },
];

/// Says which servers there are; with names, brings those that are missing.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let mut wanted = Vec::new();
    for argument in arguments {
        let kind = KINDS.iter().find(|kind| kind.word == argument.as_str());
        wanted.push(*kind.with_context(|| {
            format!("no server `{argument}`: there are postgres, mariadb, mysql and redis")
        })?);
    }
    build()?;
    for kind in KINDS {
        let mut found = Held::new(kind)?;
        if found.is_absent() && wanted.contains(&kind) {
            install(kind)?;
            found = Held::new(kind)?;
        }
        println!("{}: {}", kind.word, found.said);
        if found.is_absent() && wanted.contains(&kind) {
            bail!("{} is still not there", kind.word);
        }
    }
    Ok(())
}

/// Brings a server to this machine.
pub(crate) fn install(kind: Kind) -> Result<()> {
    let Some(package) = kind.package else {
        return mysql::install();
    };
    install_package(package)
}

/// Brings a package of Debian to this machine.
pub(crate) fn install_package(package: &str) -> Result<()> {
    if !is_root() || !has("apt-get") {
        bail!(
            "`{package}` can only be installed by root on Debian: there `apt-get install {package}`"
        );
    }
    apt_get(&["install", "-y", "--no-install-recommends", package])
        .or_else(|_| {
            apt_get(&["update"])?;
            apt_get(&["install", "-y", "--no-install-recommends", package])
        })
        .with_context(|| format!("`{package}` could not be installed"))
}

/// Compiles the program that finds servers.
pub(crate) fn build() -> Result<()> {
    let arguments = ["build", "--quiet", "--locked", "-p", "atlas-kit-servers"];
    shell::run(shell::cargo(arguments).args(["--example", "server"]))
}

/// A server that is kept running as long as this lives, or the words why there is none.
pub(crate) struct Held {
    child: Child,
    /// Closed to let it go.
    input: Option<ChildStdin>,
    pub(crate) said: String,
}

impl Held {
    pub(crate) fn new(kind: Kind) -> Result<Self> {
        let arguments = ["run", "--quiet", "--locked", "-p", "atlas-kit-servers"];
        let mut child = shell::cargo(arguments)
            .args(["--example", "server", kind.word])
            // what is missing is said by us
            .env_remove("ATLAS_TEST_REQUIRE")
            .env_remove("ATLAS_TEST_SKIPS")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("the program that finds servers could not be started")?;
        let output = child.stdout.take().context("its output is ours")?;
        let mut said = String::new();
        BufReader::new(output)
            .read_line(&mut said)
            .context("the program that finds servers says nothing")?;
        Ok(Self {
            input: child.stdin.take(),
            child,
            said: said.trim().to_owned(),
        })
    }

    pub(crate) fn is_absent(&self) -> bool {
        !self.said.starts_with("there ")
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        drop(self.input.take());
        let _ = self.child.wait();
    }
}

pub(crate) fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output();
    output.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

fn has(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| Path::new(&folder).join(program).exists())
}

fn apt_get(arguments: &[&str]) -> Result<()> {
    let mut command = Command::new("apt-get");
    command
        .arg("-qq")
        .args(arguments)
        .env("DEBIAN_FRONTEND", "noninteractive")
        // a server of the system is not what tests use: it need not start
        .env("RUNLEVEL", "1");
    shell::run(&mut command)
}
