//! Spans of time, sizes and profiles.

use atlas_config::{ByteSize, Duration, Profile};

#[test]
fn durations_are_read_as_people_write_them() {
    let nanos = |text: &str| text.parse::<Duration>().map(|it| it.as_nanos()).ok();
    for (text, expected) in [
        ("0s", Some(0)),
        ("1ns", Some(1)),
        ("250ms", Some(250_000_000)),
        ("1.5s", Some(1_500_000_000)),
        ("30s", Some(30_000_000_000)),
        ("5m", Some(300_000_000_000)),
        ("1h30m", Some(5_400_000_000_000)),
        ("1d", Some(86_400_000_000_000)),
        ("0.25us", Some(250)),
        ("", None),
        ("30", None),
        ("s", None),
        ("-1s", None),
        ("1 s", None),
        ("1.s", None),
        (".5s", None),
        ("1.2.3s", None),
        ("1w", None),
        ("1S", None),
        ("99999999999999999999999999999999999999999999d", None),
        ("99999999999999999999d", None),
        ("1s٣", None),
    ] {
        assert_eq!(nanos(text), expected, "{text}");
    }
}

#[test]
fn durations_are_written_as_they_are_read() {
    for text in [
        "0s",
        "1ns",
        "250ms",
        "1s500ms",
        "30s",
        "5m",
        "1h30m",
        "1d",
        "2d3h4m5s6ms7us8ns",
    ] {
        let duration: Duration = text.parse().expect(text);
        assert_eq!(duration.to_string(), text);
        let json = serde_json::to_string(&duration).expect("it serializes");
        assert_eq!(
            serde_json::from_str::<Duration>(&json).expect("it deserializes"),
            duration
        );
    }
    let most = Duration::from(std::time::Duration::MAX);
    assert_eq!(most.to_string().parse(), Ok(most));
    assert_eq!(
        std::time::Duration::from(Duration::from_millis(1500)),
        Duration::from_millis(1500).get()
    );
}

#[test]
fn sizes_are_read_as_people_write_them() {
    let bytes = |text: &str| text.parse::<ByteSize>().map(ByteSize::bytes).ok();
    for (text, expected) in [
        ("0", Some(0)),
        ("512", Some(512)),
        ("512B", Some(512)),
        ("1kB", Some(1000)),
        ("1KB", Some(1000)),
        ("1KiB", Some(1024)),
        ("1.5MiB", Some(1_572_864)),
        ("2GB", Some(2_000_000_000)),
        ("16777215TiB", Some(16_777_215 << 40)),
        ("16777216TiB", None),
        ("99999999999999999999", None),
        ("", None),
        ("MiB", None),
        ("1 MiB", None),
        ("1mib", None),
        ("-1", None),
        ("1.B", None),
    ] {
        assert_eq!(bytes(text), expected, "{text}");
    }
}

#[test]
fn sizes_are_written_as_they_are_read() {
    for text in ["0B", "512B", "1KiB", "1536B", "2MiB", "3GiB", "1TiB"] {
        let size: ByteSize = text.parse().expect(text);
        assert_eq!(size.to_string(), text);
        let json = serde_json::to_string(&size).expect("it serializes");
        assert_eq!(
            serde_json::from_str::<ByteSize>(&json).expect("it deserializes"),
            size
        );
    }
    assert_eq!(
        serde_json::from_str::<ByteSize>("2048")
            .expect("a number of bytes")
            .bytes(),
        2048
    );
    assert!(serde_json::from_str::<ByteSize>("-1").is_err());
    assert_eq!(ByteSize::from_kib(2).as_usize(), 2048);
    assert_eq!(ByteSize::from_mib(u64::MAX).bytes(), u64::MAX);
}

#[test]
fn what_the_type_takes_the_schema_takes_too() {
    let duration = schemars::schema_for!(Duration);
    for text in ["0s", "1.5s", "1h30m", "", "30", "1 s", "-1s", "1w", "1.s"] {
        let by_schema = atlas_schema::violations(&duration, &text.into()).is_empty();
        assert_eq!(by_schema, text.parse::<Duration>().is_ok(), "{text}");
    }
    let size = schemars::schema_for!(ByteSize);
    for text in ["0", "1.5MiB", "1kB", "", "MiB", "1 MiB", "1mib", "-1"] {
        let by_schema = atlas_schema::violations(&size, &text.into()).is_empty();
        assert_eq!(by_schema, text.parse::<ByteSize>().is_ok(), "{text}");
    }
}

#[test]
fn profiles_have_one_name_each() {
    for profile in Profile::ALL {
        assert_eq!(profile.name().parse(), Ok(profile));
        assert_eq!(
            serde_json::to_value(profile).expect("it serializes"),
            profile.name()
        );
    }
    assert_eq!(Profile::default(), Profile::Development);
    let error = "prod".parse::<Profile>().expect_err("there is none");
    assert_eq!(
        error.to_string(),
        "`prod` is not a profile: choose `development`, `test` or `production`"
    );
}
