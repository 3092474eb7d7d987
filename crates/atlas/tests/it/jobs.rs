//! Commands about background jobs.

use crate::support::Service;

#[test]
fn a_service_without_jobs_is_told_how_to_get_them() {
    let ran = Service::new("notes").run(&["jobs", "list"]).ends_with(1);
    assert!(ran.err.contains("`notes` has no jobs"), "{ran:#?}");
    assert!(ran.err.contains("atlas::jobs::module()"), "{ran:#?}");
}

#[test]
fn jobs_in_the_memory_of_another_process_cannot_be_seen() {
    let ran = Service::new("letters").run(&["jobs", "stats"]).ends_with(1);
    assert!(ran.err.contains("in the memory of the process"), "{ran:#?}");
    assert!(ran.err.contains("`jobs.store = \"database\"`"), "{ran:#?}");
}

#[test]
fn a_store_that_the_service_does_not_have_is_an_error_with_a_page() {
    let service = Service::new("letters");
    for store in ["database", "redis"] {
        let key = format!("jobs.store={store}");
        let ran = service.run(&["jobs", "list", "--set", &key]).ends_with(78);
        assert!(ran.err.starts_with("error[A420]: "), "{ran:#?}");
        assert!(
            ran.err.contains(&format!("jobs.store = {store}")),
            "{ran:#?}"
        );
    }
}

#[test]
fn wrong_arguments_are_refused_before_anything_is_asked() {
    let service = Service::new("letters");
    for (line, words) in [
        ("jobs show 7", "the id of a job is a UUID"),
        (
            "jobs list --state lost",
            "possible values: scheduled, available",
        ),
        ("jobs enqueue x --in -5m", "duration"),
        ("jobs enqueue x --at tomorrow", "2026-12-24T18:00:00Z"),
        (
            "jobs enqueue x --in 5m --at 2026-12-24T18:00:00Z",
            "cannot be used with",
        ),
        ("jobs enqueue x --priority 10", "0..=9"),
        ("jobs dead redrive --rate 0", "1..=100000"),
        ("jobs", "Usage:"),
    ] {
        let words_of = line.split(' ').collect::<Vec<_>>();
        let ran = service.run(&words_of).ends_with(2);
        assert!(ran.err.contains(words), "{line}: {ran:#?}");
    }
}

/// A service with a database whose tables are made.
fn letters() -> Service {
    let service = Service::new("letters-in-database");
    service.run(&["migrate", "up"]).ends_with(0);
    service
}

/// Enqueues a job and gives its id.
fn enqueue(service: &Service, arguments: &[&str]) -> String {
    let all = [
        &["jobs", "enqueue", "write", "--unknown", "--json"],
        arguments,
    ]
    .concat();
    let answer = service.run(&all).ends_with(0).json();
    answer["id"].as_str().unwrap().to_owned()
}

#[test]
fn a_job_that_was_enqueued_is_listed_shown_cancelled_and_retried_and_all_of_it_is_in_the_audit() {
    let service = letters().env("USER", "anna").env("HOSTNAME", "desk");
    let id = enqueue(
        &service,
        &["{\"to\": \"bert\"}", "--in", "1h", "--max-attempts", "3"],
    );
    let list = service.run(&["jobs", "list", "--json"]).ends_with(0).json();
    assert_eq!(list["version"], 1);
    assert_eq!(list["jobs"][0]["id"], id.as_str());
    assert_eq!(list["jobs"][0]["state"], "scheduled");
    assert_eq!(
        list["jobs"][0]["payload"],
        serde_json::json!({ "to": "bert" })
    );
    assert_eq!(list["jobs"][0]["actor"], "cli:anna@desk");
    let none = service.run(&["jobs", "list", "--state", "dead", "--json"]);
    assert_eq!(none.ends_with(0).json()["jobs"], serde_json::json!([]));

    let said = service
        .run(&["jobs", "cancel", &id, "--why", "a mistake"])
        .ends_with(0);
    assert_eq!(said.out, format!("{id} is cancelled\n"));
    let said = service.run(&["jobs", "cancel", &id]).ends_with(0);
    assert_eq!(said.out, format!("{id} was cancelled already\n"));
    let said = service.run(&["jobs", "retry", &id]).ends_with(0);
    assert_eq!(said.out, format!("{id} is available, with new attempts\n"));
    let stats = service
        .run(&["jobs", "stats", "--json"])
        .ends_with(0)
        .json();
    assert_eq!(stats["queues"]["default"]["jobs"]["available"], 1);

    let shown = service.run(&["jobs", "show", &id]).ends_with(0).out;
    for words in [
        "kind        write\n",
        "attempt     0 of 3\n",
        "\"to\": \"bert\"",
        "cli:anna@desk  retry",
    ] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    let audit = service
        .run(&["jobs", "audit", &id, "--plain"])
        .ends_with(0)
        .out;
    assert!(audit.contains("\tcli:anna@desk\tretry\t"), "{audit}");
    assert!(audit.contains("\tcli:anna@desk\tcancel\t"), "{audit}");
    assert!(audit.contains("a mistake"), "{audit}");
}

