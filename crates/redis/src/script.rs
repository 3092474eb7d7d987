//! Lua scripts.

use std::borrow::Cow;

use redis::{Cmd, ToRedisArgs};

/// A Lua script that the server runs as one step: nobody sees its middle.
///
/// Make it once, for example in a `LazyLock`, and [call](crate::Redis::call) it often: only its digest is sent then.
///
/// ```
/// use std::sync::LazyLock;
/// use atlas_redis::Script;
///
/// static TAKE: LazyLock<Script> = LazyLock::new(|| {
///     Script::new("local v = redis.call('GET', KEYS[1]) redis.call('DEL', KEYS[1]) return v")
/// });
/// assert_eq!(TAKE.hash().len(), 40);
/// ```
#[derive(Clone, Debug)]
pub struct Script {
    code: Cow<'static, str>,
    hash: String,
}

impl Script {
    /// A script of this code. Its keys are `KEYS[1]` and on, its arguments `ARGV[1]` and on.
    pub fn new(code: impl Into<Cow<'static, str>>) -> Self {
        let code = code.into();
        let hash = redis::Script::new(&code).get_hash().to_owned();
        Self { code, hash }
    }

    /// The digest by which the server knows it.
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// The call of a script that the server knows.
    pub(crate) fn by_hash(&self, keys: &[impl ToRedisArgs], arguments: &impl ToRedisArgs) -> Cmd {
        invocation("EVALSHA", &self.hash, keys, arguments)
    }

    /// The call that teaches the server the script.
    pub(crate) fn by_code(&self, keys: &[impl ToRedisArgs], arguments: &impl ToRedisArgs) -> Cmd {
        invocation("EVAL", &self.code, keys, arguments)
    }
}

fn invocation(
    command: &str,
    script: &str,
    keys: &[impl ToRedisArgs],
    arguments: &impl ToRedisArgs,
) -> Cmd {
    let mut cmd = redis::cmd(command);
    cmd.arg(script).arg(keys.len());
    for key in keys {
        cmd.arg(key);
    }
    cmd.arg(arguments);
    cmd
}
