//! Commands and reports about HTTP, and the log of requests.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use atlas::telemetry::names;
use serde_json::Value;

use crate::golden;
use crate::support::{Running, Service};

#[test]
fn routes_are_listed_with_what_they_take_and_give() {
    let service = Service::new("notes");
    let ran = service.run(&["routes"]).ends_with(0);
    golden::assert("routes.txt", &ran.text());
    let json = service.run(&["routes", "--json"]).ends_with(0).json();
    assert_eq!(json["version"], 1);
    let plain = service.run(&["routes", "--plain"]).ends_with(0);
    let first: Vec<_> = plain.out.lines().next().unwrap().split('\t').collect();
    assert_eq!((first[0], first[1], first.len()), ("POST", "/notes", 6));
    let create = &json["routes"][0];
    assert_eq!(create["method"], "POST");
    assert_eq!(create["path"], "/notes");
    assert_eq!(create["handler"], "fixture::create");
    assert_eq!(create["tag"], "notes");
    assert_eq!(create["request"]["type"], "Note");
    assert_eq!(create["responses"][0]["status"], 200);
    assert_eq!(create["limits"]["timeout"], "30s");
    assert_eq!(create["limits"]["max_body"], "2MiB");
    // looking at a service creates nothing
    assert_eq!(std::fs::read_dir(service.dir()).unwrap().count(), 0);
}

#[test]
fn a_document_that_drifted_ends_with_3_and_says_where() {
    let service = Service::new("notes");
    let missing = service
        .run(&["openapi", "--check", "openapi.json"])
        .ends_with(3);
    assert!(
        missing.err.contains("`openapi --output openapi.json`"),
        "{missing:#?}"
    );

    let wrote = service
        .run(&["openapi", "--output", "openapi.json"])
        .ends_with(0);
    assert_eq!(wrote.out, "wrote openapi.json\n");
    let text = std::fs::read_to_string(service.dir().join("openapi.json")).unwrap();
    assert_eq!(text, service.run(&["openapi"]).ends_with(0).out);
    let document: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["info"]["version"], "1.2.3");
    service
        .run(&["openapi", "--check", "openapi.json"])
        .ends_with(0);

    let service = service.file(
        "openapi.json",
        &text
            .replace("1.2.3", "1.2.2")
            .replace("/notes/{id}", "/notes/{key}"),
    );
    let drifted = service
        .run(&["openapi", "--check", "openapi.json"])
        .ends_with(3);
    golden::assert("openapi-drift.txt", &drifted.text());

    let service = service.file("openapi.json", &text.replace("/notes/{id}", "/papers/{id}"));
    let broken = service
        .run(&["openapi", "--check", "openapi.json"])
        .ends_with(3);
    assert!(
        broken.out.contains("! GET /papers/{id}: is gone"),
        "{broken:#?}"
    );

    let service = service.file("openapi.json", "openapi: 3.1.0");
    let no_json = service
        .run(&["openapi", "--check", "openapi.json"])
        .ends_with(3);
    assert!(
        no_json.err.starts_with("error: openapi.json is not JSON"),
        "{no_json:#?}"
    );
}

#[test]
fn a_service_without_http_says_how_to_get_it() {
    let service = Service::new("quiet");
    let add = "add `.module(atlas::http::module())` to the app";
    for (command, help) in [
        ("routes", add.to_owned()),
        ("openapi", add.to_owned()),
        (
            "healthcheck",
            format!("{add}; for a worker say `--address`"),
        ),
    ] {
        let ran = service.run(&[command]).ends_with(1);
        assert!(ran.err.ends_with(&format!("= help: {help}\n")), "{ran:#?}");
    }
}

/// Serves in production style on a free port; the address from the report.
fn serve(service: &Service) -> (Running, Value, String) {
    let mut running = service.start(&["--set", "http.port=0", "--set", "log.format=json"]);
    let report: Value = serde_json::from_str(&running.wait_for("notes is ready")).unwrap();
    let address = report["address"]
        .as_str()
        .unwrap()
        .strip_prefix("http://")
        .unwrap()
        .to_owned();
    (running, report, address)
}

fn ask(address: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn the_report_says_what_is_actually_running() {
    let service = Service::new("notes");
    let (running, report, address) = serve(&service);
    assert_eq!(report["profile"], "development");
    assert_eq!(report["routes"], 2);
    assert_eq!(report["migrations"], "1 applied, 0 pending");
    assert!(address.starts_with("127.0.0.1:"), "{address}");
    running.signal("TERM");
    assert_eq!(running.end().0, 0);
}

#[test]
fn the_health_of_a_running_service_is_an_exit_code() {
    let service = Service::new("notes");
    let (running, _, address) = serve(&service);
    let port = format!("http.port={}", address.rsplit(':').next().unwrap());
    let call = ["healthcheck", "--set", &port];
    assert_eq!(service.run(&call).ends_with(0).text().lines().count(), 4);
    let json = service
        .run(&[&call[..], &["--json", "--path", "/livez"]].concat())
        .ends_with(0)
        .json();
    assert_eq!(json["healthy"], true);
    let lost = service
        .run(&[&call[..], &["--path", "/nothing"]].concat())
        .ends_with(1);
    assert!(lost.err.contains("/nothing answered 404"), "{lost:#?}");
    running.signal("TERM");
    assert_eq!(running.end().0, 0);
    let gone = service.run(&call).ends_with(1);
    assert!(gone.err.contains("/readyz did not answer: "), "{gone:#?}");
}

#[test]
fn a_port_in_use_ends_with_69_and_says_what_to_do() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let ran = Service::new("notes")
        .run(&["--set", &format!("http.port={port}")])
        .ends_with(69);
    assert!(ran.err.starts_with("error[A201]: "), "{ran:#?}");
    assert!(ran.err.contains("= help: "), "{ran:#?}");
    assert!(ran.err.contains(&port.to_string()), "{ran:#?}");
}

