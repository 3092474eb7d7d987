//! How values look in JSON, at their limits.

use atlas_http::garde::Validate;
use atlas_http::wire::LongInteger;
use atlas_http::{Json, Routes, post};
use chrono::{DateTime, NaiveDate, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::support::Client;

#[derive(Serialize, Deserialize, JsonSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
struct Values {
    at: DateTime<Utc>,
    day: NaiveDate,
    id: Uuid,
    long: LongInteger,
    short: i32,
}

async fn echo(Json(it): Json<Values>) -> Json<Values> {
    Json(it)
}

fn client() -> Client {
    Client::new(Routes::new("/values").route("/", post(echo)))
}

#[tokio::test]
async fn values_keep_their_form_and_their_limits() {
    let id = "ffffffff-ffff-ffff-ffff-ffffffffffff";
    for (at, day, long, short) in [
        ("1970-01-01T00:00:00Z", "1970-01-01", "0", 0),
        (
            "9999-12-31T23:59:59.999999999Z",
            "9999-12-31",
            "9223372036854775807",
            i32::MAX,
        ),
        (
            "0001-01-01T00:00:00Z",
            "0001-01-01",
            "-9223372036854775808",
            i32::MIN,
        ),
    ] {
        let body = json!({ "at": at, "day": day, "id": id, "long": long, "short": short });
        let answer = client().post("/values", &body.to_string()).await;
        assert_eq!(answer.json(), body);
    }
}

#[tokio::test]
async fn a_time_is_answered_in_utc_whatever_its_offset() {
    let body = json!({
        "at": "2026-01-31T12:00:00+02:00", "day": "2026-01-31", "id": Uuid::nil(), "long": "1", "short": 1,
    });
    let answer = client().post("/values", &body.to_string()).await;
    assert_eq!(answer.json()["at"], "2026-01-31T10:00:00Z");
}

#[tokio::test]
async fn values_beyond_their_limits_are_faults() {
    let sound = json!({
        "at": "2026-01-31T12:00:00Z", "day": "2026-01-31", "id": Uuid::nil(), "long": "1", "short": 1,
    });
    for (name, value, fault) in [
        ("at", json!("2026-01-31"), "/at format"),
        ("at", json!("2026-02-30T12:00:00Z"), "/at format"),
        ("day", json!("2026-13-01"), "/day format"),
        ("id", json!("x"), "/id format"),
        ("long", json!(1), "/long type"),
        ("long", json!("01"), "/long pattern"),
        ("long", json!("9223372036854775808"), "/long invalid"),
        ("short", json!(2_147_483_648_i64), "/short maximum"),
    ] {
        let mut body = sound.clone();
        body[name] = value;
        let answer = client().post("/values", &body.to_string()).await;
        answer.problem(422, "invalid");
        assert_eq!(answer.faults(), [fault], "{body}");
    }
}
