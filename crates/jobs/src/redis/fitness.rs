//! Whether a server of Redis may keep jobs.

use atlas_redis::{Redis, redis::cmd};

use super::answer::Fields;
use crate::{Error, Result};

/// The first version that has what the scripts need.
const OLDEST: u32 = 7;

/// Why a server may not keep jobs.
#[derive(Debug, thiserror::Error, PartialEq)]
enum Unfit {
    #[error(
        "Redis at {place} may evict jobs when its memory is full: its `maxmemory-policy` is `{policy}`. Set `maxmemory-policy noeviction` in its configuration, or by `CONFIG SET maxmemory-policy noeviction`, or keep jobs in a Redis of their own"
    )]
    Evicts { place: String, policy: String },
    #[error("Redis at {place} is version {version}, and jobs need {OLDEST} or later: update it")]
    Old { place: String, version: String },
}

/// Refuses a server that may lose jobs by its own doing, and warns of one that keeps nothing on its disk.
pub(super) async fn check(redis: &Redis, answer: Fields) -> Result<()> {
    let mut info = String::new();
    for part in answer {
        info.push_str(&super::answer::text(part)?);
        info.push('\n');
    }
    judge(redis.place(), &info).map_err(|unfit| Error::Refused(Box::new(unfit)))?;
    if said(&info, "aof_enabled") == Some("0") && !has_snapshots(redis).await {
        tracing::warn!(
            place = redis.place(),
            "Redis keeps nothing on its disk: all jobs are lost when it restarts. Set `appendonly yes` in its configuration"
        );
    }
    Ok(())
}

fn judge(place: &str, info: &str) -> Result<(), Unfit> {
    let place = place.to_owned();
    let version = said(info, "redis_version").unwrap_or_default();
    let major = version
        .split('.')
        .next()
        .and_then(|it| it.parse::<u32>().ok());
    if major.is_some_and(|major| major < OLDEST) {
        let version = version.to_owned();
        return Err(Unfit::Old { place, version });
    }
    match said(info, "maxmemory_policy") {
        Some(policy) if policy != "noeviction" => {
            let policy = policy.to_owned();
            Err(Unfit::Evicts { place, policy })
        }
        _ => Ok(()),
    }
}

/// Whether snapshots are configured. Services of clouds may not say: then nobody is warned.
async fn has_snapshots(redis: &Redis) -> bool {
    let asked = redis.run(cmd("CONFIG").arg("GET").arg("save")).await;
    let rules: Option<Vec<(String, String)>> = asked.ok();
    rules.is_none_or(|rules| rules.iter().any(|(_, rule)| !rule.is_empty()))
}

/// What a server says under this name.
fn said<'a>(info: &'a str, name: &str) -> Option<&'a str> {
    let mut lines = info.lines();
    lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(':').map(str::trim))
}

#[cfg(test)]
mod tests {
    use super::{Unfit, judge, said};

    #[test]
    fn a_server_that_is_old_or_evicts_is_refused() {
        let good = "redis_version:7.0.15\r\nmaxmemory_policy:noeviction\r\n";
        assert_eq!(said(good, "redis_version"), Some("7.0.15"));
        assert_eq!(judge("here", good), Ok(()));
        let old = judge("here", "redis_version:6.2.1\r\n");
        assert!(matches!(old, Err(Unfit::Old { .. })));
        let evicts = judge(
            "here",
            "redis_version:8.0.0\r\nmaxmemory_policy:allkeys-lru\r\n",
        );
        let words = evicts.unwrap_err().to_string();
        assert!(
            words.contains("`allkeys-lru`") && words.contains("here"),
            "{words}"
        );
    }
}
