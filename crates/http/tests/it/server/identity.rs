//! Who asks, which request it is, and what is logged of it.

use atlas_http::HttpConfig;
use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;

use super::app::{Server, Setup};
use super::client::{Response, head};
use super::journal;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

fn server(change: impl FnOnce(&mut HttpConfig)) -> Server {
    journal::install();
    let router = Router::new()
        .route("/items/{id}", get(item))
        .route("/hang", get(std::future::pending::<()>))
        .route("/bad", get(|| async { StatusCode::UNAUTHORIZED }))
        .route("/broken", get(|| async { StatusCode::BAD_GATEWAY }));
    Setup::new(router).config(change).start()
}

/// Answers after it has waited and logged.
async fn item() -> &'static str {
    tokio::task::yield_now().await;
    tracing::info!(target: "atlas::http::handler", "a handler speaks");
    "hello"
}

fn trusting(config: &mut HttpConfig) {
    config.trusted_proxies = vec!["127.0.0.1".to_owned()];
}

fn id(response: &Response) -> String {
    response.header("x-request-id").unwrap().to_owned()
}

/// A small generator, so that a failure can be had again.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    /// Bytes that may stand in a header.
    fn value(&mut self) -> String {
        let length = self.below(200);
        (0..length)
            .map(|_| char::from(b' ' + self.below(95) as u8))
            .collect::<String>()
            .trim()
            .to_owned()
    }
}

fn is_uuid_v7(id: &str) -> bool {
    let groups: Vec<&str> = id.split('-').collect();
    let lengths: Vec<usize> = groups.iter().map(|it| it.len()).collect();
    lengths == [8, 4, 4, 4, 12] && groups[2].starts_with('7')
}

#[test]
fn a_request_gets_an_identifier_of_its_own_from_a_stranger() {
    let server = server(|_| {});
    let mut client = server.connect();
    let first = id(&client.request("GET", "/items/1", &[("X-Request-Id", "mine")]));
    let second = id(&client.get("/items/1"));
    assert!(is_uuid_v7(&first), "{first}");
    assert_ne!(first, second);
    // what comes first of it is the time in milliseconds
    assert!(
        first[..13] <= second[..13],
        "{first} comes before {second} in time"
    );
}

#[test]
fn a_trusted_peer_names_the_request_if_the_name_can_do_no_harm() {
    let server = server(trusting);
    let mut client = server.connect();
    let answer = client.request("GET", "/items/1", &[("X-Request-Id", "from-proxy_1.2")]);
    assert_eq!(id(&answer), "from-proxy_1.2");
    let mut random = Random(42);
    for _ in 0..300 {
        let sent = random.value();
        let got = id(&client.request("GET", "/items/1", &[("X-Request-Id", &sent)]));
        let sound = sent
            .bytes()
            .all(|it| it.is_ascii_alphanumeric() || b"-_.~:/+=@,".contains(&it));
        assert!(
            is_uuid_v7(&got) || (got == sent && sound),
            "{sent:?} became {got:?}"
        );
    }
}

#[test]
fn the_access_line_says_everything_about_a_request_but_its_query() {
    let server = server(|_| {});
    let answer = server.connect().get("/items/7?token=secret");
    let line = journal::access_line(&id(&answer));
    let mut fields: Vec<&str> = line.0.keys().map(String::as_str).collect();
    fields.sort_unstable();
    assert_eq!(
        fields,
        [
            "client.address",
            "duration_ms",
            "http.request.body.size",
            "http.request.method",
            "http.response.body.size",
            "http.response.status_code",
            "http.route",
            "level",
            "message",
            "request_id",
            "target",
            "trace_id",
            "url.path",
        ]
    );
    assert_eq!(line.get("http.request.method"), Some("GET"));
    assert_eq!(line.get("url.path"), Some("/items/7"));
    assert_eq!(line.get("http.route"), Some("/items/{id}"));
    assert_eq!(line.get("http.response.status_code"), Some("200"));
    assert_eq!(line.get("http.response.body.size"), Some("5"));
    assert_eq!(line.get("client.address"), Some("127.0.0.1"));
    assert!(!format!("{line:?}").contains("secret"));
}

