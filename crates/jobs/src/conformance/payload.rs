//! Bytes and words come back as they went in.

use super::{
    Harness,
    bench::{Bench, KIND, LONG, claim, failure, finish, job, lease},
};
use crate::{
    FailureKind, Limit,
    store::{By, End, Filter, NewJob, UniqueKey},
};

/// What is hard to keep: nothing, much, and everything that some encoding would change.
fn payloads() -> Vec<(&'static str, Vec<u8>)> {
    let deep = format!("{}1{}", "[".repeat(100), "]".repeat(100));
    let numbers = format!(
        "[{},{},{},1e308,5e-324,-0.0,0.1]",
        i64::MIN,
        i64::MAX,
        u64::MAX
    );
    vec![
        ("no bytes", Vec::new()),
        ("a byte", vec![b'1']),
        ("a NUL", vec![0]),
        ("NULs in a text", b"\"a\0b\\u0000c\"".to_vec()),
        ("all bytes", (0..=255).collect()),
        (
            "what is no UTF-8",
            vec![0xff, 0xfe, 0xc0, 0x80, 0xed, 0xa0, 0x80],
        ),
        (
            "many scripts",
            "\"grüße, 你好, مرحبا, 🦀, e\u{301}, \u{feff}\"".into(),
        ),
        (
            "quotes",
            br#"{"a":"'; DROP TABLE x; -- \\ \" %s $1 ? :a {{}}"}"#.to_vec(),
        ),
        (
            "blanks",
            b"  {\"b\" : 1,\r\n\t\"a\":1, \"a\":2}  \n".to_vec(),
        ),
        ("a nest", deep.into_bytes()),
        ("numbers", numbers.into_bytes()),
        (
            "a mebibyte",
            (0..1 << 20).map(|byte| (byte % 251) as u8).collect(),
        ),
    ]
}

/// A payload comes back byte by byte: found, listed and claimed.
pub async fn a_payload_comes_back_byte_by_byte(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    for (what, payload) in payloads() {
        let new = NewJob {
            payload: payload.clone(),
            ..job()
        };
        let id = bench.add(new).await;
        assert!(bench.job(id).await.payload == payload, "{what}, found");
        let listed = bench.list(&super::bench::only(id)).await;
        assert!(listed[0].payload == payload, "{what}, listed");
        let claimed = bench.take_one(LONG).await;
        assert!(claimed.payload == payload, "{what}, claimed");
        bench.end(&claimed, End::Done).await;
        assert!(bench.job(id).await.payload == payload, "{what}, completed");
    }
}

/// Words come back as they were said, in every field that holds some.
pub async fn words_come_back_as_they_were_said(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    let word = "O'Brien \"x\" \\ % _ ? $1 :a {} grüße 你好 🦀 ";
    let new = NewJob {
        trace: Some(word.to_owned()),
        actor: Some(word.to_owned()),
        limit: Some(Limit::key(word, 1)),
        unique: Some(UniqueKey {
            key: format!("{KIND}:{word}"),
            until: crate::Until::Finished,
            on_conflict: crate::OnConflict::Skip,
        }),
        ..job()
    };
    let id = bench.add(new).await;
    let mut asks = claim(1, LONG);
    asks.worker = word.to_owned();
    let running = bench.claim(&asks).await.jobs.remove(0);
    let progress = format!("{{\"done\":\"{}\"}}", "grüße 🦀 ".repeat(50));
    let told = bench.store.progress(lease(&running), &progress).await;
    told.expect("progress is taken");
    let mut wrong = failure(&running, &word.repeat(500));
    wrong.kind = FailureKind::Panic;
    wrong.backtrace = Some(word.repeat(500));
    let mut end = finish(&running, End::Cancelled(word.to_owned()));
    end.failure = Some(wrong.clone());
    bench.finish(end).await;
    let kept = bench.job(id).await;
    assert_eq!(
        (kept.trace.as_deref(), kept.actor.as_deref()),
        (Some(word), Some(word))
    );
    assert_eq!(kept.limit.as_ref().map(Limit::name), Some(word));
    assert_eq!(
        (kept.worker.as_deref(), kept.progress),
        (Some(word), Some(progress))
    );
    assert_eq!(running.unique_key, Some(format!("{KIND}:{word}")));
    let failures = bench.failures(id).await;
    assert_eq!(failures.len(), 1);
    assert_eq!(failures[0].message, wrong.message);
    assert_eq!(
        (failures[0].kind, &failures[0].backtrace),
        (wrong.kind, &wrong.backtrace)
    );
    assert_eq!(failures[0].worker.as_deref(), Some(word));
}

/// What a filter or an operator says is never taken for a part of a query.
pub async fn words_of_operators_are_only_words(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    let id = bench.add(job()).await;
    for word in ["' OR '1'='1", "%", "*", "default' --", "\\", "wor_"] {
        for filter in [
            Filter {
                queue: Some(word.to_owned()),
                ..Filter::default()
            },
            Filter {
                kind: Some(word.to_owned()),
                ..Filter::default()
            },
            Filter {
                schedule: Some(word.to_owned()),
                ..Filter::default()
            },
        ] {
            assert!(bench.list(&filter).await.is_empty(), "{filter:?}");
        }
    }
    let by = By {
        actor: "anna'); --".to_owned(),
        why: Some("it's \"late\" 🦀".to_owned()),
    };
    bench
        .store
        .cancel(id, &by)
        .await
        .expect("a job is called off");
    let lines = bench.store.audits(Some(&id.to_string()), 10).await;
    let lines = lines.expect("the audit is told");
    assert_eq!(lines[0].actor, by.actor);
    assert!(
        lines[0]
            .detail
            .as_ref()
            .is_some_and(|it| it.contains("it's \"late\" 🦀"))
    );
}
