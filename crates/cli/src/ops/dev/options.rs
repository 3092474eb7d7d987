//! What `atlas dev` can be told.

use std::ffi::OsString;

/// How to develop; the default is to serve on the configured address and to watch.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Port to listen on instead of the configured one; 0 lets the system choose.
    pub port: Option<u16>,
    /// Configuration profile; the service's default is `development`.
    pub profile: Option<String>,
    /// Open the service in a browser once the socket is there.
    pub open: bool,
    /// Read keys from the terminal.
    pub keys: bool,
    /// Arguments for the service's binary.
    pub arguments: Vec<OsString>,
}
