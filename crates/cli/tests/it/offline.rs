//! The promise that `atlas` talks to nobody.

use std::{path::Path, process::Command};

use crate::support::{binary, stderr};

/// `atlas` without a network: a namespace that has no interface, not even a way to this machine itself.
fn alone(arguments: &[&str], folder: &Path) -> Command {
    let mut command = Command::new("unshare");
    command
        .args(["--user", "--map-root-user", "--net"])
        .arg(binary())
        .args(arguments)
        .current_dir(folder);
    command
}

#[test]
fn what_needs_no_service_works_without_a_network() {
    let folder = tempfile::tempdir().unwrap();
    let namespaces = Command::new("unshare")
        .args(["--user", "--map-root-user", "--net", "true"])
        .status();
    if !namespaces.is_ok_and(|status| status.success()) {
        // This system gives no namespaces; the test below still holds.
        return;
    }
    for arguments in [
        &["explain"] as &[&str],
        &["help", "dev"],
        &["completions", "zsh"],
        &["new", "shop", "--no-input"],
    ] {
        let output = alone(arguments, folder.path()).output().unwrap();
        assert!(
            output.status.success(),
            "{arguments:?}: {}",
            stderr(&output)
        );
    }
}

/// `atlas` only ever *listens*: nothing in its sources makes a connection, and nothing it is built from can speak HTTP
/// or TLS.
#[test]
fn nothing_in_it_can_call_home() {
    let sources = sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    assert!(sources.len() > 20);
    for (path, text) in sources {
        for word in [
            "TcpStream::connect",
            "UdpSocket",
            "UnixStream::connect",
            "net::connect",
        ] {
            assert!(!text.contains(word), "{path} has `{word}`");
        }
    }
    let tree = Command::new("cargo")
        .args([
            "tree",
            "--offline",
            "--package",
            "atlas-kit-cli",
            "--edges",
            "normal",
            "--prefix",
            "none",
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let tree = String::from_utf8(tree.stdout).unwrap();
    assert!(tree.starts_with("atlas-kit-cli "), "{tree}");
    for name in [
        "reqwest",
        "hyper",
        "ureq",
        "curl",
        "rustls",
        "native-tls",
        "openssl",
        "isahc",
        "attohttpc",
        "sentry",
    ] {
        assert!(
            !tree
                .lines()
                .any(|line| line.split(' ').next() == Some(name)),
            "{name}"
        );
    }
}

fn sources(folder: &Path) -> Vec<(String, String)> {
    let entries = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| {
            if path.is_dir() {
                sources(&path)
            } else {
                vec![(
                    path.display().to_string(),
                    std::fs::read_to_string(&path).unwrap(),
                )]
            }
        })
        .collect()
}
