//! What clients get while there is no service.

use super::running::Dev;
use crate::support::{Fixture, stderr};

const BROWSER: &str = "text/html,application/xhtml+xml,*/*;q=0.8";

#[test]
fn a_compile_error_is_shown_to_browsers_and_programs_until_it_is_fixed() {
    let echo = Fixture::new();
    let dev = Dev::start(&echo);
    assert_eq!(dev.get("/", "*/*").body, "one");
    echo.write("src/answer.rs", "pub const ANSWER: &str = 1 < 2;\n");
    let seen = dev.until("build_failed");
    let on_terminal = |event: &serde_json::Value| {
        event["source"] == "build" && event["line"] == "error[E0308]: mismatched types"
    };
    assert!(seen.iter().any(on_terminal), "{seen:#?}");
    let failed = seen.last().unwrap();
    assert!(
        failed["text"]
            .as_str()
            .unwrap()
            .contains("error[E0308]: mismatched types"),
        "{failed}"
    );

    let page = dev.get("/any/page", BROWSER);
    assert_eq!(page.status, 503);
    assert!(
        page.head.contains("content-type: text/html"),
        "{}",
        page.head
    );
    assert!(
        page.head.contains("cache-control: no-store"),
        "{}",
        page.head
    );
    assert!(
        page.body.contains("<h1>echo does not build</h1>"),
        "{}",
        page.body
    );
    assert!(page.body.contains("mismatched types"), "{}", page.body);
    assert!(
        page.body.contains("1 &lt; 2"),
        "source code must be escaped: {}",
        page.body
    );
    assert!(
        !page.body.contains("http://") && !page.body.contains("https://"),
        "nothing is loaded from elsewhere"
    );

    let problem = dev.get("/", "*/*");
    assert_eq!(problem.status, 503);
    assert!(
        problem
            .head
            .contains("content-type: application/problem+json"),
        "{}",
        problem.head
    );
    let problem: serde_json::Value = serde_json::from_str(&problem.body).unwrap();
    assert_eq!(problem["code"], "dev.build_failed");
    assert!(
        problem["detail"]
            .as_str()
            .unwrap()
            .contains("mismatched types")
    );

    echo.answers("two");
    dev.wait("building");
    let answer = dev.get("/", BROWSER);
    assert_eq!((answer.status, answer.body.as_str()), (200, "two"));
}

#[test]
fn a_first_build_that_fails_is_shown_too() {
    let echo = Fixture::new();
    echo.write("src/answer.rs", "this is not Rust\n");
    let dev = Dev::start(&echo);
    assert_eq!(dev.get("/", BROWSER).status, 503);
    echo.answers("at last");
    dev.wait("built");
    assert_eq!(dev.get("/", BROWSER).body, "at last");
}

#[test]
fn a_manifest_cargo_refuses_is_shown_with_cargos_words() {
    let echo = Fixture::new();
    let dev = Dev::start(&echo);
    dev.wait("started");
    let manifest = echo.read("Cargo.toml");
    echo.write(
        "Cargo.toml",
        &format!("{manifest}\n[dependencies]\nnowhere = {{ path = \"nowhere\" }}\n"),
    );
    dev.wait("build_failed");
    assert!(dev.get("/", BROWSER).body.contains("nowhere"));
    echo.write("Cargo.toml", &manifest);
    dev.wait("started");
    assert_eq!(dev.get("/", BROWSER).body, "one");
}

#[test]
fn a_service_that_dies_at_start_is_shown_with_its_last_words() {
    let echo = Fixture::new();
    let dev = Dev::start(&echo);
    dev.wait("started");
    echo.write(
        "config/default.toml",
        "[http]\nport = 0\ngreeting = \"broken\"\n",
    );
    let died = dev.wait("died");
    assert_eq!(died["status"], "exit status: 78");
    let page = dev.get("/", BROWSER);
    assert_eq!(page.status, 503);
    assert!(
        page.body.contains("error[A205]: `http.greeting` is broken"),
        "{}",
        page.body
    );
    echo.write("config/default.toml", "[http]\nport = 0\n");
    dev.wait("started");
    assert_eq!(dev.get("/", BROWSER).body, "one");
}

#[test]
fn the_page_tells_states_apart_so_that_it_can_reload() {
    let echo = Fixture::new();
    let dev = Dev::start(&echo);
    dev.wait("started");
    let mut numbers = Vec::new();
    for text in ["first mistake", "second mistake"] {
        echo.write("src/answer.rs", text);
        dev.wait("build_failed");
        let page = dev.get("/", BROWSER);
        let number = page
            .head
            .lines()
            .find_map(|line| line.strip_prefix("atlas-dev: "))
            .unwrap()
            .to_owned();
        assert!(
            page.body.contains(&format!("data-number=\"{number}\"")),
            "{}",
            page.body
        );
        numbers.push(number);
    }
    assert_ne!(numbers[0], numbers[1]);
}

#[test]
fn a_port_in_use_is_a201_and_status_69() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let output = Fixture::new()
        .atlas(&["dev", "--port", &port.to_string()])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(69));
    let text = stderr(&output);
    assert!(
        text.starts_with(&format!(
            "error[A201]: port {port} on `127.0.0.1` is in use\n  --> --port\n"
        )),
        "{text}"
    );
    assert!(text.contains("atlas dev --port "), "{text}");
}