#[test]
fn the_level_follows_the_status_and_the_code_of_an_error_is_there() {
    let server = server(|_| {});
    let mut client = server.connect();
    for (path, level, code) in [
        ("/items/1", "INFO", None),
        ("/bad", "WARN", None),
        ("/nowhere", "WARN", Some("route_not_found")),
        ("/broken", "ERROR", None),
    ] {
        let line = journal::access_line(&id(&client.get(path)));
        assert_eq!(line.get("level"), Some(level), "{path}");
        assert_eq!(line.get("error.code"), code, "{path}");
    }
}

#[test]
fn what_was_not_http_has_its_line_too() {
    let server = server(|_| {});
    let mut client = server.connect();
    client.send("nonsense\r\n\r\n");
    let line = journal::access_line(&id(&client.response("GET")));
    assert_eq!(line.get("http.response.status_code"), Some("400"));
    assert_eq!(line.get("http.request.method"), Some("_OTHER"));
    assert_eq!(line.get("error.code"), Some("malformed"));
}

#[test]
fn probes_are_not_logged() {
    let server = server(|_| {});
    let mut client = server.connect();
    let probes: Vec<String> = ["/livez", "/readyz", "/startupz", "/metrics"]
        .iter()
        .map(|path| id(&client.get(path)))
        .collect();
    // a line that comes later is there, so those before it would be
    journal::access_line(&id(&client.get("/items/1")));
    for probe in probes {
        assert!(journal::lines_with("request_id", &probe).is_empty());
    }
}

#[test]
fn a_switched_off_access_log_is_silent() {
    let silent = server(|config| config.access_log = false);
    let quiet = id(&silent.connect().get("/items/1"));
    let loud = server(|_| {});
    journal::access_line(&id(&loud.connect().get("/items/1")));
    let lines = journal::lines_with("request_id", &quiet);
    let targets: Vec<_> = lines.iter().map(|it| it.get("target")).collect();
    assert_eq!(targets, [Some("atlas::http::handler")]);
}

#[test]
fn what_a_handler_logs_belongs_to_its_request() {
    let server = server(|_| {});
    let mut clients: Vec<_> = (0..20).map(|_| server.connect()).collect();
    for client in &mut clients {
        client.send(head("GET", "/items/1", &[]));
    }
    for client in &mut clients {
        let id = id(&client.response("GET"));
        let lines = journal::lines_with("request_id", &id);
        let spoken = lines
            .iter()
            .find(|it| it.get("target") == Some("atlas::http::handler"));
        let spoken = spoken.expect("the handler logs before it answers");
        assert_eq!(spoken.get("http.route"), Some("/items/{id}"));
        assert_eq!(
            spoken.get("trace_id"),
            journal::access_line(&id).get("trace_id")
        );
    }
}

#[test]
fn a_client_that_leaves_has_its_line_too() {
    let server = server(trusting);
    let mut client = server.connect();
    client.send(head("GET", "/hang", &[("X-Request-Id", "gone-away")]));
    server.wait_for_metric(
        r#"http_server_active_requests{http_request_method="GET",url_scheme="http"} 2"#,
    );
    drop(client);
    let line = journal::access_line("gone-away");
    assert_eq!(line.get("http.response.status_code"), Some("499"));
    assert_eq!(line.get("level"), Some("WARN"));
    assert_eq!(line.get("error.code"), Some("client_disconnected"));
    assert_eq!(line.get("http.route"), Some("/hang"));
}

