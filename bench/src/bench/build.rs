//! What a user waits for: the first build of a generated service, its size, and the loop from save to answer.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use crate::median::median;
use crate::process;

const SAVES: usize = 5;

/// Generates a service, builds it cold in both profiles, then edits a handler again and again.
pub(crate) fn run() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let project = folder.path().join("shop");
    let target = folder.path().join("target");
    quiet(
        Command::new(process::binary("atlas")?)
            .args(["new", "shop", "--no-input"])
            .current_dir(folder.path()),
    )?;
    let debug = cargo(&project, &target, &["build"])?;
    let save = saves(&project, &target)?;
    let release = cargo(&project, &target, &["build", "--release"])?;
    let size = fs::metadata(target.join("release/shop"))?.len() as f64 / 1_000_000.0;
    println!("\n### Building a generated service with SQLite\n");
    println!("| figure | value |\n| --- | ---: |");
    println!(
        "| first debug build | {:.0} CPU s, {:.0} s |",
        debug.cpu, debug.wall
    );
    println!(
        "| first release build | {:.0} CPU s, {:.0} s |",
        release.cpu, release.wall
    );
    println!("| release binary | {size:.1} MB |");
    println!(
        "| saved handler to linked binary (median of {SAVES}) | {:.2} CPU s, {:.2} s |",
        save.cpu, save.wall
    );
    Ok(())
}

struct Cost {
    cpu: f64,
    wall: f64,
}

fn saves(project: &Path, target: &Path) -> Result<Cost> {
    let handler = project.join("src/catalog/routes.rs");
    let source = fs::read_to_string(&handler).context("the generated service has no catalogue")?;
    let (mut cpu, mut wall) = (Vec::new(), Vec::new());
    for save in 0..SAVES {
        fs::write(
            &handler,
            format!(
                "{source}\n#[expect(dead_code, reason = \"an edit\")]\nfn edit() -> usize {{\n    {save}\n}}\n"
            ),
        )?;
        let cost = cargo(project, target, &["build"])?;
        cpu.push(cost.cpu);
        wall.push(cost.wall);
    }
    fs::write(&handler, source)?;
    Ok(Cost {
        cpu: median(&cpu),
        wall: median(&wall),
    })
}

fn cargo(project: &Path, target: &Path, arguments: &[&str]) -> Result<Cost> {
    let (cpu, started) = (children_cpu()?, Instant::now());
    let mut command = Command::new("cargo");
    command
        .args(arguments)
        .current_dir(project)
        .env("CARGO_TARGET_DIR", target);
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text == "CARGO" || text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_")
        {
            command.env_remove(&name);
        }
    }
    quiet(&mut command)?;
    Ok(Cost {
        cpu: (children_cpu()? - cpu).as_secs_f64(),
        wall: started.elapsed().as_secs_f64(),
    })
}

fn quiet(command: &mut Command) -> Result<()> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .context("a command could not be started")?;
    ensure!(
        output.status.success(),
        "{:?} failed: {}\n{}",
        command.get_program(),
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(())
}

/// CPU time of every child that has ended, and of theirs.
fn children_cpu() -> Result<Duration> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    let after_name = stat
        .rsplit_once(')')
        .context("unknown format of /proc/self/stat")?
        .1;
    let fields: Vec<&str> = after_name.split_whitespace().collect();
    let ticks = fields[13].parse::<u64>()? + fields[14].parse::<u64>()?;
    Ok(Duration::from_millis(ticks * 10))
}