#[test]
fn every_line_of_a_request_carries_its_ids() {
    let service = Service::new("notes");
    let (running, _, address) = serve(&service);
    let body = "{\"text\":\"buy \\u001b[31mtea\"}";
    let create = format!(
        "POST /notes HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Request-ID: mine-1\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let created = ask(&address, &create);
    assert!(created.starts_with("HTTP/1.1 200"), "{created}");
    assert!(
        created.to_lowercase().contains("x-request-id: "),
        "{created}"
    );
    let missing = ask(
        &address,
        "GET /notes/7 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    );
    assert!(missing.starts_with("HTTP/1.1 404"), "{missing}");
    ask(
        &address,
        "GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    );
    running.signal("TERM");
    let (code, log) = running.end();
    assert_eq!(code, 0);

    let lines: Vec<Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let of = |route: &str| {
        lines
            .iter()
            .filter(|line| line["http.route"] == route)
            .collect::<Vec<_>>()
    };
    let created = of("/notes");
    assert_eq!(created.len(), 2, "{log}");
    assert_eq!(created[0]["message"], "a note was taken");
    for line in created.iter().chain(&of("/notes/{id}")) {
        assert_eq!(line["trace_id"].as_str().unwrap().len(), 32, "{line}");
        assert_eq!(line["span_id"].as_str().unwrap().len(), 16, "{line}");
        assert!(line["request_id"].is_string(), "{line}");
    }
    for field in ["request_id", "trace_id", "span_id"] {
        assert_eq!(created[0][field], created[1][field]);
    }
    let missing = of("/notes/{id}");
    assert_eq!(missing.len(), 1, "{log}");
    assert!(!log.contains("livez"), "probes are not logged: {log}");
}

#[test]
fn a_slow_statement_is_logged_with_the_trace_of_its_request_and_without_its_parameters() {
    let service = Service::new("notes").env("ATLAS_DATABASE__SLOW_STATEMENT", "0s");
    let (running, _, address) = serve(&service);
    let asked = "GET /notes/4711 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    assert!(ask(&address, asked).starts_with("HTTP/1.1 404"));
    running.signal("TERM");
    let (code, log) = running.end();
    assert_eq!(code, 0);
    let lines: Vec<Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .filter(|line: &Value| line["http.route"] == "/notes/{id}")
        .collect();
    let (slow, access) = (&lines[0], &lines[1]);
    assert_eq!(lines.len(), 2, "{log}");
    assert_eq!(slow["message"], "slow statement");
    assert_eq!(slow["level"], "WARN");
    assert_eq!(slow["db.system.name"], "sqlite");
    assert_eq!(slow["db.operation.name"], "SELECT");
    assert_eq!(slow["db.collection.name"], "notes");
    let text = slow["db.query.text"].as_str().unwrap();
    assert!(text.contains("WHERE \"notes\".\"id\" = ?"), "{text}");
    assert!(!slow.to_string().contains("4711"), "{slow}");
    for id in ["trace_id", "span_id", "request_id"] {
        assert!(slow[id].is_string() && slow[id] == access[id], "{slow}");
    }
}

#[test]
fn metrics_are_exactly_those_that_are_documented() {
    let service = Service::new("notes");
    let (running, _, address) = serve(&service);
    let close = "HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    ask(&address, &format!("GET /notes/7 {close}"));
    let text = ask(&address, &format!("GET /metrics {close}"));
    running.signal("TERM");
    assert_eq!(running.end().0, 0);

    // an exposed family: name, type and help
    let emitted: BTreeSet<_> = text
        .lines()
        .filter_map(|line| line.strip_prefix("# HELP "))
        .map(str::to_owned)
        .collect();
    // this service has no jobs: those of a worker are held against the list by a test of theirs
    let jobs: BTreeSet<_> = names::jobs::METRICS.iter().map(|it| it.name).collect();
    let documented: BTreeSet<_> = names::METRICS
        .iter()
        .filter(|metric| !jobs.contains(metric.name))
        .map(|metric| format!("{} {}", metric.exposed(), metric.help))
        .collect();
    assert_eq!(emitted, documented);

    for line in text
        .lines()
        .filter(|line| !line.starts_with('#') && line.contains('{'))
    {
        let (name, rest) = line.split_once('{').unwrap();
        let family = ["_bucket", "_sum", "_count"]
            .iter()
            .find_map(|end| name.strip_suffix(end));
        let found = names::METRICS.iter().find(|it| {
            let exposed = it.exposed();
            exposed == name || Some(exposed.as_str()) == family && it.kind == names::Kind::Histogram
        });
        let metric = found.unwrap_or_else(|| panic!("{line}"));
        let (labels, _) = rest.rsplit_once('}').unwrap();
        for label in labels
            .split("\",")
            .filter_map(|pair| pair.split_once("=\""))
        {
            assert!(
                label.0 == "le" || metric.labels.contains(&label.0),
                "{line}"
            );
        }
    }
}
