//! The section `http` of the configuration.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration as StdDuration;

use atlas_config::{ByteSize, Duration, Problems, Profile, Secret, Section};
use atlas_core::Component;
use axum::http::{HeaderName, Method};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::server::{
    Cors, ForwardedHeader, Limits, Network, Rules, TraceTrust, Trust, fault_of_origin,
};

/// How the HTTP server listens, what it allows its clients and how it ends: the section `http`.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct HttpConfig {
    /// The address to listen on: `127.0.0.1` for this machine only, `0.0.0.0` or `::` for every network.
    pub host: IpAddr,
    /// The port to listen on; 0 lets the system choose a free one.
    pub port: u16,
    /// The most connections that are open at the same time; one more is answered with 503 and closed.
    #[schemars(range(min = 1))]
    pub max_connections: u32,
    /// How long a client may take to send the head of a request, the first one counted from connecting; then 408.
    pub header_timeout: Duration,
    /// The most bytes of a request's head (request line and headers); more is answered with 431.
    pub max_header_bytes: ByteSize,
    /// The most headers of a request; more are answered with 431.
    #[schemars(range(min = 1, max = 1000))]
    pub max_headers: u16,
    /// The longest path and query; a longer one is answered with 414.
    pub max_uri_bytes: ByteSize,
    /// The largest body of a request; a larger one is answered with 413.
    pub max_body_bytes: ByteSize,
    /// How long the whole body of a request may take to arrive, counted from its head; then 408.
    pub body_timeout: Duration,
    /// How long a handler may take to answer, counted from the head of the request; then it is dropped and 503 is sent.
    pub handler_timeout: Duration,
    /// How long a client may take none, or next to nothing, of an answer before the connection is closed.
    pub write_timeout: Duration,
    /// How long a connection may stay open between two requests.
    pub idle_timeout: Duration,
    /// How long everything is still served after SIGTERM, while `/readyz` already says no: the time that load balancers
    /// need to notice. Ctrl-C does not wait.
    pub drain_delay: Duration,
    /// How long requests in flight may take after that; then they are ended with 503. Together with `drain_delay` it must
    /// leave the rest of the app some of the 28 s that it has to stop, unless `App::stop_timeout` says otherwise.
    pub grace: Duration,
    /// The proxies in front of this service, as addresses or ranges such as `10.0.0.0/8`. What they say about the client
    /// (address, scheme, `X-Request-Id`) is believed; nobody else is.
    pub trusted_proxies: Vec<String>,
    /// The header in which the trusted proxies name the client. Only this one is read.
    pub forwarded_header: ForwardedHeader,
    /// Whose `traceparent` is continued; all other requests begin a trace of their own.
    pub trust_trace: TraceTrust,
    /// What the cursors of lists are sealed with, so that nobody can make or alter one: the same for all instances of the
    /// service, at least 16 bytes. Without it a key that everybody knows is used, which production warns of.
    pub cursor_secret: Option<Secret<String>>,
    /// Whether each request is logged when it is over, at target `atlas::http::access`.
    pub access_log: bool,
    /// Whether `/metrics` is served.
    pub metrics: bool,
    /// Whether `/openapi.json` and the pages at `/docs` are served.
    pub docs: bool,
    /// Which pages of other origins may use the API.
    pub cors: CorsConfig,
}

/// Which pages of other origins may use the API: none while `origins` is empty.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct CorsConfig {
    /// The origins as browsers send them, such as `https://app.example.com`; compared byte by byte. `*` is any origin.
    pub origins: Vec<String>,
    /// The methods that pages may use.
    pub methods: Vec<String>,
    /// The request headers that pages may set.
    pub headers: Vec<String>,
    /// The response headers that pages may read.
    pub expose: Vec<String>,
    /// Whether pages may send cookies and other credentials.
    pub credentials: bool,
    /// How long browsers may remember the answer to a preflight.
    pub max_age: Duration,
}

impl Component for HttpConfig {}

impl Section for HttpConfig {
    const NAME: &'static str = "http";

    fn defaults(profile: Profile) -> Option<Self> {
        let production = profile.is_production();
        let host = if production {
            Ipv4Addr::UNSPECIFIED
        } else {
            Ipv4Addr::LOCALHOST
        };
        Some(Self {
            host: host.into(),
            port: 8080,
            max_connections: 10_000,
            header_timeout: Duration::from_secs(10),
            max_header_bytes: ByteSize::from_kib(16),
            max_headers: 100,
            max_uri_bytes: ByteSize::from_kib(8),
            max_body_bytes: ByteSize::from_mib(2),
            body_timeout: Duration::from_secs(30),
            handler_timeout: Duration::from_secs(30),
            write_timeout: Duration::from_secs(30),
            idle_timeout: Duration::from_secs(75),
            drain_delay: Duration::from_secs(if production { 5 } else { 0 }),
            grace: Duration::from_secs(20),
            trusted_proxies: Vec::new(),
            forwarded_header: ForwardedHeader::default(),
            trust_trace: TraceTrust::default(),
            cursor_secret: None,
            access_log: true,
            metrics: true,
            docs: !production,
            cors: CorsConfig::default(),
        })
    }

