//! A proxy in front of a server that can stop forwarding, as a network does that drops every packet.

use std::net::SocketAddr;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream, tcp},
    sync::watch,
};

/// Forwards connections to a server until told otherwise.
pub(crate) struct Proxy {
    at: SocketAddr,
    silent: watch::Sender<bool>,
}

impl Proxy {
    /// A proxy in front of an address.
    pub(crate) async fn to(server: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        let (silent, heard) = watch::channel(false);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (server, heard) = (server.clone(), heard.clone());
                tokio::spawn(async move {
                    let Ok(server) = TcpStream::connect(server).await else {
                        return;
                    };
                    let (from_client, to_client) = client.into_split();
                    let (from_server, to_server) = server.into_split();
                    tokio::spawn(forward(from_client, to_server, heard.clone()));
                    forward(from_server, to_client, heard).await;
                });
            }
        });
        Self { at, silent }
    }

    /// The URL of the server with the proxy in between.
    pub(crate) fn url(&self, url: &str) -> String {
        let (start, rest) = url.split_once("://").unwrap();
        let (authority, path) = rest.split_once('/').unwrap();
        let user = authority.rsplit_once('@').map_or("", |(user, _)| user);
        format!("{start}://{user}@{}/{path}", self.at)
    }

    /// Forwards nothing any more, and says so to nobody.
    pub(crate) fn fall_silent(&self) {
        self.silent.send_replace(true);
    }

    /// Forwards again, what was held back included.
    pub(crate) fn speak(&self) {
        self.silent.send_replace(false);
    }
}

/// The address in a URL.
pub(crate) fn address(url: &str) -> String {
    let rest = url.split_once("://").unwrap().1;
    let authority = rest.split('/').next().unwrap();
    authority.rsplit('@').next().unwrap().to_owned()
}

async fn forward(
    mut from: tcp::OwnedReadHalf,
    mut to: tcp::OwnedWriteHalf,
    mut silent: watch::Receiver<bool>,
) {
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        if silent.wait_for(|silent| !silent).await.is_err()
            || to.write_all(&buffer[..length]).await.is_err()
        {
            return;
        }
    }
}
