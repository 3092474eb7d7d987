//! Names as a reader would write them, made from the full paths the compiler gives.

/// `alloc::sync::Arc<dyn shop::orders::Orders>` becomes `Arc<dyn Orders>`.
pub(crate) fn short_type(full: &str) -> String {
    shorten(full, 1)
}

/// `shop::db::connect` becomes `db::connect`, and `shop::Service<shop::Db>::new` becomes `Service<Db>::new`.
pub(super) fn short_function(full: &str) -> String {
    let full = full.replace("::{{closure}}", "");
    let segments = if full.contains(">::") { 1 } else { 2 };
    shorten(&full, segments)
}

/// Keeps the last segments of every path: `first` of the first one, one of each other.
fn shorten(full: &str, first: usize) -> String {
    let mut out = String::with_capacity(full.len());
    let mut keep = first;
    let mut rest = full;
    while !rest.is_empty() {
        let (path, tail) = rest.split_at(rest.find(|c| !in_path(c)).unwrap_or(rest.len()));
        if !path.is_empty() {
            if path.starts_with("::") {
                out.push_str("::");
            }
            out.push_str(last_segments(path, keep));
            keep = 1;
        }
        let (between, next) = tail.split_at(tail.find(in_path).unwrap_or(tail.len()));
        out.push_str(between);
        rest = next;
    }
    out
}

fn in_path(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | ':' | '{' | '}' | '#' | '\'')
}

fn last_segments(path: &str, count: usize) -> &str {
    path.rmatch_indices("::")
        .nth(count - 1)
        .map_or(path, |(at, separator)| &path[at + separator.len()..])
}

#[cfg(test)]
mod tests {
    use super::{short_function, short_type};

    #[test]
    fn types_lose_their_paths() {
        assert_eq!(
            short_type("alloc::sync::Arc<dyn shop::orders::Orders>"),
            "Arc<dyn Orders>"
        );
        assert_eq!(
            short_type("atlas_core::Named<a::Replica, shop::Db>"),
            "Named<Replica, Db>"
        );
        assert_eq!(short_type("(a::B, [c::D; 3])"), "(B, [D; 3])");
    }

    #[test]
    fn functions_keep_the_name_before_theirs() {
        assert_eq!(short_function("shop::db::connect"), "db::connect");
        assert_eq!(short_function("main"), "main");
        assert_eq!(
            short_function("it::test::{{closure}}::connect"),
            "test::connect"
        );
        assert_eq!(short_function("shop::orders::Service::new"), "Service::new");
        assert_eq!(
            short_function("shop::Service<shop::Db>::new"),
            "Service<Db>::new"
        );
        assert_eq!(
            short_function("shop::config::section<shop::Log>"),
            "config::section<Log>"
        );
    }
}
