//! The section `redis`.

use std::fmt;

use atlas_config::{Duration, Problems, Profile, Section, without_password};
use atlas_core::Component;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Which Redis a service uses, and within which bounds.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct RedisConfig {
    /// Where Redis is: `redis://[user[:password]@]host[:port][/number of the database]`, or `rediss://` for TLS. Of a
    /// cluster any of its servers, or some with commas between them.
    pub url: String,
    /// Whether the servers are a Redis Cluster. The keys of one command, script or pipeline must then lie in one slot: give
    /// them the same tag, `{orders}:1`.
    pub cluster: bool,
    /// What all names of keys and channels of this service begin with, such as `shop:`, so that several services can share
    /// a Redis.
    pub prefix: String,
    /// How long opening a connection may take.
    pub connect_timeout: Duration,
    /// How long an answer may take.
    pub response_timeout: Duration,
    /// What a Redis that does not answer means for the service: not ready (`required`), or ready without it (`optional`).
    pub readiness: Readiness,
}

/// What a Redis that does not answer means for the readiness of the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Readiness {
    /// The service is not ready: a load balancer sends its requests elsewhere.
    Required,
    /// The check is shown, and the service is ready: it answers what it can without Redis. Right where Redis only makes
    /// things faster, and where all instances share it, whose failure would otherwise take all of them out at once.
    Optional,
}

impl Component for RedisConfig {}

impl Section for RedisConfig {
    const NAME: &'static str = "redis";

    fn defaults(_: Profile) -> Option<Self> {
        Some(Self {
            url: "redis://127.0.0.1:6379".to_owned(),
            cluster: false,
            prefix: String::new(),
            connect_timeout: Duration::from_secs(5),
            response_timeout: Duration::from_secs(5),
            readiness: Readiness::Required,
        })
    }

    fn check(&self, problems: &mut Problems) {
        for (key, value) in [
            ("connect_timeout", self.connect_timeout),
            ("response_timeout", self.response_timeout),
        ] {
            if value.is_zero() {
                problems.add(
                    key,
                    "must be more than nothing, or no command could ever succeed",
                    "for example `5s`",
                );
            }
        }
    }
}

impl RedisConfig {
    /// The defaults with another URL, for code that needs Redis and no configuration files.
    pub fn at(url: impl Into<String>) -> Self {
        let defaults = Self::defaults(Profile::Test).expect("there are defaults for every profile");
        Self {
            url: url.into(),
            ..defaults
        }
    }

    /// The URLs of the servers.
    pub(crate) fn urls(&self) -> impl Iterator<Item = &str> {
        self.url.split(',').map(str::trim)
    }
}

impl fmt::Debug for RedisConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisConfig")
            .field("url", &redacted(&self.url))
            .field("cluster", &self.cluster)
            .field("prefix", &self.prefix)
            .finish_non_exhaustive()
    }
}

/// The URLs without their passwords. A password may hold a comma, so only a comma before a scheme parts two of them.
pub(crate) fn redacted(urls: &str) -> String {
    let mut shown: Vec<String> = Vec::new();
    let mut part = String::new();
    for word in urls.split(',') {
        if word.contains("://") && !part.is_empty() {
            shown.push(without_password(part.trim()));
            part.clear();
        }
        if !part.is_empty() {
            part.push(',');
        }
        part.push_str(word);
    }
    shown.push(without_password(part.trim()));
    shown.join(", ")
}

#[cfg(test)]
mod tests {
    use super::{RedisConfig, redacted};

    #[test]
    fn a_password_is_never_shown() {
        let config = RedisConfig::at("redis://shop:tops3cret@a:1, rediss://:s3cond,half@b:2/3");
        let shown = format!("{config:?}");
        assert!(!shown.contains("s3c") && !shown.contains("half"), "{shown}");
        assert!(shown.contains("redis://shop:***@a:1"), "{shown}");
        assert_eq!(redacted("redis://127.0.0.1:6379"), "redis://127.0.0.1:6379");
    }
}
