//! How many statements a piece of work takes.

use std::fmt::Write;
use std::panic::Location;

use atlas::db::{Db, Queries};

use crate::TestApp;

impl TestApp {
    /// Runs `work` and returns what came of it, together with the statements that the app ran meanwhile. Statements of other
    /// tasks of the app at the same time are among them.
    ///
    /// # Panics
    /// When nothing in the app uses a database.
    #[track_caller]
    pub fn queries<T, F>(&self, work: F) -> impl Future<Output = (T, Queries)>
    where
        F: Future<Output = T>,
    {
        let queries = self.component::<Db>().record_queries();
        async move { (work.await, queries) }
    }

    /// Runs `work` and checks how many statements the app ran for it; those that begin and end transactions do not count.
    /// What asks once a row is found out by two tests of different numbers of rows, or by one with many.
    ///
    /// ```no_run
    /// # async fn test(shop: &atlas_test::TestApp) {
    /// shop.assert_queries(2, async { shop.get("/products?limit=50").await.ok() }).await;
    /// # }
    /// ```
    ///
    /// # Panics
    /// When there were more or fewer, with all of them.
    #[track_caller]
    pub fn assert_queries<T, F>(&self, expected: usize, work: F) -> impl Future<Output = T>
    where
        F: Future<Output = T>,
    {
        let place = Location::caller();
        let work = self.queries(work);
        async move {
            let (outcome, queries) = work.await;
            let found = queries.count();
            if found != expected {
                differ(expected, &queries, place);
            }
            outcome
        }
    }
}

#[allow(clippy::panic, reason = "a check that does not hold fails the test")]
fn differ(expected: usize, queries: &Queries, place: &Location<'_>) -> ! {
    let texts = queries.texts();
    let mut words = format!("expected {expected} statements, found {}", texts.len());
    for text in &texts {
        let _ = write!(words, "\n  {text}");
    }
    for (text, times) in queries.repeated(1) {
        let _ = write!(words, "\n  help: {times} times, perhaps once a row: {text}");
    }
    panic!("{words}\n  --> {place}")
}
