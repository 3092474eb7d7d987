//! Which part of a cluster a command belongs to.

use redis::{Arg, Cmd, Pipeline};

use crate::error::Error;

/// How many there are.
pub(crate) const SLOTS: u16 = 16_384;

/// The slot of a key: that of its tag, if it has one in braces.
pub(crate) fn of_key(key: &[u8]) -> u16 {
    crc16(tag(key)) % SLOTS
}

/// The slot of a command, `None` if any server will do.
pub(crate) fn of_command(cmd: &Cmd) -> Result<Option<u16>, Error> {
    let words: Vec<&[u8]> = cmd
        .args_iter()
        .map(|word| match word {
            Arg::Simple(word) => word,
            _ => &[],
        })
        .collect();
    let name = words.first().copied().unwrap_or_default();
    let name = String::from_utf8_lossy(name).to_ascii_uppercase();
    let key = |index: usize| words.get(index).copied();
    let counted = |index: usize| match key(index) {
        Some(b"0") => None,
        _ => key(index + 1),
    };
    let key = match name.as_str() {
        "PING" | "ECHO" | "TIME" | "INFO" | "PUBLISH" | "SCRIPT" | "CLUSTER" | "CONFIG"
        | "CLIENT" | "COMMAND" | "FUNCTION" | "LATENCY" | "SLOWLOG" | "LOLWUT" | "ACL"
        | "PUBSUB" | "MULTI" | "EXEC" | "ASKING" => None,
        "KEYS" | "SCAN" | "DBSIZE" | "FLUSHALL" | "FLUSHDB" | "RANDOMKEY" | "WAIT" | "WAITAOF" => {
            return Err(Error::Refused {
                code: "CROSSSLOT".to_owned(),
                message: format!("`{name}` is about all servers of a cluster, and runs on one"),
            });
        }
        "EVAL" | "EVALSHA" | "EVAL_RO" | "EVALSHA_RO" | "FCALL" | "FCALL_RO" | "BLMPOP"
        | "BZMPOP" => counted(2),
        "LMPOP" | "ZMPOP" | "SINTERCARD" | "ZINTERCARD" | "ZUNION" | "ZINTER" | "ZDIFF" => {
            counted(1)
        }
        "XREAD" | "XREADGROUP" => words
            .iter()
            .position(|word| word.eq_ignore_ascii_case(b"STREAMS"))
            .and_then(|at| key(at + 1)),
        "XGROUP" | "XINFO" | "OBJECT" | "MEMORY" | "BITOP" | "DEBUG" => key(2),
        _ => key(1),
    };
    Ok(key.map(of_key))
}

/// The one slot of several commands.
pub(crate) fn of_pipeline(pipeline: &Pipeline) -> Result<Option<u16>, Error> {
    let mut all = None;
    for cmd in pipeline.cmd_iter() {
        let one = of_command(cmd)?;
        if all.is_some() && one.is_some() && all != one {
            return Err(Error::Refused {
                code: "CROSSSLOT".to_owned(),
                message: "the keys of a pipeline must lie in one slot: give them the same tag, as in `{orders}:1`"
                    .to_owned(),
            });
        }
        all = all.or(one);
    }
    Ok(all)
}

/// What is between the first `{` and the next `}`, if that is anything; else the whole key.
fn tag(key: &[u8]) -> &[u8] {
    let find = |text: &[u8], byte: u8| text.iter().position(|it| *it == byte);
    find(key, b'{')
        .and_then(|open| {
            let rest = &key[open + 1..];
            let close = find(rest, b'}').filter(|close| *close > 0)?;
            Some(&rest[..close])
        })
        .unwrap_or(key)
}

/// The checksum that Redis takes: XMODEM.
fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |sum, byte| {
        (0..8).fold(sum ^ (u16::from(*byte) << 8), |sum, _| {
            let shifted = sum << 1;
            if sum & 0x8000 == 0 {
                shifted
            } else {
                shifted ^ 0x1021
            }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::{crc16, of_command, of_key, of_pipeline};

    #[test]
    fn a_key_has_the_slot_that_redis_gives_it() {
        // from the specification of Redis Cluster
        assert_eq!(crc16(b"123456789"), 0x31C3);
        assert_eq!(of_key(b"foo"), 12_182);
        assert_eq!(of_key(b"bar"), 5_061);
    }

    #[test]
    fn a_tag_decides_where_a_key_lies() {
        assert_eq!(of_key(b"{orders}:1"), of_key(b"orders"));
        assert_eq!(of_key(b"shop:{orders}:{2}"), of_key(b"orders"));
        assert_eq!(of_key(b"a{}b"), crc16(b"a{}b") % super::SLOTS);
        assert_eq!(of_key(b"a{{b}}"), of_key(b"{b"));
    }

    #[test]
    fn a_command_goes_where_its_key_is() {
        let slot = |text: &str| {
            let mut words = text.split(' ');
            let mut cmd = redis::cmd(words.next().unwrap_or_default());
            words.for_each(|word| {
                cmd.arg(word);
            });
            of_command(&cmd)
        };
        let foo = Some(12_182);
        for text in [
            "GET foo",
            "SET foo bar",
            "EVALSHA abc 1 foo bar",
            "XREADGROUP GROUP g c STREAMS foo >",
            "XGROUP CREATE foo g $",
            "ZMPOP 1 foo MIN",
        ] {
            assert_eq!(slot(text).ok(), Some(foo), "{text}");
        }
        for text in ["PING", "TIME", "PUBLISH foo bar", "EVAL abc 0 foo"] {
            assert_eq!(slot(text).ok(), Some(None), "{text}");
        }
        let refused = slot("KEYS *").map_err(|error| error.code().map(str::to_owned));
        assert_eq!(refused, Err(Some("CROSSSLOT".to_owned())));
    }

    #[test]
    fn a_pipeline_lies_in_one_slot() {
        let mut pipeline = redis::pipe();
        pipeline
            .cmd("SET")
            .arg("{a}1")
            .arg(1)
            .cmd("PING")
            .cmd("GET")
            .arg("{a}2");
        assert_eq!(of_pipeline(&pipeline).ok(), Some(Some(of_key(b"a"))));
        pipeline.cmd("GET").arg("{b}");
        assert!(of_pipeline(&pipeline).is_err());
    }
}
