//! Names of the HTTP server.

use super::{Kind, Measure, Metric};

/// The buckets of request durations in seconds, as the semantic conventions advise.
pub const BUCKETS: &[f64] = &[
    0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0,
];

/// How long requests took.
pub const REQUEST_DURATION: Metric = Metric::new(
    "http.server.request.duration",
    "http_server_request_duration",
    Kind::Histogram,
    "Duration of HTTP server requests",
)
.unit(Measure::Seconds)
.labels(&[
    label::METHOD,
    label::ROUTE,
    label::STATUS,
    label::SCHEME,
    label::PROTOCOL_VERSION,
    label::ERROR_TYPE,
])
.buckets(BUCKETS);

/// How many requests are being served.
pub const ACTIVE_REQUESTS: Metric = Metric::new(
    "http.server.active_requests",
    "http_server_active_requests",
    Kind::Gauge,
    "Number of HTTP requests being served",
)
.labels(&[label::METHOD, label::SCHEME]);

/// The buckets of body sizes in bytes.
pub const SIZE_BUCKETS: &[f64] = &[
    64.0,
    256.0,
    1024.0,
    4096.0,
    16_384.0,
    65_536.0,
    262_144.0,
    1_048_576.0,
    4_194_304.0,
];

/// How large the bodies of requests were.
pub const REQUEST_BODY_SIZE: Metric = Metric::new(
    "http.server.request.body.size",
    "http_server_request_body_size",
    Kind::Histogram,
    "Size of HTTP request bodies as they were read",
)
.unit(Measure::Bytes)
.labels(REQUEST_DURATION.labels)
.buckets(SIZE_BUCKETS);

/// How large the bodies of responses were.
pub const RESPONSE_BODY_SIZE: Metric = Metric::new(
    "http.server.response.body.size",
    "http_server_response_body_size",
    Kind::Histogram,
    "Size of HTTP response bodies as they were sent",
)
.unit(Measure::Bytes)
.labels(REQUEST_DURATION.labels)
.buckets(SIZE_BUCKETS);

/// How many handlers panicked.
pub const PANICS: Metric = Metric::new(
    "atlas.http.server.panics",
    "atlas_http_server_panics",
    Kind::Counter,
    "Number of HTTP requests whose handler panicked",
);

/// How many connections are open.
pub const CONNECTIONS: Metric = Metric::new(
    "atlas.http.server.connections",
    "atlas_http_server_connections",
    Kind::Gauge,
    "Number of open HTTP connections",
);

/// How many connections were turned away.
pub const CONNECTIONS_REFUSED: Metric = Metric::new(
    "atlas.http.server.connections.refused",
    "atlas_http_server_connections_refused",
    Kind::Counter,
    "Number of connections turned away because too many were open",
);

/// How often a connection could not be accepted.
pub const ACCEPT_ERRORS: Metric = Metric::new(
    "atlas.http.server.accept.errors",
    "atlas_http_server_accept_errors",
    Kind::Counter,
    "Number of times that a connection could not be accepted",
);

/// The labels of HTTP metrics as Prometheus shows them.
pub mod label {
    /// `http.request.method`; a method that the standard does not know is [`OTHER`].
    pub const METHOD: &str = "http_request_method";
    /// `http.route`: the template, never the path; left out when no route matched.
    pub const ROUTE: &str = "http_route";
    /// `http.response.status_code`.
    pub const STATUS: &str = "http_response_status_code";
    /// `url.scheme`: `http` or `https`.
    pub const SCHEME: &str = "url_scheme";
    /// `network.protocol.version`: `1.0`, `1.1` or `2`.
    pub const PROTOCOL_VERSION: &str = "network_protocol_version";
    /// `error.type`: on failure, the status code or the name of the failure.
    pub const ERROR_TYPE: &str = "error_type";
    /// The value that stands for every method that the standard does not know.
    pub const OTHER: &str = "_OTHER";
}
