//! Servers in containers, by the command `docker`: it honours the user's contexts and `DOCKER_HOST`, and costs no crate.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::address::Address;
use crate::kind::Kind;
use crate::place;

/// Whether an engine answers.
pub(crate) fn engine() -> Result<(), String> {
    let no_engine = "no container engine answers".to_owned();
    let mut child = Command::new("docker")
        .args(["version", "--format", "{{.Server.Version}}"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|_| "`docker` is not installed".to_owned())?;
    let began = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => return Ok(()),
            Ok(None) if began.elapsed() < Duration::from_secs(10) => {
                std::thread::sleep(Duration::from_millis(20));
            }
            _ => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(no_engine);
            }
        }
    }
}

/// The image of a kind, unless `ATLAS_TEST_POSTGRES_IMAGE` or its likes name another.
fn image(kind: Kind) -> String {
    let usual = match kind {
        Kind::Postgres => "postgres:17",
        Kind::MariaDb => "mariadb:11.8",
        Kind::MySql => "mysql:8.4",
        Kind::Redis => "redis:7",
    };
    std::env::var(kind.variable("IMAGE"))
        .ok()
        .filter(|image| !image.is_empty())
        .unwrap_or_else(|| usual.to_owned())
}

/// Starts a container whose id is in `home/container`; returns the port that it has on this machine.
pub(crate) fn start(kind: Kind, home: &Path) -> Result<u16, String> {
    let image = image(kind);
    let inner = kind.port();
    let settings: &[&str] = match kind {
        Kind::Postgres => &["POSTGRES_HOST_AUTH_METHOD=trust"],
        Kind::MariaDb => &["MARIADB_ALLOW_EMPTY_ROOT_PASSWORD=yes"],
        Kind::MySql => &["MYSQL_ALLOW_EMPTY_PASSWORD=yes"],
        Kind::Redis => &[],
    };
    let tuned: &[&str] = match kind {
        Kind::Postgres => &["-c", "fsync=off", "-c", "max_connections=400"],
        Kind::MariaDb | Kind::MySql => &[
            "--max-connections=400",
            "--innodb-flush-log-at-trx-commit=0",
        ],
        Kind::Redis => &["--save", ""],
    };
    let mut run = Command::new("docker");
    run.args(["run", "--rm", "--detach", "--label", "atlas-test=server"])
        .arg("--cidfile")
        .arg(home.join("container"))
        .args(["--publish", &format!("127.0.0.1::{inner}")]);
    for setting in settings {
        run.args(["--env", setting]);
    }
    let id = output(run.arg(&image).args(tuned))?;
    let id = id.lines().last().unwrap_or_default().trim().to_owned();
    let mapped = output(Command::new("docker").args(["port", &id, &format!("{inner}/tcp")]))?;
    let port = mapped
        .lines()
        .find_map(|line| line.trim().rsplit_once(':')?.1.parse().ok())
        .ok_or_else(|| format!("the container of `{image}` publishes no port: `{mapped}`"))?;
    let admin = Address::local(kind, "127.0.0.1", port);
    let began = Instant::now();
    while !admin.is_ready() {
        if began.elapsed() > Duration::from_secs(120) {
            return Err(format!(
                "the container of `{image}` was not ready after 120 s"
            ));
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    if matches!(kind, Kind::MariaDb | Kind::MySql) {
        admin.run("CREATE USER IF NOT EXISTS app@'%'")?;
        admin.run("GRANT ALL ON *.* TO app@'%'")?;
    }
    let path = home.join("container");
    fs::write(&path, id).map_err(|error| place::said(&path, &error))?;
    Ok(port)
}

fn output(command: &mut Command) -> Result<String, String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("`docker` could not be started: {error}"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("`docker` failed: {}", said.trim()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
