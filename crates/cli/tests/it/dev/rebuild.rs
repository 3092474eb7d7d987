//! A save, a build, a new version, and nobody refused in between.

use super::running::{Answer, Dev, waits};
use crate::support::Fixture;

#[test]
fn a_request_sent_during_the_first_build_waits_for_the_service() {
    let echo = Fixture::new();
    echo.write("hold", "");
    let dev = Dev::start(&echo);
    let mut client = dev.ask("/", "*/*");
    assert!(waits(&mut client));
    echo.remove("hold");
    assert_eq!(Answer::read(&mut client).body, "one");
}

#[test]
fn a_request_sent_during_a_rebuild_waits_and_is_answered_by_the_new_code() {
    let echo = Fixture::new();
    let dev = Dev::start(&echo);
    assert_eq!(dev.get("/", "*/*").body, "one");
    echo.write("hold", "");
    echo.answers("two");
    // The old version is gone, the new one does not exist: only the socket is there.
    dev.wait_all(&["building", "ended"]);
    let mut clients: Vec<_> = (0..20).map(|_| dev.ask("/", "*/*")).collect();
    assert!(clients.iter_mut().take(3).all(waits));
    echo.remove("hold");
    for client in &mut clients {
        assert_eq!(Answer::read(client).body, "two");
    }
}

#[test]
fn a_save_during_a_build_gives_that_build_up() {
    let echo = Fixture::new();
    let dev = Dev::start(&echo);
    assert_eq!(dev.get("/", "*/*").body, "one");
    echo.write("hold", "");
    echo.answers("two");
    dev.wait_all(&["building", "ended"]);
    let mut client = dev.ask("/", "*/*");
    echo.answers("three");
    dev.wait("building");
    echo.remove("hold");
    assert_eq!(Answer::read(&mut client).body, "three");
}

#[test]
fn settings_restart_the_service_without_a_build() {
    let echo = Fixture::new();
    let dev = Dev::start(&echo);
    assert!(dev.get("/settings", "*/*").body.contains("hello"));
    dev.wait("started");
    echo.write(
        "config/default.toml",
        "[http]\nport = 0\ngreeting = \"good day\"\n",
    );
    let seen = dev.until("started");
    assert!(
        seen.iter().all(|event| event["event"] != "building"),
        "{seen:#?}"
    );
    assert!(dev.get("/settings", "*/*").body.contains("good day"));
}

#[test]
fn what_an_editor_writes_beside_a_file_is_no_save() {
    let echo = Fixture::new();
    let dev = Dev::start(&echo);
    dev.wait("started");
    for scratch in [
        "src/.answer.rs.swp",
        "src/4913",
        "src/answer.rs~",
        "README.md",
    ] {
        echo.write(scratch, "scratch");
    }
    echo.answers("two");
    let saved = dev.wait("saved");
    assert_eq!(saved["files"], serde_json::json!(["src/answer.rs"]));
    dev.wait("started");
    assert_eq!(dev.get("/", "*/*").body, "two");
}

#[test]
fn a_file_replaced_by_renaming_is_a_save() {
    let echo = Fixture::new();
    let dev = Dev::start(&echo);
    assert_eq!(dev.get("/", "*/*").body, "one");
    echo.write("src/answer.new", "pub const ANSWER: &str = \"renamed\";\n");
    std::fs::rename(
        echo.path().join("src/answer.new"),
        echo.path().join("src/answer.rs"),
    )
    .unwrap();
    assert_eq!(
        dev.wait("saved")["files"],
        serde_json::json!(["src/answer.rs"])
    );
    dev.wait("started");
    assert_eq!(dev.get("/", "*/*").body, "renamed");
}

#[test]
fn a_folder_that_appears_later_is_watched() {
    let echo = Fixture::new();
    let dev = Dev::start(&echo);
    dev.wait("started");
    std::fs::create_dir(echo.path().join("seeds")).unwrap();
    dev.wait("started");
    echo.write("seeds/products.json", "[]");
    assert_eq!(
        dev.wait("saved")["files"],
        serde_json::json!(["seeds/products.json"])
    );
}

#[test]
fn a_changed_port_is_followed() {
    let echo = Fixture::new();
    let mut dev = Dev::start_with(&echo, &["dev", "--json"]);
    assert_eq!(dev.get("/", "*/*").body, "one");
    let free = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    echo.write("config/default.toml", &format!("[http]\nport = {free}\n"));
    assert_eq!(
        dev.wait("listening")["url"],
        format!("http://127.0.0.1:{free}")
    );
    dev.address = format!("127.0.0.1:{free}");
    assert_eq!(dev.get("/", "*/*").body, "one");
}

#[test]
fn the_profile_and_arguments_reach_the_service() {
    let echo = Fixture::new();
    let dev = Dev::start_with(
        &echo,
        &[
            "dev",
            "--json",
            "--port",
            "0",
            "--profile",
            "test",
            "--",
            "serve",
        ],
    );
    assert_eq!(dev.wait_log("serving"), "serving one in test");
}

#[test]
fn sources_of_a_package_beside_the_service_are_watched_too() {
    let echo = Fixture::new();
    for folder in ["greeting", "greeting/src"] {
        std::fs::create_dir(echo.path().join(folder)).unwrap();
    }
    echo.write(
        "greeting/Cargo.toml",
        "[package]\nname = \"greeting\"\nversion = \"0.0.0\"\nedition = \"2024\"\n",
    );
    echo.write("greeting/src/lib.rs", "pub const WORD: &str = 1;\n");
    echo.write(
        "Cargo.toml",
        &format!(
            "{}\n[dependencies]\ngreeting = {{ path = \"greeting\" }}\n",
            echo.read("Cargo.toml")
        ),
    );
    echo.write(
        "src/answer.rs",
        "pub const ANSWER: &str = greeting::WORD;\n",
    );
    let dev = Dev::start(&echo);
    dev.wait("build_failed");
    echo.write("greeting/src/lib.rs", "pub const WORD: &str = \"hello\";\n");
    assert_eq!(
        dev.wait("saved")["files"],
        serde_json::json!(["greeting/src/lib.rs"])
    );
    dev.wait("started");
    assert_eq!(dev.get("/", "*/*").body, "hello");
    echo.write(
        "greeting/src/lib.rs",
        "pub const WORD: &str = \"good day\";\n",
    );
    dev.wait_all(&["building", "ended"]);
    assert_eq!(dev.get("/", "*/*").body, "good day");
}
