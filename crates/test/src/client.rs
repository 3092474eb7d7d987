//! How requests reach the app.

use std::net::SocketAddr;
use std::sync::Arc;

use atlas::core::scope;
use atlas::http::axum::{self, Router};
use atlas::telemetry::context::{self, Context, RequestId};
use bytes::Bytes;
use http::header::HOST;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tower::ServiceExt;

use crate::response::Response;

/// Sends requests to an app, over a socket or straight into its routes.
#[derive(Clone, Debug)]
pub(crate) enum Client {
    Socket(SocketAddr),
    InProcess(Arc<Router>),
}

impl Client {
    /// Sends a request and reads the answer to its end; `said` is how a failed check names the request.
    pub(crate) async fn send(self, said: String, request: http::Request<Full<Bytes>>) -> Response {
        match self {
            Self::Socket(address) => over_socket(address, said, request).await,
            // each request is a unit of work, as on the server
            Self::InProcess(router) => scope::enter(in_process(&router, said, request)).await,
        }
    }
}

/// One connection a request: nothing of one request can reach the next, and none waits for another.
#[allow(clippy::panic, reason = "an app that cannot be reached fails the test")]
async fn over_socket(
    address: SocketAddr,
    said: String,
    mut request: http::Request<Full<Bytes>>,
) -> Response {
    if !request.headers().contains_key(HOST) {
        let host = http::HeaderValue::try_from(address.to_string());
        let host = host.expect("an address is a valid header value");
        request.headers_mut().insert(HOST, host);
    }
    let outcome = async {
        let stream = TcpStream::connect(address).await?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        let driver = tokio::spawn(connection);
        let (head, body) = sender.send_request(request).await?.into_parts();
        let body = body.collect().await?.to_bytes();
        drop(sender);
        // what the server says after its answer (it closes the connection) is no part of it
        let _ = driver.await;
        Ok::<_, Box<dyn std::error::Error + Send + Sync>>((head, body))
    };
    match outcome.await {
        Ok((head, body)) => Response::new(said, head.status, head.headers, body),
        Err(error) => panic!("no answer\n  request: {said}\n  at: {address}\n  because: {error}"),
    }
}

async fn in_process(
    router: &Router,
    said: String,
    request: http::Request<Full<Bytes>>,
) -> Response {
    let id = request.headers().get("x-request-id");
    let id = id.and_then(|id| RequestId::accept(id.as_bytes()));
    let context = Context::root(id.unwrap_or_else(RequestId::generate));
    let answer = router.clone().oneshot(request.map(axum::body::Body::new));
    let answer = context::scope(context, async {
        let (head, body) = answer
            .await
            .unwrap_or_else(|never| match never {})
            .into_parts();
        (head, body.collect().await)
    });
    match answer.await {
        (head, Ok(body)) => Response::new(said, head.status, head.headers, body.to_bytes()),
        (_, Err(error)) => broken(&said, &error),
    }
}

#[allow(clippy::panic, reason = "an answer that cannot be read fails the test")]
fn broken(said: &str, error: &dyn std::fmt::Display) -> ! {
    panic!("the answer broke off\n  request: {said}\n  because: {error}")
}
