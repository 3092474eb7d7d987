//! Formatting of generated Rust.

use std::{
    io::Write,
    path::Path,
    process::{Command, Stdio},
};

/// The text as `rustfmt` writes it, with the settings of `folder`; where there is no `rustfmt`, with every line
/// indented as its brackets say.
#[must_use]
pub fn rust(text: String, folder: &Path) -> String {
    formatted(&text, folder).unwrap_or_else(|| indented(&text))
}

fn formatted(text: &str, folder: &Path) -> Option<String> {
    let folder = folder.ancestors().find(|it| it.is_dir())?;
    let mut rustfmt = Command::new("rustfmt")
        .args(["--edition", "2024", "--emit", "stdout", "--quiet"])
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    // the text of one file fits no pipe for sure, and rustfmt reads all of it before it writes
    let mut stdin = rustfmt.stdin.take()?;
    stdin.write_all(text.as_bytes()).ok()?;
    drop(stdin);
    let output = rustfmt.wait_with_output().ok()?;
    let formatted = String::from_utf8(output.stdout).ok()?;
    (output.status.success() && !formatted.trim().is_empty()).then_some(formatted)
}

/// Every line as deep as the brackets that are open before it; a call in a chain one deeper.
fn indented(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    let mut depth = 0_usize;
    for line in text.lines().map(str::trim) {
        let closing = line
            .chars()
            .take_while(|letter| matches!(letter, ')' | ']' | '}'))
            .count();
        let level = depth.saturating_sub(closing) + usize::from(line.starts_with('.'));
        if !line.is_empty() {
            out.push_str(&"    ".repeat(level));
            out.push_str(line);
        }
        out.push('\n');
        depth = depth.saturating_add_signed(opened(line));
    }
    out
}

/// How many brackets a line opens more than it closes, texts and comments aside.
fn opened(line: &str) -> isize {
    let (mut count, mut in_text) = (0, false);
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' if in_text => drop(letters.next()),
            '"' => in_text = !in_text,
            _ if in_text => {}
            '/' if letters.peek() == Some(&'/') => break,
            '(' | '[' | '{' => count += 1,
            ')' | ']' | '}' => count -= 1,
            _ => {}
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::{indented, rust};

    #[test]
    fn lines_are_as_deep_as_their_brackets() {
        let text = "fn f() {\nlet a = g(\n\"{\", // (\n[1],\n)\n.h();\n\n}\n";
        let deep = "fn f() {\n    let a = g(\n        \"{\", // (\n        [1],\n    )\n        .h();\n\n}\n";
        assert_eq!(indented(text), deep);
        assert_eq!(indented(deep), deep);
    }

    #[test]
    fn what_is_no_rust_stays_as_it_is() {
        let folder = std::env::temp_dir();
        assert_eq!(rust("fn f( {\n".to_owned(), &folder), "fn f( {\n");
        assert_eq!(rust("fn f() {}\n".to_owned(), &folder), "fn f() {}\n");
    }
}
