//! Parts swapped and keys set.

use std::sync::{Arc, Mutex};

use atlas::config::Profile;
use atlas::db::Db;
use atlas::http::HttpConfig;
use atlas_test::TestApp;
use serde_json::json;

use crate::notes::{self, Notes};

#[derive(Default)]
struct FakeNotes(Mutex<Vec<String>>);

impl Notes for FakeNotes {
    fn add(
        &self,
        text: String,
    ) -> std::pin::Pin<Box<dyn Future<Output = atlas::prelude::Result<i64>> + Send + '_>> {
        let mut notes = self.0.lock().unwrap();
        notes.push(text);
        let id = notes.len() as i64;
        Box::pin(async move { Ok(id) })
    }

    fn find(
        &self,
        _: i64,
    ) -> std::pin::Pin<Box<dyn Future<Output = atlas::prelude::Result<Option<String>>> + Send + '_>>
    {
        Box::pin(async { Ok(None) })
    }
}

#[tokio::test]
async fn a_fake_takes_the_place_of_the_real_part() {
    let fake = Arc::new(FakeNotes::default());
    let given: Arc<dyn Notes> = fake.clone();
    let app = TestApp::builder(notes::app()).swap(given).start().await;
    app.post("/notes", json!({ "text": "remember" }))
        .await
        .created()
        .matches(json!({ "id": 1 }));
    assert_eq!(*fake.0.lock().unwrap(), ["remember"]);
}

#[tokio::test]
async fn a_replacement_may_ask_for_parts_itself() {
    let app = TestApp::builder(notes::app())
        .replace(|_: HttpConfig| -> Arc<dyn Notes> { Arc::new(FakeNotes::default()) })
        .start()
        .await;
    app.get("/notes/1")
        .await
        .status(404)
        .problem("note_not_found");
}

#[tokio::test]
#[should_panic(expected = "did not start")]
async fn what_replaces_nothing_fails_the_test() {
    let nothing = Arc::new(FakeNotes::default());
    TestApp::builder(notes::app()).swap(nothing).start().await;
}

#[tokio::test]
async fn keys_are_set_above_all_files() {
    let app = TestApp::builder(notes::app())
        .set("http.max_body_bytes", "16B")
        .expose::<(HttpConfig, Profile)>()
        .start()
        .await;
    let (config, profile) = app.component::<(HttpConfig, Profile)>();
    assert_eq!(profile, Profile::Test);
    assert_eq!(config.max_body_bytes.bytes(), 16);
    app.post("/notes", json!({ "text": "far too long" }))
        .await
        .status(413);
}

#[tokio::test]
async fn components_answer_what_no_request_can_ask() {
    let app = TestApp::start(notes::app()).await;
    let db: Db = app.component();
    db.ping().await.unwrap();
    app.stop().await;
}

#[tokio::test]
#[should_panic(expected = "`http.max_body_bytess` is not a known key")]
async fn a_key_that_does_not_exist_fails_the_test() {
    TestApp::builder(notes::app())
        .set("http.max_body_bytess", 1)
        .start()
        .await;
}
