//! What expressions mean.

use atlas_jobs::Cron;
use chrono::{DateTime, Datelike, TimeZone, Timelike, Utc};

#[test]
fn ticks_around_changes_of_clocks_are_those_of_a_table_made_by_other_means() {
    let (mut rows, mut wrong) = (0, Vec::new());
    for line in include_str!("dst.csv").lines() {
        let fields: Vec<_> = line.split(',').collect();
        let time = |at: usize| DateTime::from_timestamp(fields[at].parse().unwrap(), 0).unwrap();
        let cron = Cron::new(fields[1], fields[0]).unwrap();
        let (start, end) = (time(2), time(3));
        let ticks = std::iter::successors(cron.after(start), |tick| cron.after(*tick));
        let ticks: Vec<_> = ticks
            .take_while(|tick| *tick < end)
            .map(|tick| tick.timestamp().to_string())
            .collect();
        if ticks.join(" ") != fields[4] {
            wrong.push(format!("{line}\n     got {}", ticks.join(" ")));
        }
        rows += 1;
    }
    assert!(rows > 110, "{rows}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn ticks_go_on_behind_a_day_that_a_zone_left_out() {
    // Samoa went from 29 to 31 December 2011, across the date line
    let cron = Cron::new("0 12 * * *", "Pacific/Apia").unwrap();
    let noon = |day, hour| Utc.with_ymd_and_hms(2011, 12, day, hour, 0, 0).unwrap();
    let ticks = std::iter::successors(cron.after(noon(28, 0)), |tick| cron.after(*tick));
    let ticks: Vec<_> = ticks.take(3).collect();
    assert_eq!(ticks, [noon(28, 22), noon(29, 22), noon(30, 22)]);
    assert_eq!(
        Cron::new("0 0 30 2 *", "UTC").unwrap().after(noon(28, 0)),
        None
    );
}

#[test]
fn ticks_of_any_expression_come_in_order_and_only_when_the_clock_says_so() {
    const ZONES: [chrono_tz::Tz; 4] = [
        chrono_tz::Europe::Berlin,
        chrono_tz::America::New_York,
        chrono_tz::Australia::Lord_Howe,
        chrono_tz::Asia::Kathmandu,
    ];
    for seed in 0..400 {
        let mut random = fastrand::Rng::with_seed(seed);
        let (every, hour) = (random.u32(2..=30), random.u32(0..=22));
        let days = random.u32(1..=28);
        let zone = ZONES[random.usize(..ZONES.len())];
        let text = format!("*/{every} {hour}-{} {days}-31 * *", hour + 1);
        let cron = Cron::new(&text, zone.name()).unwrap();
        let mut last = Utc
            .timestamp_opt(1_767_225_600 + random.i64(0..31_536_000), 0)
            .unwrap();
        for _ in 0..50 {
            let next = cron.after(last).unwrap();
            let here = next.with_timezone(&zone);
            assert!(
                next > last,
                "seed {seed}: `{text}` goes back from {last} to {next}"
            );
            let meets = here.second() == 0
                && here.minute().is_multiple_of(every)
                && (hour..=hour + 1).contains(&here.hour())
                && here.day() >= days;
            assert!(meets, "seed {seed}: `{text}` does not mean {here}");
            assert_eq!(
                cron.after(next - chrono::TimeDelta::milliseconds(1)),
                Some(next)
            );
            last = next;
        }
    }
}

#[test]
fn an_expression_is_told_in_english() {
    let said = Cron::new("30 3 * * MON-FRI", "Europe/Berlin")
        .unwrap()
        .describe();
    assert!(
        said.contains("03:30") && said.contains("Europe/Berlin"),
        "{said}"
    );
}
