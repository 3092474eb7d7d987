//! Patterns, compiled once a thread.

use std::cell::RefCell;
use std::collections::HashMap;

use regex_lite::Regex;

/// More patterns than a program's types have; beyond it one is compiled anew at each use.
const KEPT: usize = 1024;

thread_local! {
    /// Every request with a ruled parameter comes by here, and compiling costs many times what matching does. `None`
    /// stands for a pattern that is not understood.
    static COMPILED: RefCell<HashMap<String, Option<Regex>>> = RefCell::default();
}

/// Whether `text` breaks `pattern`; a pattern that is not understood is broken by nothing.
pub(crate) fn is_broken(pattern: &str, text: &str) -> bool {
    COMPILED.with_borrow_mut(|compiled| {
        if let Some(regex) = compiled.get(pattern) {
            return breaks(regex.as_ref(), text);
        }
        let regex = Regex::new(pattern).ok();
        let broken = breaks(regex.as_ref(), text);
        if compiled.len() < KEPT {
            compiled.insert(pattern.to_owned(), regex);
        }
        broken
    })
}

fn breaks(regex: Option<&Regex>, text: &str) -> bool {
    regex.is_some_and(|regex| !regex.is_match(text))
}

#[cfg(test)]
mod tests {
    use super::is_broken;

    #[test]
    fn a_pattern_says_the_same_the_second_time() {
        for _ in 0..2 {
            assert!(is_broken("^[0-9]+$", "a"));
            assert!(!is_broken("^[0-9]+$", "1"));
            assert!(!is_broken("(?<=a)b", "c"), "not understood");
        }
    }
}
