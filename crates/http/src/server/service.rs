//! From hyper to the router.

use std::convert::Infallible;
use std::sync::Arc;

use axum::http::{Request, Response};
use hyper::body::Incoming;

use super::connection::Connection;
use super::request::RequestFuture;
use super::response_body::ResponseBody;

/// Serves the requests of one connection.
pub(super) struct Service {
    connection: Arc<Connection>,
}

impl Service {
    pub(super) fn new(connection: Arc<Connection>) -> Self {
        Self { connection }
    }
}

impl hyper::service::Service<Request<Incoming>> for Service {
    type Response = Response<ResponseBody>;
    type Error = Infallible;
    type Future = RequestFuture;

    fn call(&self, request: Request<Incoming>) -> RequestFuture {
        RequestFuture::begin(&self.connection, request)
    }
}
