//! `docs/cli.md` says what the help pages say.

use std::path::Path;

/// What is above this line is written by hand, what is below comes from the help pages.
const MARK: &str = "<!-- From here on: the help pages. After a change: UPDATE_GOLDEN=1 cargo nextest run -p atlas-kit-cli docs -->\n";

#[test]
fn the_reference_in_docs_is_what_help_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/cli.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let (by_hand, reference) = text.split_once(MARK).expect("the mark is there");
    let mut command = atlas_cli::command();
    command.build();
    let mut expected = String::new();
    pages(&command, "", &mut expected);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, format!("{by_hand}{MARK}{expected}")).unwrap();
    } else {
        assert_eq!(
            reference, expected,
            "regenerate it: UPDATE_GOLDEN=1 cargo nextest run -p atlas-kit-cli docs"
        );
    }
}

#[test]
fn every_line_of_help_fits_a_wide_terminal() {
    let mut command = atlas_cli::command();
    command.build();
    let mut all = String::new();
    pages(&command, "", &mut all);
    for line in all.lines() {
        assert!(line.chars().count() <= 140, "{line}");
    }
}

/// The page of `command` and of all below it.
fn pages(command: &clap::Command, before: &str, text: &mut String) {
    let name = format!("{before}{}", command.get_name());
    let help = command.clone().render_help().to_string();
    // The options every command has are shown once, by `atlas --help`.
    let help = match help.split_once("\nGlobal options:\n") {
        Some((own, global)) => {
            let after = global.split_once("\n\n").map_or("", |(_, after)| after);
            format!("{}\n\n{after}", own.trim_end())
        }
        None => help,
    };
    let help: Vec<_> = help.trim_end().lines().map(str::trim_end).collect();
    text.push_str(&format!(
        "\n## `{name}`\n\n```text\n{}\n```\n",
        help.join("\n")
    ));
    for below in command
        .get_subcommands()
        .filter(|below| below.get_name() != "help" || before.is_empty())
    {
        pages(below, &format!("{name} "), text);
    }
}
