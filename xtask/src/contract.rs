//! The served document against the service itself: schemathesis with all its checks.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result};

use crate::shell;

/// The version whose findings are known to be none.
const SCHEMATHESIS: &str = "schemathesis==4.32.5";

/// Starts the shop on a fresh database and lets schemathesis loose on it; `arguments` go to it.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let tester = schemathesis()?;
    shell::run(&mut shell::cargo([
        "build",
        "--locked",
        "--package",
        "shop",
    ]))?;
    let folder = shell::root().join("target/contract");
    // A file of an earlier run would bring its products along.
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder)?;
    let shop = Shop::start(&folder)?;
    shell::run(
        Command::new(tester)
            .args([
                "run",
                &format!("{}/openapi.json", shop.url),
                "--checks",
                "all",
                "--no-color",
            ])
            .args(arguments)
            .current_dir(&folder),
    )
}

/// Finds schemathesis, or installs it into an environment of its own below `target`.
fn schemathesis() -> Result<PathBuf> {
    let installed = Command::new("schemathesis")
        .arg("--version")
        .stdout(Stdio::null())
        .status();
    if installed.is_ok_and(|status| status.success()) {
        return Ok(PathBuf::from("schemathesis"));
    }
    let environment = shell::root().join("target/schemathesis");
    let program = environment.join("bin/schemathesis");
    if !program.exists() {
        shell::run(
            Command::new("python3")
                .args(["-m", "venv"])
                .arg(&environment),
        )
        .context("schemathesis needs Python 3 with `venv`")?;
        shell::run(Command::new(environment.join("bin/pip")).args([
            "install",
            "--quiet",
            SCHEMATHESIS,
        ]))?;
    }
    Ok(program)
}

/// A running shop that ends with this value.
struct Shop {
    child: Child,
    url: String,
}

impl Shop {
    fn start(folder: &Path) -> Result<Self> {
        let binary = shell::root().join("target/debug/shop");
        let database = format!("sqlite://{}", folder.join("shop.sqlite").display());
        let mut child = Command::new(&binary)
            .env("ATLAS_DATABASE__URL", &database)
            .env("ATLAS_HTTP__PORT", "0")
            .env("ATLAS_LOG__FORMAT", "json")
            .current_dir(folder)
            .stdout(Stdio::piped())
            .spawn()
            .context("the shop could not be started")?;
        let output = child.stdout.take().context("the shop has no output")?;
        let mut lines = BufReader::new(output).lines();
        let address = lines
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| {
                let line: serde_json::Value = serde_json::from_str(&line).ok()?;
                (line["message"] == "listening")
                    .then(|| line["address"].as_str().map(str::to_owned))?
            })
            .context("the shop did not say where it listens")?;
        // A pipe that nobody reads would block the shop's log.
        std::thread::spawn(move || lines.for_each(drop));
        Ok(Self {
            child,
            url: format!("http://{address}"),
        })
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        // It may have ended by itself; there is nobody left to tell.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
