//! The service itself: where it would listen, and what its own binary says.

use std::{path::PathBuf, process::Command, time::Duration};

use super::Check;
use crate::ops::{cargo, dev, process, service::Project};

/// How long the service's binary may take to answer.
const LIMIT: Duration = Duration::from_secs(30);

/// The configured port, by listening on it.
pub(super) fn port(project: &Project) -> Check {
    const NAME: &str = "port";
    let address = dev::Address::configured(&project.root, None);
    match address.listen() {
        Ok(_) => Check::ok(
            NAME,
            format!(
                "{} on `{}` is free (from {})",
                address.port, address.host, address.origin
            ),
        ),
        Err(error) => {
            let fix = error
                .advice()
                .first()
                .cloned()
                .unwrap_or_else(|| "set another `http.port` in `config/`".to_owned());
            Check::failed(
                NAME,
                format!("{} (from {})", error.message(), address.origin),
                fix,
            )
        }
    }
}

/// Whether this `atlas` and the framework the service is built with are of one version; `None` when the service does not
/// say which it uses.
pub(super) fn version(project: &Project) -> Option<Check> {
    const NAME: &str = "version";
    let lock = project
        .root
        .ancestors()
        .map(|folder| folder.join("Cargo.lock"))
        .find(|path| path.is_file())?;
    let lock: toml::Table = std::fs::read_to_string(lock).ok()?.parse().ok()?;
    let packages = lock.get("package")?.as_array()?;
    let framework = packages
        .iter()
        .find(|package| package.get("name").and_then(toml::Value::as_str) == Some("atlas-kit"))?;
    let (used, own) = (
        framework.get("version")?.as_str()?,
        env!("CARGO_PKG_VERSION"),
    );
    Some(if used == own {
        Check::ok(
            NAME,
            format!("`atlas` and the service's framework are {own}"),
        )
    } else {
        Check::warning(
            NAME,
            format!(
                "the service is built with atlas-kit {used}, this is `atlas` {own}: it may generate what does not fit"
            ),
            format!(
                "`cargo install atlas-kit-cli --version {used}`, or `cargo update -p atlas-kit` in the service"
            ),
        )
    })
}

/// The service's binary, if it is built.
pub(super) struct Binary {
    project: Project,
    path: Option<PathBuf>,
}

impl Binary {
    pub(super) fn find(project: &Project) -> Self {
        let mut metadata = cargo::command(&project.root);
        metadata.args([
            "metadata",
            "--no-deps",
            "--offline",
            "--format-version",
            "1",
        ]);
        let path = process::output(&mut metadata, LIMIT)
            .ok()
            .flatten()
            .and_then(|said| {
                let metadata: serde_json::Value = serde_json::from_str(&said.out).ok()?;
                let target = PathBuf::from(metadata["target_directory"].as_str()?);
                Some(target.join("debug").join(&project.binary)).filter(|path| path.is_file())
            });
        Self {
            project: project.clone(),
            path,
        }
    }

    /// The command line of a call.
    fn call(&self, arguments: &[&str]) -> Vec<String> {
        let program = self.path.iter().map(|path| path.display().to_string());
        program
            .chain(arguments.iter().map(ToString::to_string))
            .collect()
    }

    /// Asks the binary; `name` is the check's.
    fn ask(&self, name: &'static str, arguments: &[&str]) -> Result<process::Said, Check> {
        let Some(path) = &self.path else {
            return Err(Check::skipped(
                name,
                "the service is not built yet; build it with `atlas dev` or `cargo build`",
            )
            .repaired_by(["cargo", "build"]));
        };
        let mut command = Command::new(path);
        command.current_dir(&self.project.root).args(arguments);
        match process::output(&mut command, LIMIT) {
            Ok(Some(said)) => Ok(said),
            Ok(None) => Err(Check::failed(
                name,
                format!(
                    "`{} {}` did not answer within {LIMIT:?}",
                    self.project.binary,
                    arguments.join(" ")
                ),
                format!("see what it waits for: `atlas {}`", arguments.join(" ")),
            )),
            Err(error) => Err(Check::failed(
                name,
                format!("`{}` cannot be started: {error}", path.display()),
                "build it anew: `cargo build`",
            )),
        }
    }
}

/// The configuration, as the service reads it.
pub(super) fn config(binary: &Binary) -> Check {
    const NAME: &str = "config";
    match binary.ask(NAME, &["config", "check"]) {
        Err(check) => check,
        Ok(said) if said.status.success() => Check::ok(NAME, "valid"),
        Ok(said) => Check::failed(
            NAME,
            words(&said),
            "correct it as told; look at one key: `atlas config explain KEY`",
        ),
    }
}

/// The database's schema, as the service sees it.
pub(super) fn migrations(binary: &Binary) -> Check {
    const NAME: &str = "migrations";
    let said = match binary.ask(NAME, &["migrate", "status", "--json"]) {
        Err(check) => return check,
        Ok(said) if !said.status.success() => {
            return Check::failed(
                NAME,
                words(&said),
                "see the whole state: `atlas migrate status`",
            );
        }
        Ok(said) => said,
    };
    let status: serde_json::Value = serde_json::from_str(&said.out).unwrap_or_default();
    let Some(all) = status["migrations"].as_array() else {
        return Check::skipped(
            NAME,
            "this version of the service does not tell its migrations",
        );
    };
    let named = |state: &str| {
        let names = all
            .iter()
            .filter(|migration| migration["state"] == state)
            .filter_map(|migration| migration["name"].as_str());
        names
            .map(|name| format!("`{name}`"))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let (unknown, pending) = (named("unknown"), named("pending"));
    let dirty = named("dirty");
    if !dirty.is_empty() {
        return Check::failed(
            NAME,
            format!("left half-done: {dirty}"),
            "see how it is settled: `atlas migrate check`",
        );
    }
    let changed = named("changed");
    if !changed.is_empty() {
        return Check::failed(
            NAME,
            format!("changed after they had been applied: {changed}"),
            "undo the change, or see what else helps: `atlas migrate check`",
        );
    }
    if !unknown.is_empty() {
        return Check::failed(
            NAME,
            format!("the database has what the code does not know: {unknown}"),
            "go to the newer code and take them back there with `atlas migrate down`, or use another database",
        );
    }
    if pending.is_empty() {
        return Check::ok(NAME, format!("{} applied", all.len()));
    }
    if applies_itself(binary) {
        return Check::ok(
            NAME,
            format!("pending, and applied when the service starts: {pending}"),
        );
    }
    Check::failed(
        NAME,
        format!("pending: {pending}"),
        "apply them: `atlas migrate up`",
    )
    .repaired_by(binary.call(&["migrate", "up"]))
}

/// Whether the service applies pending migrations when it starts, as it does in development, instead of refusing to.
fn applies_itself(binary: &Binary) -> bool {
    let said = binary.ask(
        "migrations",
        &["config", "explain", "database.migrate", "--json"],
    );
    let said = said
        .ok()
        .and_then(|said| serde_json::from_str::<serde_json::Value>(&said.out).ok());
    said.is_some_and(|keys| keys["keys"][0]["value"] == "apply")
}

/// What the binary said about a failure: its errors, else its data.
fn words(said: &process::Said) -> String {
    let text = if said.err.trim().is_empty() {
        &said.out
    } else {
        &said.err
    };
    let text = text.trim();
    if text.is_empty() {
        format!("ended with {}", said.status)
    } else {
        text.to_owned()
    }
}
