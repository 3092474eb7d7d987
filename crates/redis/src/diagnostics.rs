//! What Redis says when a service cannot start.

use atlas_core::Diagnostic;

use crate::config::{RedisConfig, redacted};

const CONFIGURATION: u8 = 78;

/// A220: the configured URL names no Redis.
pub(crate) fn bad_url(config: &RedisConfig, problem: &str) -> Diagnostic {
    Diagnostic::new("A220", format!("`redis.url` is not usable: {problem}"))
        .place(format!("redis.url = {}", redacted(&config.url)))
        .help(
            "set `redis.url` in `config/`, or `ATLAS_REDIS__URL` in the environment, for example to \
             `redis://127.0.0.1:6379`, or with TLS to `rediss://user:password@redis.example:6379`",
        )
        .help("in a password, write `@`, `:`, `/`, `,` and `%` as `%40`, `%3A`, `%2F`, `%2C` and `%25`")
        .exit(CONFIGURATION)
}
