//! The sample of `seeds/sample.yaml`.

use atlas_test::TestApp;
use serde_json::json;

#[atlas_test::test(cities::app())]
async fn the_largest_cities_of_a_country_come_first(app: &TestApp) {
    app.get("/countries/JP/cities").await.ok().matches(json!([
        { "name": "Tokyo", "timezone": "Asia/Tokyo" },
        { "name": "Osaka" },
    ]));
    app.get("/countries/XX/cities")
        .await
        .ok()
        .matches(json!([]));
}