#[test]
fn the_same_id_is_enqueued_once() {
    let service = letters();
    let id = "0197c1f2-5b0e-7cc3-98c4-dc0c0c07398f";
    assert_eq!(enqueue(&service, &["--id", id]), id);
    let again = ["jobs", "enqueue", "write", "--unknown", "--id", id];
    let said = service.run(&again).ends_with(0).out;
    assert!(said.contains("is there already"), "{said}");
    let list = service.run(&["jobs", "list", "--json"]).ends_with(0).json();
    assert_eq!(list["jobs"].as_array().unwrap().len(), 1);
}

#[test]
fn what_is_not_known_is_said_with_what_was_probably_meant() {
    let service = letters();
    for (line, code, words) in [
        (
            "jobs enqueue write",
            2,
            "no handler of this build takes jobs of the kind `write`",
        ),
        ("jobs pause defualt", 2, "did you mean `default`?"),
        (
            "jobs show 0197c1f2-5b0e-7cc3-98c4-dc0c0c07398f",
            1,
            "there is no job `0197c1f2",
        ),
        (
            "jobs retry 0197c1f2-5b0e-7cc3-98c4-dc0c0c07398f",
            1,
            "there is no job `0197c1f2",
        ),
        (
            "jobs enqueue write {no} --unknown",
            2,
            "the payload is no JSON: key must be a string at line 1",
        ),
        (
            "jobs enqueue write @nowhere.json --unknown",
            2,
            "cannot read `nowhere.json`",
        ),
        (
            "jobs dead edit 0197c1f2-5b0e-7cc3-98c4-dc0c0c07398f",
            2,
            "there is nothing to change",
        ),
        ("jobs dead redrive", 2, "say `--yes`"),
        ("jobs dead drop", 2, "0 dead jobs go for good"),
        ("jobs prune --older-than 1h", 2, "say `--yes`"),
        ("schedule run nightly", 1, "there is no schedule `nightly`"),
        ("jobs top --interval 1ms", 2, "every 200 ms"),
    ] {
        let arguments: Vec<_> = line.split(' ').collect();
        let ran = service.run(&arguments).ends_with(code);
        assert!(ran.err.contains(words), "{line}: {ran:#?}");
    }
    let large = format!("\"{}\"", "x".repeat(1100));
    let arguments = [
        "jobs",
        "enqueue",
        "write",
        &large,
        "--unknown",
        "--set",
        "jobs.max_payload=1KiB",
    ];
    let ran = service.run(&arguments).ends_with(65);
    assert!(
        ran.err
            .contains("is 1102 bytes, and at most 1024 are allowed"),
        "{ran:#?}"
    );
}

#[test]
fn a_queue_is_paused_and_resumed_for_all() {
    let service = letters();
    enqueue(&service, &["--queue", "mail"]);
    let said = service
        .run(&["jobs", "pause", "mail", "--why", "the server moves"])
        .ends_with(0);
    assert_eq!(said.out, "`mail` is paused\n");
    let top = service.run(&["jobs", "top"]).ends_with(0).out;
    assert!(top.contains("paused"), "{top}");
    assert!(top.contains("nothing runs"), "{top}");
    service.run(&["jobs", "resume", "mail"]).ends_with(0);
    let stats = service
        .run(&["jobs", "stats", "--json"])
        .ends_with(0)
        .json();
    assert_eq!(stats["queues"]["mail"]["paused"], false);
}

#[test]
fn without_its_tables_the_store_says_how_they_are_made() {
    let ran = Service::new("letters-in-database")
        .run(&["jobs", "list"])
        .ends_with(1);
    assert!(ran.err.contains("migrate up"), "{ran:#?}");
}

/// Claims every job of the service and lets it fail for good, as a worker would.
async fn fail_all(service: &Service) {
    use atlas::jobs::{
        Failure, FailureKind, Reason,
        store::{Claim, End, Finish, Lease, Share, Store},
    };
    let file = service.dir().join("data/development.sqlite");
    let url = format!("sqlite://{}", file.display());
    let db = atlas::db::Db::new(&atlas::db::DbConfig::at(url)).unwrap();
    let store = atlas::jobs::sql::SqlStore::new(db.clone());
    let claim = Claim {
        worker: "desk:1".to_owned(),
        kinds: vec!["write".to_owned()],
        queues: vec![Share {
            queue: "default".to_owned(),
            jobs: 10,
        }],
        total: 10,
        lease: std::time::Duration::from_secs(30),
    };
    let ends: Vec<Finish> = store
        .claim(&claim)
        .await
        .unwrap()
        .jobs
        .into_iter()
        .map(|job| Finish {
            lease: Lease {
                job: job.id,
                fence: job.fence,
            },
            end: End::Dead(Reason::Exhausted),
            failure: Some(Failure {
                attempt: job.attempt,
                at: job.created_at,
                kind: FailureKind::Error,
                message: "no ink\nthe pen is empty".to_owned(),
                backtrace: Some("at the desk".to_owned()),
                worker: Some("desk:1".to_owned()),
            }),
        })
        .collect();
    store.finish(&ends).await.unwrap();
    db.close().await;
}

