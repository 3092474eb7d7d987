//! The section `jobs`: what it takes, and what it says of what it does not.

use atlas_config::{Config, Description, Options, Profile, Section};
use atlas_jobs::JobsConfig;

/// The problems of the section with these keys set, in the order of the section.
fn problems(keys: &[(&str, &str)]) -> Vec<String> {
    let nowhere = tempfile::tempdir().expect("a folder");
    let mut options = Options::default().dir(nowhere.path());
    for (key, value) in keys {
        options = options.set(format!("jobs.{key}"), *value);
    }
    let resolution = Config::load(&options).resolve(vec![Description::of::<JobsConfig>()]);
    let problems = resolution.problems().iter();
    problems.map(ToString::to_string).collect()
}

#[test]
fn the_defaults_are_sound_in_every_profile_and_only_development_runs_jobs_beside_the_server() {
    for profile in [Profile::Development, Profile::Test, Profile::Production] {
        let config = JobsConfig::defaults(profile).unwrap();
        assert_eq!(
            config.embedded,
            profile == Profile::Development,
            "{profile}"
        );
        assert!(*config.lease >= *config.heartbeat * 2);
    }
    assert_eq!(problems(&[]), [""; 0]);
}

#[test]
fn what_cannot_work_is_said_with_its_key_and_the_way_out() {
    for (key, value, words) in [
        ("store", "mongo", "`redis`"),
        ("concurrency", "0", "at least 1"),
        ("concurrency", "10001", "at most 10000"),
        ("lease", "15s", "must be at least twice `heartbeat`"),
        ("heartbeat", "0s", "must be from 50ms to ten years"),
        ("poll_interval", "1ms", "must be from 10ms to ten years"),
        ("timeout", "99999d", "must be at most ten years"),
        ("keep_dead", "-1d", "duration"),
        ("max_payload", "1GiB", "must be between 1 KiB and 64 MiB"),
        ("max_payload", "12", "must be between 1 KiB and 64 MiB"),
        ("max_attempts", "0", "at least 1"),
        ("crash_limit", "0", "at least 1"),
        ("queues.Mail", "1", "a queue of the name `Mail`"),
        (
            "queues.mail",
            "5000",
            "the weight 5000, which must be at most 1000",
        ),
        ("queues.default", "0", "a queue of a weight above 0"),
        ("lese", "1s", "did you mean `jobs.lease`"),
    ] {
        let found = problems(&[(key, value)]);
        let place = format!("jobs.{}", key.split('.').next().unwrap());
        assert_eq!(found.len(), 1, "{key} = {value}: {found:#?}");
        assert!(found[0].contains(words), "{key} = {value}: {}", found[0]);
        assert!(
            found[0].contains(&place) || key == "lese",
            "{key} = {value}: {}",
            found[0]
        );
    }
}

#[test]
fn everything_that_is_wrong_is_said_at_once() {
    let found = problems(&[("lease", "1s"), ("max_payload", "1B"), ("queues.UP", "1")]);
    assert_eq!(found.len(), 3, "{found:#?}");
}

#[test]
fn a_queue_of_weight_0_is_left_alone() {
    let mut config = JobsConfig::for_tests();
    config.queues.insert("default".to_owned(), 0);
    config.queues.insert("mail".to_owned(), 3);
    assert_eq!(config.weights().collect::<Vec<_>>(), [("mail", 3)]);
}

#[test]
fn a_worker_may_be_told_its_queues_in_one_word() {
    let only = |text: &str| JobsConfig::for_tests().only(text);
    let config = only("critical:4, default").unwrap();
    let weights: Vec<_> = config.weights().collect();
    assert_eq!(weights, [("critical", 4), ("default", 1)]);
    for (text, words) in [
        ("", "`` is no queue"),
        ("a,,b", "`` is no queue"),
        ("Mail", "`Mail` is no queue"),
        ("mail:0", "the weight of `mail`"),
        ("mail:x", "the weight of `mail`"),
        ("mail:1001", "from 1 to 1000"),
        ("mail,mail:2", "`mail` is named twice"),
    ] {
        let problem = only(text).unwrap_err();
        assert!(problem.contains(words), "{text}: {problem}");
    }
}
