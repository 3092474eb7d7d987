//! The same statement over and over in one unit of work: what asks once a row could ask once.

use std::{
    backtrace::Backtrace,
    collections::HashMap,
    path::{Component, Path},
    sync::{Arc, Mutex, PoisonError},
};

use atlas_core::scope;

use super::{shape::Shape, watch::written};
use crate::Db;

/// How often a unit of work ran each statement, by the address of its shape, which is kept for as long.
#[derive(Default)]
struct Repeats(Mutex<HashMap<usize, (Arc<Shape>, u32)>>);

/// Counts a statement, and warns when a unit of work runs it for the first time more than `limit` times.
pub(super) fn note(db: &Db, shape: &Arc<Shape>, sql: &str, limit: u32) {
    let Some(repeats) = scope::slot::<Repeats>() else {
        return;
    };
    let mut counts = repeats.0.lock().unwrap_or_else(PoisonError::into_inner);
    let (_, count) = counts
        .entry(Arc::as_ptr(shape) as usize)
        .or_insert_with(|| (Arc::clone(shape), 0));
    *count = count.saturating_add(1);
    if *count != limit.saturating_add(1) {
        return;
    }
    drop(counts);
    let folder = std::env::current_dir().unwrap_or_default();
    let origin = origin(&Backtrace::force_capture().to_string(), &folder);
    let origin = origin.as_ref();
    tracing::warn!(
        target: "atlas::db",
        {
            "db.operation.name" = shape.summary.operation,
            "db.collection.name" = shape.summary.collection.as_deref(),
            "db.query.text" = written(sql, true, db),
            "code.function.name" = origin.and_then(|it| it.function.as_deref()),
            "code.file.path" = origin.map(|it| it.file.as_str()),
            "code.line.number" = origin.map(|it| it.line),
            limit,
        },
        "the same statement ran more than {limit} times in one unit of work{}: load what it reads at once, for example with \
         `find_with_related` or one `IN (…)`; `database.repeat_warning` sets the limit",
        origin.map(|it| format!(" at {}:{}", it.file, it.line)).unwrap_or_default(),
    );
}

/// The line of the application that led to a statement.
#[derive(Debug, PartialEq, Eq)]
struct Origin {
    /// Its function, where debug information has its path.
    function: Option<String>,
    file: String,
    line: u32,
}

/// Finds the innermost frame that belongs neither to a library nor to Atlas.
fn origin(backtrace: &str, folder: &Path) -> Option<Origin> {
    let mut function = "";
    for line in backtrace.lines().map(str::trim) {
        let Some(place) = line.strip_prefix("at ") else {
            function = line.split_once(": ").map_or(line, |(_, name)| name);
            continue;
        };
        // a column follows the line, where there is one
        let (rest, last) = place.rsplit_once(':')?;
        let (file, number) = match rest.rsplit_once(':') {
            Some((file, line)) if line.parse::<u32>().is_ok() => (file, line),
            _ => (rest, last),
        };
        if !is_foreign(file, folder) {
            return Some(Origin {
                function: plain(function),
                file: file.trim_start_matches("./").to_owned(),
                line: number.parse().ok()?,
            });
        }
    }
    None
}

/// Says whether a file is of a library, the compiler's own or Atlas itself, whose crates lie side by side.
fn is_foreign(file: &str, folder: &Path) -> bool {
    const PLACES: [&str; 4] = ["/rustc/", "/.cargo/", "/.rustup/", "/registry/src/"];
    let path = folder.join(file.trim_start_matches("./"));
    let text = path.to_string_lossy().replace('\\', "/");
    let ours = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    PLACES.iter().any(|place| text.contains(place))
        || ours
            .and_then(|ours| path.strip_prefix(ours).ok())
            .is_some_and(|rest| rest.components().nth(1) == Some(Component::Normal("src".as_ref())))
}

/// A function without the closures that the compiler made of it, if its path is known.
fn plain(function: &str) -> Option<String> {
    let name = function.split("::{").next().unwrap_or(function);
    (name.contains("::") && !name.starts_with('{')).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_innermost_line_of_the_application_is_found() {
        let ours = env!("CARGO_MANIFEST_DIR");
        let text = format!(
            "
   0: std::backtrace::Backtrace::force_capture
             at /rustc/abc/library/std/src/backtrace.rs:312:18
   1: {{async_fn#0}}
             at {ours}/src/meters/repeat.rs:36:20
   3: sea_orm::executor::select::Selector<S>::one::{{{{closure}}}}
             at /root/.cargo/registry/src/index/sea-orm-2.0.4/src/executor/select.rs:9:1
   4: shop::orders::list::{{{{closure}}}}
             at ./src/orders/list.rs:42:17
   5: main
             at ./src/main.rs:3:1
"
        );
        let found = Origin {
            function: Some("shop::orders::list".into()),
            file: "src/orders/list.rs".into(),
            line: 42,
        };
        assert_eq!(origin(&text, Path::new("/home/me/shop")), Some(found));
        let bare = origin("   0: main\n", Path::new("/"));
        assert_eq!(bare, None, "without debug information");
        let mut own = "0: {async_fn#0}\n at ./tests/it/spans.rs:7".to_owned();
        let found = origin(&own, Path::new(ours)).unwrap();
        assert_eq!(
            (found.function, found.line),
            (None, 7),
            "tests of ours are applications"
        );
        own = own.replace("tests", "src");
        assert_eq!(origin(&own, Path::new(ours)), None);
    }
}
