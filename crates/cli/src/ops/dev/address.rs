//! Where the service listens, as far as that can be told without running it.

use std::{
    net::{TcpListener, ToSocketAddrs},
    path::Path,
};

use crate::{Error, Exit, Result};

/// A host and a port to listen on, and who says so.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Address {
    /// A name or an address, without brackets; default `127.0.0.1`.
    pub host: String,
    /// The port; default 8080. 0 lets the system choose.
    pub port: u16,
    /// Where the port is set: a file, a variable, a flag, or `default`.
    pub origin: String,
}

impl Address {
    /// The configured address of the service at `root`: `http.host` and `http.port` from the environment, `.env`,
    /// `config/<profile>.toml` and `config/default.toml`, in this order.
    ///
    /// What cannot be read is passed over: the service itself, which reads the same, says what is wrong with it.
    #[must_use]
    pub fn configured(root: &Path, profile: Option<&str>) -> Self {
        let dotenv = dotenv(&root.join(".env"));
        let variable = |name: &str| {
            let from_environment = std::env::var(name)
                .ok()
                .map(|value| (value, name.to_owned()));
            let from_file = || dotenv.iter().rev().find(|(key, _)| key == name);
            from_environment.or_else(|| {
                from_file().map(|(_, value)| (value.clone(), format!("{name} in .env")))
            })
        };
        let profile = profile
            .map(ToOwned::to_owned)
            .or_else(|| variable("ATLAS_PROFILE").map(|(value, _)| value))
            .unwrap_or_else(|| "development".to_owned());
        let files = [
            format!("config/{profile}.toml"),
            "config/default.toml".to_owned(),
        ]
        .map(|name| {
            let table = std::fs::read_to_string(root.join(&name))
                .ok()
                .and_then(|text| text.parse::<toml::Table>().ok());
            (name, table.unwrap_or_default())
        });
        let setting = |key: &str| {
            let value = files
                .iter()
                .find_map(|(name, table)| Some((table.get("http")?.get(key)?, name)))?;
            let text = value
                .0
                .as_str()
                .map(ToOwned::to_owned)
                .or_else(|| Some(value.0.as_integer()?.to_string()))?;
            Some((text, value.1.clone()))
        };
        let host = variable("ATLAS_HTTP__HOST")
            .or_else(|| setting("host"))
            .map(|(host, _)| host);
        let (port, origin) = variable("ATLAS_HTTP__PORT")
            .or_else(|| setting("port"))
            .and_then(|(port, origin)| Some((port.trim().parse().ok()?, origin)))
            .unwrap_or_else(|| (8080, "default".to_owned()));
        Self {
            host: host.unwrap_or_else(|| "127.0.0.1".to_owned()),
            port,
            origin,
        }
    }

    /// Listens here, with a backlog that holds what arrives during a build.
    ///
    /// # Errors
    /// A201 when the port is taken, with one that is free; otherwise why the host cannot be listened on.
    pub fn listen(&self) -> Result<TcpListener> {
        let listener = TcpListener::bind((self.host.as_str(), self.port))
            .map_err(|error| self.cannot_listen(error))?;
        // A second `listen` only changes the length of the queue; the first one's is 128.
        rustix::net::listen(&listener, 4096).map_err(|error| self.cannot_listen(error.into()))?;
        Ok(listener)
    }

    /// The address for a browser on this machine: wildcards are not addresses to go to.
    #[must_use]
    pub fn url(&self) -> String {
        let host = match self.host.as_str() {
            "0.0.0.0" | "::" | "" => "localhost".to_owned(),
            host if host.contains(':') => format!("[{host}]"),
            host => host.to_owned(),
        };
        format!("http://{host}:{}", self.port)
    }