    fn check(&self, problems: &mut Problems) {
        for proxy in &self.trusted_proxies {
            if let Err(fault) = proxy.parse::<Network>() {
                problems.add(
                    "trusted_proxies",
                    format!("cannot be read: {fault}"),
                    "list addresses or ranges: `[\"10.0.0.0/8\", \"192.0.2.7\"]`",
                );
            }
        }
        if self
            .cursor_secret
            .as_ref()
            .is_some_and(|secret| secret.expose().len() < 16)
        {
            problems.add(
                "cursor_secret",
                "is too short to keep anything",
                "make one of at least 16 bytes: `openssl rand -base64 32`",
            );
        }
        for origin in &self.cors.origins {
            if let Some(fault) = fault_of_origin(origin, self.cors.credentials) {
                problems.add(
                    "cors.origins",
                    format!("cannot be allowed: {fault}"),
                    "name each origin as the browser shows it: `[\"https://app.example.com\"]`",
                );
            }
        }
        for method in &self.cors.methods {
            let known = Method::from_bytes(method.as_bytes());
            if known.is_err() || method.bytes().any(|byte| byte.is_ascii_lowercase()) {
                problems.add(
                    "cors.methods",
                    format!("holds `{method}`, which no browser asks for"),
                    "methods are in upper case: `[\"GET\", \"POST\"]`",
                );
            }
        }
        for (key, names) in [
            ("cors.headers", &self.cors.headers),
            ("cors.expose", &self.cors.expose),
        ] {
            for name in names
                .iter()
                .filter(|name| name.parse::<HeaderName>().is_err())
            {
                problems.add(
                    key,
                    format!("holds `{name}`, which is not the name of a header"),
                    "name headers without their values: `[\"content-type\"]`",
                );
            }
        }
        for (key, timeout) in [
            ("header_timeout", self.header_timeout),
            ("body_timeout", self.body_timeout),
            ("handler_timeout", self.handler_timeout),
            ("write_timeout", self.write_timeout),
            ("idle_timeout", self.idle_timeout),
        ] {
            if timeout.is_zero() {
                problems.add(
                    key,
                    "leaves no time at all",
                    "give it at least `1ms`; a very long time is `1d`",
                );
            }
        }
    }
}

impl Default for HttpConfig {
    /// What holds in the profile `test`.
    fn default() -> Self {
        Self::defaults(Profile::Test).expect("`defaults` has values for every profile")
    }
}

impl Default for CorsConfig {
    fn default() -> Self {
        let list = |items: &[&str]| items.iter().map(ToString::to_string).collect();
        Self {
            origins: Vec::new(),
            methods: list(&["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]),
            headers: list(&[
                "accept",
                "authorization",
                "content-type",
                "if-match",
                "if-none-match",
            ]),
            expose: list(&["etag", "link", "location", "retry-after", "x-request-id"]),
            credentials: false,
            max_age: Duration::from_secs(600),
        }
    }
}

impl HttpConfig {
    pub(crate) fn limits(&self) -> Limits {
        Limits {
            connections: self.max_connections as usize,
            head: self.header_timeout.get(),
            head_bytes: self.max_header_bytes.as_usize(),
            header_count: usize::from(self.max_headers),
            uri_bytes: self.max_uri_bytes.as_usize(),
            body_bytes: self.max_body_bytes.bytes(),
            body_time: self.body_timeout.get(),
            handler: self.handler_timeout.get(),
            idle: self.idle_timeout.get(),
            write: self.write_timeout.get(),
        }
    }

    pub(crate) fn trust(&self) -> Trust {
        Trust {
            // what cannot be read was refused by `check`
            proxies: self
                .trusted_proxies
                .iter()
                .filter_map(|it| it.parse().ok())
                .collect(),
            header: self.forwarded_header,
            trace: self.trust_trace,
        }
    }

    pub(crate) fn cors(&self) -> Option<Cors> {
        let cors = &self.cors;
        (!cors.origins.is_empty()).then(|| {
            Cors::new(&Rules {
                origins: &cors.origins,
                methods: &cors.methods,
                headers: &cors.headers,
                exposed: &cors.expose,
                credentials: cors.credentials,
                max_age: cors.max_age.get(),
            })
        })
    }

    /// The longest that the server may take to end.
    pub(crate) fn time_to_end(&self) -> StdDuration {
        self.drain_delay.get() + self.grace.get() + StdDuration::from_secs(4)
    }
}
