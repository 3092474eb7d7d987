//! A request that a test is about to send.

use std::future::{Future, IntoFuture};
use std::pin::Pin;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, header};
use http_body_util::Full;
use serde::Serialize;

use crate::client::Client;
use crate::response::Response;

/// A request; awaiting it sends it.
#[must_use = "a request is sent when it is awaited"]
#[derive(Debug)]
pub struct Request {
    client: Client,
    method: Method,
    path: String,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Bytes,
}

impl Request {
    pub(crate) fn new(client: Client, method: Method, path: &str) -> Self {
        Self {
            client,
            method,
            path: path.to_owned(),
            headers: Vec::new(),
            body: Bytes::new(),
        }
    }

    /// Adds a header.
    ///
    /// # Panics
    /// When name or value may not stand in a header.
    #[track_caller]
    pub fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        let name = HeaderName::try_from(name).expect("a test gives a valid header name");
        let value =
            HeaderValue::from_bytes(value.as_ref()).expect("a test gives a valid header value");
        self.headers.push((name, value));
        self
    }

    /// Adds parameters to the query, percent-encoded.
    pub fn query<K: AsRef<str>, V: ToString>(
        mut self,
        parameters: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        for (key, value) in parameters {
            let mark = if self.path.contains('?') { '&' } else { '?' };
            self.path.push(mark);
            encode(&mut self.path, key.as_ref());
            self.path.push('=');
            encode(&mut self.path, &value.to_string());
        }
        self
    }

    /// Sends `body` as JSON.
    ///
    /// # Panics
    /// When the value cannot be written as JSON.
    #[track_caller]
    pub fn json(self, body: impl Serialize) -> Self {
        let body = serde_json::to_vec(&body).expect("a test sends what JSON can hold");
        self.header(header::CONTENT_TYPE.as_str(), "application/json")
            .body(body)
    }

    /// Sends `body` as it is; its media type is up to [`Request::header`].
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    async fn send(self) -> Response {
        let said = format!("{} {}", self.method, self.path);
        let mut request = http::Request::builder()
            .method(self.method)
            .uri(&self.path)
            .body(Full::new(self.body))
            .expect("a test asks for a valid path");
        for (name, value) in self.headers {
            request.headers_mut().append(name, value);
        }
        self.client.send(said, request).await
    }
}

impl IntoFuture for Request {
    type Output = Response;
    type IntoFuture = Pin<Box<dyn Future<Output = Response> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

/// Percent-encodes all but the unreserved characters of RFC 3986.
fn encode(out: &mut String, text: &str) {
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(char::from(byte));
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
}