#[tokio::test]
async fn dead_jobs_are_listed_shown_edited_redriven_and_dropped() {
    let service = letters();
    let (one, two) = (
        enqueue(&service, &["{\"to\": 1}"]),
        enqueue(&service, &["{\"to\": 2}"]),
    );
    fail_all(&service).await;
    let list = service
        .run(&["jobs", "dead", "list", "--json"])
        .ends_with(0)
        .json();
    assert_eq!(list["jobs"].as_array().unwrap().len(), 2, "{list}");
    assert_eq!(list["jobs"][0]["reason"], "exhausted");
    let shown = service
        .run(&["jobs", "dead", "show", &one])
        .ends_with(0)
        .out;
    for words in [
        "dead, exhausted",
        "no ink",
        "the pen is empty",
        "at the desk",
        "on desk:1",
    ] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    let json = service
        .run(&["jobs", "show", &one, "--json"])
        .ends_with(0)
        .json();
    assert_eq!(json["failures"][0]["kind"], "error");

    let edit = [
        "jobs",
        "dead",
        "edit",
        &one,
        "--payload",
        "{\"to\": 9}",
        "--max-attempts",
        "2",
    ];
    service.run(&edit).ends_with(0);
    let said = service.run(&["jobs", "dead", "redrive", &one]).ends_with(0);
    assert_eq!(said.out, "1 job gets new attempts\n");
    let json = service
        .run(&["jobs", "show", &one, "--json"])
        .ends_with(0)
        .json();
    assert_eq!(
        (&json["state"], &json["payload"]["to"]),
        (&"available".into(), &9.into())
    );
    assert_eq!(
        (&json["attempt"], &json["max_attempts"]),
        (&0.into(), &2.into())
    );
    assert_eq!(
        json["failures"][0]["message"], "no ink\nthe pen is empty",
        "they are kept"
    );
    let audit = json["audit"].as_array().unwrap();
    assert!(audit.iter().any(|line| line["action"] == "edit"), "{json}");

    let filtered = ["jobs", "dead", "redrive", "--kind", "other", "--json"];
    assert_eq!(service.run(&filtered).ends_with(0).json()["redriven"], 0);
    let refused = service
        .run(&["jobs", "dead", "drop", "--kind", "write"])
        .ends_with(2);
    assert!(
        refused.err.contains("1 dead job goes for good"),
        "{refused:#?}"
    );
    let said = service
        .run(&["jobs", "dead", "drop", "--kind", "write", "--yes"])
        .ends_with(0);
    assert_eq!(said.out, "dropped 1 dead job\n");
    let gone = service.run(&["jobs", "show", &two]).ends_with(1);
    assert!(gone.err.contains("there is no job"), "{gone:#?}");
    let audit = service
        .run(&["jobs", "audit", "--json"])
        .ends_with(0)
        .json();
    let actions: Vec<_> = audit["audit"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line["action"].clone())
        .collect();
    for action in ["edit", "redrive", "drop"] {
        assert!(actions.contains(&action.into()), "{action}: {audit}");
    }
}

#[test]
fn a_worker_runs_alone_until_it_is_told_to_stop() {
    let service = Service::new("letters-in-database");
    let mut worker = service.start(&["worker", "--queues", "mail:2,default", "--concurrency", "2"]);
    worker.wait_for("letters is ready");
    worker.signal("TERM");
    let (code, _) = worker.end();
    assert_eq!(code, 0);
    for (queues, words) in [
        ("Mail", "`Mail` is no queue"),
        ("mail:0", "the weight of `mail`"),
    ] {
        let ran = service.run(&["worker", "--queues", queues]).ends_with(2);
        assert!(ran.err.contains(words), "{ran:#?}");
    }
    let ran = Service::new("notes").run(&["worker"]).ends_with(2);
    assert!(ran.err.contains("`notes` has no jobs"), "{ran:#?}");
}

