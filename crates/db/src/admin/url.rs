//! The parts of a server's URL.

/// `postgres://user:password@host:port/database?parameters`, taken apart.
#[derive(Clone)]
pub(crate) struct ServerUrl {
    pub(super) scheme: String,
    pub(super) user: Option<String>,
    pub(super) password: Option<String>,
    pub(super) host: Option<String>,
    pub(super) port: Option<String>,
    pub(crate) database: String,
    pub(super) parameters: Vec<(String, String)>,
    /// All before the database, as it was written.
    front: String,
    /// The parameters as they were written.
    back: String,
}

impl ServerUrl {
    /// Takes a URL apart. Whether its parts make sense is the driver's to say.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let (front, back) = match text.split_once('?') {
            Some((front, back)) => (front, format!("?{back}")),
            None => (text, String::new()),
        };
        let (scheme, rest) = front.split_once("://").ok_or("it has no host")?;
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        if path.is_empty() {
            return Err("it names no database: it ends with `/<name>`".into());
        }
        let (credentials, address) = match authority.rsplit_once('@') {
            Some((credentials, address)) => (Some(credentials), address),
            None => (None, authority),
        };
        let (user, password) = match credentials.map(|it| it.split_once(':').unwrap_or((it, ""))) {
            Some((user, password)) => (some(user), some(password)),
            None => (None, None),
        };
        // the colons of an IPv6 address are inside of brackets
        let (host, port) = match address.rsplit_once(':') {
            Some((host, port)) if !port.contains(']') => (host, some(port)),
            _ => (address, None),
        };
        let parameters = back
            .trim_start_matches('?')
            .split('&')
            .filter(|it| !it.is_empty());
        let parameters = parameters
            .map(|it| it.split_once('=').unwrap_or((it, "")))
            .map(|(key, value)| (key.to_owned(), decoded(value)))
            .collect();
        Ok(Self {
            scheme: scheme.to_owned(),
            user,
            password,
            host: some(host.trim_matches(['[', ']'])),
            port,
            database: decoded(path),
            parameters,
            front: format!("{scheme}://{authority}/"),
            back,
        })
    }

    /// The URL of another database on the same server.
    pub(crate) fn of(&self, database: &str) -> String {
        format!("{}{}{}", self.front, encoded(database), self.back)
    }

    pub(crate) fn is_postgres(&self) -> bool {
        self.scheme.starts_with("postgres")
    }

    /// Host and database, for words.
    pub(super) fn place(&self) -> String {
        let host = self.host.as_deref().unwrap_or("localhost");
        match &self.port {
            Some(port) => format!("{host}:{port}/{}", self.database),
            None => format!("{host}/{}", self.database),
        }
    }

    /// The value of the first of these parameters that is there.
    pub(super) fn parameter(&self, names: &[&str]) -> Option<&str> {
        let found = |(key, _): &&(String, String)| names.contains(&key.as_str());
        self.parameters
            .iter()
            .find(found)
            .map(|(_, value)| value.as_str())
    }
}

impl std::fmt::Debug for ServerUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("ServerUrl").field(&self.place()).finish()
    }
}

fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| decoded(text))
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let hex = after.get(..2).and_then(|it| std::str::from_utf8(it).ok());
        let byte = hex.and_then(|it| u8::from_str_radix(it, 16).ok());
        match byte {
            Some(byte) if first == b'%' => {
                bytes.push(byte);
                rest = &after[2..];
            }
            _ => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn encoded(text: &str) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(byte);
    text.bytes()
        .map(|byte| match plain(&byte) {
            true => char::from(byte).to_string(),
            false => format!("%{byte:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::ServerUrl;

    #[test]
    fn the_parts_are_found_and_decoded() {
        let url =
            ServerUrl::parse("postgres://shop:p%40ss%2F@[::1]:5433/my%20shop?sslmode=require&x")
                .unwrap();
        assert_eq!(url.user.as_deref(), Some("shop"));
        assert_eq!(url.password.as_deref(), Some("p@ss/"));
        assert_eq!(url.host.as_deref(), Some("::1"));
        assert_eq!(url.port.as_deref(), Some("5433"));
        assert_eq!(url.database, "my shop");
        assert_eq!(url.parameter(&["ssl-mode", "sslmode"]), Some("require"));
        assert_eq!(
            url.of("it's"),
            "postgres://shop:p%40ss%2F@[::1]:5433/it%27s?sslmode=require&x"
        );
        assert!(!format!("{url:?}").contains("p@ss"));
    }

    #[test]
    fn what_is_left_out_is_left_to_the_client() {
        let url = ServerUrl::parse("mysql:///shop").unwrap();
        assert_eq!((url.user, url.host, url.port), (None, None, None));
        assert!(ServerUrl::parse("mysql://db").is_err());
    }
}
