//! The scripts. Each is what all of them share and its own part; they find all keys by the one that they are given.

use std::sync::LazyLock;

use atlas_redis::Script;

/// A script that may use memory, and is refused when there is none left: then it has changed nothing.
macro_rules! adds {
    ($name:ident, $($part:literal),+) => {
        script!($name, "#!lua\n", $($part),+);
    };
}

/// A script that moves jobs on, also when no memory is left, so that there is some again.
macro_rules! moves {
    ($name:ident, $part:literal) => {
        script!($name, "#!lua flags=allow-oom\n", $part);
    };
}

/// A script that changes nothing.
macro_rules! reads {
    ($name:ident, $part:literal) => {
        script!($name, "#!lua flags=no-writes\n", $part);
    };
}

macro_rules! script {
    ($name:ident, $flags:literal, $($part:literal),+) => {
        pub(super) static $name: LazyLock<Script> = LazyLock::new(|| {
            Script::new(concat!(
                $flags,
                include_str!("scripts/job.lua"),
                $(include_str!(concat!("scripts/", $part, ".lua"))),+
            ))
        });
    };
}

adds!(ENQUEUE, "add", "enqueue");
adds!(FIRE, "add", "fire");
adds!(PROGRESS, "progress");
adds!(SCHEDULE, "schedule");
moves!(AUDIT, "audit");
moves!(CLAIM, "claim");
moves!(RENEW, "renew");
moves!(FINISH, "finish");
moves!(RESCUE, "rescue");
moves!(CANCEL, "cancel");
moves!(RETRY, "retry");
moves!(EDIT, "edit");
moves!(TERMINAL, "terminal");
moves!(PRUNE, "prune");
moves!(PAUSE, "pause");
reads!(NOW, "now");
reads!(CONTROL, "control");
reads!(FIND, "find");
reads!(LIST, "list");
reads!(STATS, "stats");
reads!(SCHEDULES, "schedules");
reads!(AUDITS, "audits");
reads!(SERVER, "server");