    fn cannot_listen(&self, error: std::io::Error) -> Error {
        use std::io::ErrorKind::{AddrInUse, AddrNotAvailable, PermissionDenied};
        let kind = error.kind();
        let told = |message: String| {
            Error::new(message)
                .exit(Exit::Unavailable)
                .place(&self.origin)
        };
        match kind {
            AddrInUse => {
                let told = told(format!("port {} on `{}` is in use", self.port, self.host)).code("A201").source(error);
                match self.free_port() {
                    Some(free) => told.help(format!("stop the process that uses it, or take a free port: `atlas dev --port {free}`")),
                    None => told.help("stop the process that uses it, or take another port: `atlas dev --port PORT`"),
                }
            }
            PermissionDenied => told(format!("port {} needs a privilege that this user does not have", self.port))
                .source(error)
                .help("take a port from 1024 on: `atlas dev --port 8080`"),
            AddrNotAvailable => told(format!("`{}` is no address of this machine", self.host))
                .source(error)
                .help("set `http.host` to `127.0.0.1` (this machine only) or `0.0.0.0` (all networks)"),
            _ => told(format!("cannot listen on `{}`, port {}", self.host, self.port))
                .source(error)
                .help("check `http.host` in `config/`"),
        }
    }

    /// The next port that is free now.
    fn free_port(&self) -> Option<u16> {
        (self.port..=u16::MAX)
            .skip(1)
            .take(100)
            .find(|port| is_free(&self.host, *port))
    }
}

/// Whether somebody could listen there now.
#[must_use]
pub fn is_free(host: &str, port: u16) -> bool {
    (host, port)
        .to_socket_addrs()
        .is_ok_and(|addresses| TcpListener::bind(addresses.collect::<Vec<_>>().as_slice()).is_ok())
}

/// The variables of a `.env` file: `NAME=value`, `export` before and quotes around are allowed.
fn dotenv(path: &Path) -> Vec<(String, String)> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let lines = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.starts_with('#'));
    lines
        .filter_map(|line| line.trim_start_matches("export ").split_once('='))
        .map(|(name, value)| {
            let value = value.trim();
            let unquoted = ['"', '\'']
                .iter()
                .find_map(|quote| value.strip_prefix(*quote)?.strip_suffix(*quote));
            let value =
                unquoted.unwrap_or_else(|| value.split(" #").next().unwrap_or(value).trim_end());
            (name.trim().to_owned(), value.to_owned())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn project(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("config")).unwrap();
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        folder
    }

    #[test]
    fn the_profile_wins_over_the_default_file_and_dotenv_over_both() {
        let files = [
            (
                "config/default.toml",
                "[http]\nport = 1111\nhost = \"0.0.0.0\"",
            ),
            ("config/development.toml", "[http]\nport = 2222"),
            ("config/test.toml", "[http]\nport = 3333"),
        ];
        let folder = project(&files);
        let address = Address::configured(folder.path(), None);
        assert_eq!(
            (address.port, address.host.as_str(), address.origin.as_str()),
            (2222, "0.0.0.0", "config/development.toml")
        );
        assert_eq!(Address::configured(folder.path(), Some("test")).port, 3333);
        assert_eq!(
            Address::configured(folder.path(), Some("production")).port,
            1111
        );
        std::fs::write(
            folder.path().join(".env"),
            "# comment\nexport ATLAS_HTTP__PORT=\"4444\"\n",
        )
        .unwrap();
        assert_eq!(Address::configured(folder.path(), None).port, 4444);
    }

    #[test]
    fn nothing_configured_is_port_8080_on_this_machine() {
        let address = Address::configured(project(&[]).path(), None);
        assert_eq!(
            (address.url().as_str(), address.origin.as_str()),
            ("http://127.0.0.1:8080", "default")
        );
    }

    #[test]
    fn a_port_in_use_is_a201_with_one_that_is_free() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = taken.local_addr().unwrap().port();
        let address = Address {
            host: "127.0.0.1".into(),
            port,
            origin: "config/default.toml".into(),
        };
        let error = address.listen().unwrap_err();
        assert_eq!(error.exit_status(), Exit::Unavailable);
        let text = error.to_string();
        assert!(
            text.starts_with(&format!(
                "error[A201]: port {port} on `127.0.0.1` is in use\n  --> config/default.toml\n"
            )),
            "{text}"
        );
        let free = text
            .rsplit("--port ")
            .next()
            .and_then(|rest| rest.trim_end_matches('`').parse().ok())
            .unwrap();
        assert!(is_free("127.0.0.1", free));
    }
}
