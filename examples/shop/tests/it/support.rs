//! What the tests share.

use atlas_test::TestApp;

/// The shop on a port and with a database of its own, migrated and seeded.
pub(crate) async fn shop() -> TestApp {
    TestApp::start(shop::app()).await
}
