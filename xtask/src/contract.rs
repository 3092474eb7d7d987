//! The served document against the service itself: schemathesis with all its checks.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result};

use crate::shell;

/// The version whose findings are known to be none.
const SCHEMATHESIS: &str = "schemathesis==4.32.5";

/// Features of a generated service with every type of field, present and optional, and every key.
const MODULES: [&str; 3] = [
    "everythings label:string body:text count:int size:bigint total:decimal paid:bool day:date at:datetime owner:uuid data:json price:money",
    "maybes label:string? body:text? count:int? size:bigint? total:decimal? paid:bool? day:date? at:datetime? owner:uuid? data:json? price:money? --key int",
    "uniques label:string:unique count:int:index day:date:index --key string",
];

/// Lets schemathesis loose on the shop and on a service fresh from the generator, each on a new database; `arguments` go
/// to it. `ATLAS_DATABASE__URL` chooses another database, which must be empty.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let tester = schemathesis()?;
    let folder = shell::root().join("target/contract");
    // A file of an earlier run would bring its rows along.
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder)?;
    for binary in [shop()?, generated(&folder)?] {
        let service = Service::start(&binary, &folder)?;
        shell::run(
            Command::new(&tester)
                .args([
                    "run",
                    &format!("{}/openapi.json", service.url),
                    "--checks",
                    "all",
                    "--no-color",
                ])
                .args(arguments)
                .current_dir(&folder),
        )?;
    }
    Ok(())
}

/// The example.
fn shop() -> Result<PathBuf> {
    let packages = ["build", "--locked", "-p", "shop", "-p", "atlas-kit-cli"];
    shell::run(&mut shell::cargo(packages))?;
    Ok(shell::root().join("target/debug/shop"))
}

/// A service with the features of [`MODULES`], built where this workspace is built.
fn generated(folder: &Path) -> Result<PathBuf> {
    let target = shell::root().join("target");
    let service = folder.join("stock");
    let atlas = |folder: &Path, line: &str| {
        let words = line.split_whitespace();
        let program = target.join("debug/atlas");
        shell::run(Command::new(program).args(words).current_dir(folder))
    };
    atlas(folder, "new stock --no-input --no-git --quiet")?;
    for module in MODULES {
        atlas(&service, &format!("generate module {module} --quiet"))?;
    }
    shell::run(
        shell::cargo(["build", "--quiet"])
            .current_dir(&service)
            .env("CARGO_TARGET_DIR", &target),
    )?;
    Ok(target.join("debug/stock"))
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

/// A running service that ends with this value.
struct Service {
    child: Child,
    url: String,
}

impl Service {
    fn start(binary: &Path, folder: &Path) -> Result<Self> {
        let mut command = Command::new(binary);
        if std::env::var_os("ATLAS_DATABASE__URL").is_none() {
            let file = folder.join(binary.file_name().unwrap_or_default());
            let url = format!("sqlite://{}.sqlite", file.display());
            command.env("ATLAS_DATABASE__URL", url);
        }
        let mut child = command
            .env("ATLAS_HTTP__PORT", "0")
            .env("ATLAS_LOG__FORMAT", "json")
            .current_dir(folder)
            .stdout(Stdio::piped())
            .spawn()
            .context("the service could not be started")?;
        let output = child.stdout.take().context("the service has no output")?;
        let mut lines = BufReader::new(output).lines();
        let address = lines
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| {
                let line: serde_json::Value = serde_json::from_str(&line).ok()?;
                (line["message"] == "listening")
                    .then(|| line["address"].as_str().map(str::to_owned))?
            })
            .context("the service did not say where it listens")?;
        // A pipe that nobody reads would block the service's log.
        std::thread::spawn(move || lines.for_each(drop));
        Ok(Self {
            child,
            url: format!("http://{address}"),
        })
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // It may have ended by itself; there is nobody left to tell.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
