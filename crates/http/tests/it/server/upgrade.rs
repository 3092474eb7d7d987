//! Another protocol on the same connection.

use std::io::{Read, Write};
use std::pin::Pin;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use hyper::rt::{Read as _, ReadBuf, Write as _};

use super::app::Setup;
use super::client::head;

/// Says hello in a protocol of its own, once it has read a byte.
async fn upgrade(request: Request) -> Response {
    tokio::spawn(async move {
        let mut connection = hyper::upgrade::on(request).await.unwrap();
        let mut byte = [0; 1];
        let mut buffer = ReadBuf::new(&mut byte);
        std::future::poll_fn(|cx| Pin::new(&mut connection).poll_read(cx, buffer.unfilled()))
            .await
            .unwrap();
        std::future::poll_fn(|cx| Pin::new(&mut connection).poll_write(cx, b"hello"))
            .await
            .unwrap();
    });
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert("connection", "upgrade".parse().unwrap());
    headers.insert("upgrade", "greeting".parse().unwrap());
    response
}

#[test]
fn a_handler_may_go_on_in_another_protocol() {
    let server = Setup::new(Router::new().route("/", get(upgrade))).start();
    let mut client = server.connect();
    client.send(head(
        "GET",
        "/",
        &[("Connection", "upgrade"), ("Upgrade", "greeting")],
    ));
    assert_eq!(client.response("GET").status, 101);
    client.stream().write_all(b"?").unwrap();
    let mut greeting = [0; 5];
    client.stream().read_exact(&mut greeting).unwrap();
    assert_eq!(&greeting, b"hello");
}
