//! Whether to colour what people read.

/// Whether output in colour is wanted: on a terminal, unless `NO_COLOR` is set (<https://no-color.org>) or `TERM=dumb`;
/// elsewhere only when `CLICOLOR_FORCE` is set to something other than `0`.
pub fn wanted(terminal: bool) -> bool {
    decide(terminal, |name| std::env::var_os(name)?.into_string().ok())
}

fn decide(terminal: bool, env: impl Fn(&str) -> Option<String>) -> bool {
    let set = |name| env(name).is_some_and(|value| !value.is_empty());
    if set("NO_COLOR") {
        return false;
    }
    if set("CLICOLOR_FORCE") && env("CLICOLOR_FORCE").as_deref() != Some("0") {
        return true;
    }
    terminal && env("TERM").as_deref() != Some("dumb")
}

#[cfg(test)]
mod tests {
    use super::decide;

    #[test]
    fn the_terminal_and_the_environment_decide() {
        type Case<'a> = (bool, &'a [(&'a str, &'a str)], bool);
        let cases: &[Case<'_>] = &[
            (true, &[], true),
            (false, &[], false),
            (true, &[("NO_COLOR", "1")], false),
            (true, &[("NO_COLOR", "")], true),
            (true, &[("TERM", "dumb")], false),
            (false, &[("CLICOLOR_FORCE", "1")], true),
            (false, &[("CLICOLOR_FORCE", "0")], false),
            (true, &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], false),
        ];
        for (terminal, env, expected) in cases {
            let lookup = |name: &str| {
                let found = env.iter().find(|(key, _)| *key == name)?;
                Some(found.1.to_owned())
            };
            assert_eq!(decide(*terminal, lookup), *expected, "{terminal} {env:?}");
        }
    }
}
