//! Jobs in words and as JSON.

use std::time::Duration;

use atlas_jobs::{Failure, JobRecord, Time};
use serde_json::{Value, json};

/// A moment, to the second.
pub(in super::super) fn moment(time: Time) -> String {
    time.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// A span of time in its two largest units: `2d 3h`, `45s`, `120ms`.
pub(super) fn ago(span: Duration) -> String {
    let seconds = span.as_secs();
    if seconds == 0 {
        return format!("{}ms", span.as_millis());
    }
    let units = [(86_400, "d"), (3600, "h"), (60, "m"), (1, "s")];
    let first = units
        .iter()
        .position(|(size, _)| seconds >= *size)
        .unwrap_or(3);
    let (size, unit) = units[first];
    let mut text = format!("{}{unit}", seconds / size);
    if let Some((next, unit)) = units.get(first + 1)
        && (seconds % size) / next > 0
    {
        text.push_str(&format!(" {}{unit}", (seconds % size) / next));
    }
    text
}

/// When a job runs, ran or ended: the one time that its state is about.
pub(super) fn when(job: &JobRecord, now: Time) -> String {
    let since = |time: Time| (now - time).to_std().unwrap_or_default();
    match (job.finished_at, job.started_at) {
        (Some(end), _) => format!("{} ago", ago(since(end))),
        (None, Some(start)) if job.state == atlas_jobs::State::Running => {
            format!("for {}", ago(since(start)))
        }
        _ if job.run_at > now => {
            format!(
                "in {}",
                ago((job.run_at - now).to_std().unwrap_or_default())
            )
        }
        _ => format!("since {}", ago(since(job.run_at))),
    }
}

/// The payload: as JSON where it is, else what can be read of it.
pub(in super::super) fn json_of_payload(payload: &[u8]) -> Value {
    serde_json::from_slice(payload)
        .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(payload).into_owned()))
}

/// A job with all that the store knows of it.
pub(super) fn job(it: &JobRecord) -> Value {
    let time = |time: Option<Time>| time.map(|time| time.to_rfc3339());
    let limit = it.limit.as_ref();
    let progress = it.progress.as_deref();
    json!({
        "id": it.id,
        "kind": it.kind,
        "queue": it.queue,
        "state": it.state,
        "priority": it.priority,
        "payload": json_of_payload(&it.payload),
        "attempt": it.attempt,
        "max_attempts": it.max_attempts,
        "crashes": it.crashes,
        "snoozes": it.snoozes,
        "fence": it.fence,
        "created_at": it.created_at.to_rfc3339(),
        "run_at": it.run_at.to_rfc3339(),
        "started_at": time(it.started_at),
        "finished_at": time(it.finished_at),
        "lease_until": time(it.lease_until),
        "worker": it.worker,
        "timeout_ms": it.timeout.map(|it| u64::try_from(it.as_millis()).unwrap_or(u64::MAX)),
        "expires_at": time(it.expires_at),
        "reason": it.reason,
        "cancel_requested": it.cancel_requested,
        "progress": progress.map(|it| json_of_payload(it.as_bytes())),
        "unique_key": it.unique_key,
        "limit": limit.map(|it| json!({ "key": it.name(), "max": it.max() })),
        "trace": it.trace,
        "actor": it.actor,
        "schedule": it.schedule,
    })
}

/// A failed attempt.
pub(super) fn failure(it: &Failure) -> Value {
    json!({
        "attempt": it.attempt,
        "at": it.at.to_rfc3339(),
        "kind": it.kind,
        "message": it.message,
        "backtrace": it.backtrace,
        "worker": it.worker,
    })
}

/// The first line of a text, if need be cut.
pub(super) fn line(text: &str, longest: usize) -> String {
    let line = text.lines().next().unwrap_or_default();
    match line.char_indices().nth(longest) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{ago, line};

    #[test]
    fn spans_are_told_in_their_two_largest_units() {
        for (millis, words) in [
            (0, "0ms"),
            (120, "120ms"),
            (1500, "1s"),
            (60_000, "1m"),
            (185_000, "3m 5s"),
            (7_200_000, "2h"),
            (90_061_000, "1d 1h"),
        ] {
            assert_eq!(ago(Duration::from_millis(millis)), words);
        }
    }

    #[test]
    fn a_long_first_line_is_cut_between_letters() {
        assert_eq!(line("näh\nmore", 10), "näh");
        assert_eq!(line("näher", 2), "nä…");
    }
}