#[test]
fn a_worker_answers_probes_where_it_is_told_to_and_nothing_else() {
    let service = Service::new("letters-in-database");
    let mut worker = service.start(&["worker", "--listen", "127.0.0.1:0", "--profile", "test"]);
    let line = worker.wait_for("listening for probes");
    let (_, address) = line.split_once("address=").unwrap();
    let address = address.split_whitespace().next().unwrap().to_owned();
    worker.wait_for("letters is ready");
    for (path, status, words) in [
        ("/livez", "200", "alive"),
        ("/startupz", "200", "started"),
        ("/readyz", "200", "ready"),
        ("/readyz?verbose", "200", "\"name\":\"jobs\""),
        ("/metrics", "200", "# TYPE atlas_jobs_"),
        ("/docs", "404", "route"),
    ] {
        let answer = get(&address, path);
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")),
            "{path}: {answer}"
        );
        assert!(answer.contains(words), "{path}: {answer}");
    }
    let asked = ["healthcheck", "--address", &address, "--json"];
    let health = service.run(&asked).ends_with(0).json();
    assert_eq!(health["healthy"], true, "{health}");

    let ran = service
        .run(&["worker", "--listen", &address, "--profile", "test"])
        .ends_with(69);
    assert!(
        ran.err.contains("error[A201]: cannot listen on"),
        "{ran:#?}"
    );
    assert!(ran.err.contains("--> --listen"), "{ran:#?}");

    worker.signal("TERM");
    let (code, rest) = worker.end();
    assert_eq!(code, 0, "{rest}");
    service.run(&asked).ends_with(1);
}

#[test]
fn every_line_of_a_handler_says_which_job_and_which_attempt() {
    let service = letters();
    let enqueued = service.run(&["jobs", "enqueue", "stamp", "{\"letters\": 0}", "--json"]);
    let id = enqueued.ends_with(0).json()["id"].clone();
    let id = id.as_str().unwrap();
    let mut worker = service.start(&["worker", "--set", "log.format=json"]);
    for (attempt, words) in [
        (1, "0 letters are stamped"),
        (1, "an attempt failed: there is another one"),
        (2, "0 letters are stamped"),
    ] {
        let line = worker.wait_for(words);
        let line: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(line["job.id"], id, "{line}");
        assert_eq!(line["job.kind"], "stamp", "{line}");
        assert_eq!(line["job.attempt"], attempt, "{line}");
        assert_eq!(line["trace_id"], id.replace('-', ""), "{line}");
    }
    worker.signal("TERM");
    assert_eq!(worker.end().0, 0);
}

#[test]
fn the_metrics_of_a_worker_are_those_that_are_documented() {
    use atlas::telemetry::names::{Kind, jobs};
    let service = letters();
    let enqueued = ["jobs", "enqueue", "stamp", "{\"letters\": 3}"];
    service.run(&enqueued).ends_with(0);
    let mut worker = service.start(&["worker", "--listen", "127.0.0.1:0"]);
    let line = worker.wait_for("listening for probes");
    let (_, address) = line.split_once("address=").unwrap();
    let address = address.split_whitespace().next().unwrap().to_owned();
    worker.wait_for("3 letters are stamped");
    let done = "atlas_jobs_finished_total{queue=\"default\",kind=\"stamp\",outcome=\"done\"} 1";
    let patience = std::time::Instant::now() + std::time::Duration::from_secs(60);
    let text = loop {
        let text = get(&address, "/metrics");
        // jobs are counted every few seconds
        if text.contains(done) && text.contains("atlas_jobs_oldest_seconds") {
            break text;
        }
        assert!(std::time::Instant::now() < patience, "{text}");
        std::thread::sleep(std::time::Duration::from_millis(50));
    };
    worker.signal("TERM");
    assert_eq!(worker.end().0, 0);
    for metric in jobs::METRICS {
        let help = format!("# HELP {} {}\n", metric.exposed(), metric.help);
        assert!(text.contains(&help), "{help}{text}");
    }
    for line in text.lines().filter(|it| it.starts_with("atlas_jobs_")) {
        let name = line.split(['{', ' ']).next().unwrap();
        let family = ["_bucket", "_sum", "_count"];
        let family = family.iter().find_map(|end| name.strip_suffix(end));
        let found = jobs::METRICS.iter().find(|it| {
            let exposed = it.exposed();
            exposed == name || Some(exposed.as_str()) == family && it.kind == Kind::Histogram
        });
        let metric = found.unwrap_or_else(|| panic!("{line}"));
        let labels = line.split_once('{').map_or("", |it| it.1);
        let labels = labels.split("\",").filter_map(|it| it.split_once("=\""));
        for (label, _) in labels {
            let known = label == "le" || metric.labels.contains(&label);
            assert!(known, "`{label}`: {line}");
        }
    }
}

/// What is answered to a request, head and body.
fn get(address: &str, path: &str) -> String {
    use std::io::{Read, Write};
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    let patience = std::time::Duration::from_secs(60);
    stream.set_read_timeout(Some(patience)).unwrap();
    let head = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}
