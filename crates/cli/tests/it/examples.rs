//! Every example on every help page is run as it stands.

use std::{
    io::{BufRead, BufReader, Read},
    path::Path,
    process::{Command, Stdio},
};

use crate::support::{Fixture, binary, stderr, stdout};

/// Where a command's examples can be run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// In an empty folder.
    Nowhere,
    /// In a service that `atlas new` has just made; nothing is built there.
    Generated,
    /// In a service that builds in a second.
    Echo,
    /// There too, and it runs until it is told to stop.
    EchoForever,
    /// In a service of its own, which it makes; it too runs until it is told to stop.
    Demo,
}

fn place(command: &str) -> Place {
    match command {
        "new" => Place::Nowhere,
        "generate" | "destroy" => Place::Generated,
        "dev" => Place::EchoForever,
        "demo" => Place::Demo,
        _ => Place::Echo,
    }
}

/// All examples of a page and of the pages below it, as command lines.
fn examples(page: &clap::Command) -> Vec<String> {
    let text = page
        .get_before_help()
        .map(ToString::to_string)
        .unwrap_or_default();
    let own = text
        .lines()
        .filter_map(|line| line.strip_prefix("  "))
        .map(|line| line.split("  # ").next().unwrap().trim().to_owned());
    own.chain(page.get_subcommands().flat_map(examples))
        .collect()
}

/// The examples whose command belongs to `wanted`; a page without examples fails.
fn of(wanted: Place) -> Vec<String> {
    let mut pages = atlas_cli::command();
    pages.build();
    for page in pages.get_subcommands() {
        assert!(
            !examples(page).is_empty(),
            "`atlas {} --help` leads with no example",
            page.get_name()
        );
    }
    let mut found: Vec<String> = examples(&pages);
    found.retain(|line| place(line.split_whitespace().nth(1).unwrap()) == wanted);
    found.dedup();
    assert!(!found.is_empty(), "{wanted:?}");
    found
}

/// A shell that finds this `atlas`.
fn shell(line: &str, folder: &Path) -> Command {
    let mut path = vec![binary().parent().unwrap().to_owned()];
    path.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap()));
    let mut shell = Command::new("bash");
    shell
        .args(["-c", line])
        .current_dir(folder)
        .env("PATH", std::env::join_paths(path).unwrap())
        .env("BROWSER", "true")
        .env_remove("CARGO_TARGET_DIR")
        .stdin(Stdio::null());
    shell
}

fn run(line: &str, folder: &Path) {
    let output = shell(line, folder).output().unwrap();
    assert!(
        output.status.success(),
        "`{line}` ended with {}\n{}{}",
        output.status,
        stdout(&output),
        stderr(&output)
    );
}

#[test]
fn the_examples_that_need_no_service_run() {
    for line in of(Place::Nowhere) {
        run(&line, tempfile::tempdir().unwrap().path());
    }
}

#[test]
fn the_examples_that_change_a_service_run_in_their_order() {
    let lines = of(Place::Generated);
    let folder = tempfile::tempdir().unwrap();
    run("atlas new shop --no-input", folder.path());
    for line in lines {
        run(&line, &folder.path().join("shop"));
    }
}

#[test]
fn the_examples_that_look_at_a_service_run() {
    let echo = Fixture::new();
    for line in of(Place::Echo) {
        run(&line, echo.path());
    }
}

#[test]
fn the_examples_that_serve_run_until_they_are_stopped() {
    let echo = Fixture::new();
    for line in of(Place::EchoForever) {
        assert_serves(&line, "serving one", echo.path());
    }
}

#[test]
fn the_demo_runs_until_it_is_stopped() {
    let folder = tempfile::tempdir().unwrap();
    for line in of(Place::Demo) {
        // The usual port may be in use where tests run.
        let line = if line.contains("--port") {
            line
        } else {
            format!("{line} --port 0")
        };
        crate::scaffold::demo::try_out(&mut shell(&format!("exec {line}"), folder.path()));
    }
}

/// Runs `line` until it prints `words`, then stops it.
fn assert_serves(line: &str, words: &str, folder: &Path) {
    let mut command = shell(&format!("exec {line}"), folder);
    let mut server = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut err = BufReader::new(server.stderr.take().unwrap());
    let said = std::thread::spawn(move || {
        let mut text = String::new();
        err.read_to_string(&mut text).map(|_| text)
    });
    let mut out = BufReader::new(server.stdout.take().unwrap())
        .lines()
        .map_while(Result::ok);
    if !out.any(|line| line.contains(words)) {
        panic!(
            "`{line}` ended with {}\n{}",
            server.wait().unwrap(),
            said.join().unwrap().unwrap()
        );
    }
    assert!(
        Command::new("kill")
            .arg(server.id().to_string())
            .status()
            .unwrap()
            .success()
    );
    // What it still says must find a reader.
    out.for_each(drop);
    assert_eq!(server.wait().unwrap().code(), Some(0), "`{line}`");
}