#[test]
fn whatever_a_trusted_proxy_passes_on_the_server_finds_an_address() {
    let server = server(trusting);
    let mut client = server.connect();
    let mut random = Random(11);
    let parts = [
        "203.0.113.9",
        "2001:db8::1",
        "[2001:db8::2]:80",
        "127.0.0.1",
        "unknown",
        "",
        "999.9.9.9",
        "\"",
        ";",
    ];
    for _ in 0..200 {
        let list: Vec<&str> = (0..random.below(6))
            .map(|_| parts[random.below(parts.len())])
            .collect();
        let list = list.join(",");
        let answer = client.request("GET", "/items/1", &[("X-Forwarded-For", &list)]);
        assert_eq!(answer.status, 200, "{list}");
        let line = journal::access_line(&id(&answer));
        let address = line.get("client.address").unwrap();
        assert!(
            address == "127.0.0.1" || list.contains(address),
            "{address} from {list}"
        );
        assert!(
            address.parse::<std::net::IpAddr>().is_ok(),
            "{address} from {list}"
        );
    }
}

#[test]
fn a_trace_is_continued_only_for_those_who_are_trusted() {
    use atlas_http::server::TraceTrust;

    let continued = |change: fn(&mut HttpConfig), headers: &[(&str, &str)]| {
        let server = server(change);
        let answer = server.connect().request("GET", "/items/1", headers);
        let line = journal::access_line(&id(&answer));
        line.get("trace_id") == Some(TRACE)
    };
    let one = [("traceparent", PARENT)];
    assert!(!continued(|_| {}, &one));
    assert!(continued(trusting, &one));
    assert!(continued(
        |config| config.trust_trace = TraceTrust::Always,
        &one
    ));
    let never: fn(&mut HttpConfig) = |config| {
        trusting(config);
        config.trust_trace = TraceTrust::Never;
    };
    assert!(!continued(never, &one));
    let other = PARENT.replace("4bf9", "5bf9");
    assert!(!continued(
        trusting,
        &[("traceparent", PARENT), ("traceparent", &other)]
    ));
    assert!(!continued(trusting, &[("traceparent", &PARENT[1..])]));
}

#[test]
fn the_client_behind_a_trusted_proxy_is_logged() {
    let server = server(trusting);
    let headers = [("X-Forwarded-For", "198.51.100.1, 203.0.113.9, 127.0.0.1")];
    let answer = server.connect().request("GET", "/items/1", &headers);
    let line = journal::access_line(&id(&answer));
    assert_eq!(line.get("client.address"), Some("203.0.113.9"));
}

#[test]
fn no_header_of_a_stranger_changes_who_he_is() {
    let server = server(|_| {});
    let mut client = server.connect();
    let mut random = Random(7);
    let names = [
        "Forwarded",
        "X-Forwarded-For",
        "X-Forwarded-Proto",
        "X-Forwarded-Host",
        "X-Real-Ip",
        "X-Client-Ip",
        "Via",
        "X-Request-Id",
        "traceparent",
    ];
    for round in 0..200 {
        let mut headers = Vec::new();
        for _ in 0..random.below(6) {
            let name = names[random.below(names.len())];
            let value = match random.below(4) {
                0 => random.value(),
                1 => "203.0.113.9, 127.0.0.1".to_owned(),
                2 => "for=203.0.113.9;proto=https".to_owned(),
                _ => PARENT.to_owned(),
            };
            headers.push((name, value));
        }
        let sent: Vec<(&str, &str)> = headers
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let answer = client.request("GET", "/items/1", &sent);
        assert_eq!(answer.status, 200, "{headers:?}");
        assert!(
            answer.header("strict-transport-security").is_none(),
            "{headers:?}"
        );
        let line = journal::access_line(&id(&answer));
        assert_eq!(
            line.get("client.address"),
            Some("127.0.0.1"),
            "{round}: {headers:?}"
        );
        assert_ne!(line.get("trace_id"), Some(TRACE), "{round}: {headers:?}");
    }
}
