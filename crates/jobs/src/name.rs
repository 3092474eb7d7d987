//! Names that outlive the code: those of kinds, of queues and of schedules.

/// The longest name, in bytes.
pub(crate) const LONGEST: usize = 100;

/// What a name may hold, for messages.
pub(crate) const RULE: &str =
    "small letters, digits, `_`, `.` and `-`, at most 100 of them, the first a letter or a digit";

/// Says whether a text may be a name.
pub(crate) fn is_name(text: &str) -> bool {
    let may = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    text.len() <= LONGEST
        && text.bytes().next().is_some_and(may)
        && text.bytes().all(|byte| may(byte) || b"_.-".contains(&byte))
}

/// The name that was probably meant: the closest, if only a slip of the pen lies between.
pub(crate) fn closest<'a>(
    meant: &str,
    names: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let meant = meant.to_lowercase();
    let away = |name: &str| strsim::damerau_levenshtein(&meant, &name.to_lowercase());
    let near = names.into_iter().map(|name| (away(name), name));
    near.filter(|(away, name)| *away <= (name.len() / 3).min(3))
        .min_by_key(|(away, _)| *away)
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::{closest, is_name};

    #[test]
    fn the_closest_name_is_found_and_a_strange_one_is_not() {
        let names = ["send_receipt", "cleanup"];
        assert_eq!(closest("sent_receipt", names), Some("send_receipt"));
        assert_eq!(closest("CLEANUP", names), Some("cleanup"));
        assert_eq!(closest("report", names), None);
    }

    #[test]
    fn names_are_small_letters_digits_and_three_marks() {
        for name in [
            "default",
            "send_receipt",
            "mail.eu-1",
            "3d",
            &"a".repeat(100),
        ] {
            assert!(is_name(name), "{name}");
        }
        for name in [
            "",
            "Mail",
            "a b",
            "-x",
            "_x",
            "send@2",
            "é",
            "a/b",
            &"a".repeat(101),
        ] {
            assert!(!is_name(name), "{name}");
        }
    }
}
