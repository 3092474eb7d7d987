//! Relative links in Markdown lead somewhere, headings included.

use std::path::{Component, Path, PathBuf};

use anyhow::Result;

use super::{Finding, files};

/// Says every relative link whose file or heading does not exist.
pub(super) fn check(root: &Path) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for path in files::with_extension(root, "md")? {
        let text = files::read(&path)?;
        for (line, target) in links(&text) {
            if let Some(problem) = problem(&path, &text, &target)? {
                let place = format!("{}:{line}", files::relative(root, &path));
                findings.push(Finding::new(place, format!("link `{target}`: {problem}")));
            }
        }
    }
    Ok(findings)
}

fn problem(page: &Path, text: &str, target: &str) -> Result<Option<String>> {
    if target.contains("://") || target.starts_with("mailto:") {
        return Ok(None);
    }
    let (file, heading) = target.split_once('#').unwrap_or((target, ""));
    let linked = if file.is_empty() {
        page.to_owned()
    } else {
        normal(&page.parent().unwrap_or(Path::new("")).join(file))
    };
    if !linked.exists() {
        return Ok(Some("no such file".to_owned()));
    }
    let is_page = linked.extension().is_some_and(|it| it == "md");
    if heading.is_empty() || !is_page {
        return Ok(None);
    }
    let linked_text = if linked == page {
        text.to_owned()
    } else {
        files::read(&linked)?
    };
    let known = headings(&linked_text).any(|it| it == heading);
    Ok((!known).then(|| "no such heading".to_owned()))
}

fn normal(path: &Path) -> PathBuf {
    let mut result = PathBuf::new();
    for component in path.components() {
        match component {
            Component::ParentDir => {
                result.pop();
            }
            Component::CurDir => {}
            other => result.push(other),
        }
    }
    result
}

/// Inline links with their line numbers, code blocks left out.
fn links(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut in_code = false;
    for (index, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        }
        if in_code {
            continue;
        }
        let prose: String = line.split('`').step_by(2).collect::<Vec<_>>().join("``");
        let mut rest = prose.as_str();
        while let Some(start) = rest.find("](") {
            rest = &rest[start + 2..];
            let Some(end) = rest.find(')') else { break };
            let target = rest[..end].split_whitespace().next().unwrap_or("");
            if !target.is_empty() {
                found.push((index + 1, target.to_owned()));
            }
            rest = &rest[end..];
        }
    }
    found
}

/// The anchors of a page, made as GitHub makes them.
fn headings(text: &str) -> impl Iterator<Item = String> + '_ {
    text.lines()
        .filter(|line| line.starts_with('#'))
        .map(|line| anchor(line.trim_start_matches('#').trim()))
}

fn anchor(heading: &str) -> String {
    heading
        .to_lowercase()
        .chars()
        .filter_map(|char| match char {
            ' ' => Some('-'),
            '-' | '_' => Some(char),
            _ if char.is_alphanumeric() => Some(char),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{anchor, check, links};

    #[test]
    fn an_anchor_is_made_as_github_makes_it() {
        assert_eq!(
            anchor("The two commands, in `bash`"),
            "the-two-commands-in-bash"
        );
    }

    #[test]
    fn links_in_code_are_not_links() {
        let text = "[a](b.md) and `[c](d.md)`\n```\n[e](f.md)\n```\n[g](h.md)";
        assert_eq!(
            links(text),
            [(1, "b.md".to_owned()), (5, "h.md".to_owned())]
        );
    }

    #[test]
    fn a_link_to_nothing_is_a_finding() {
        let folder = tempfile::tempdir().unwrap();
        let page =
            "# One two\n[fine](#one-two) [gone](gone.md) [lost](#three) [web](https://example.org)";
        std::fs::write(folder.path().join("page.md"), page).unwrap();
        let texts: Vec<_> = check(folder.path())
            .unwrap()
            .into_iter()
            .map(|finding| finding.text)
            .collect();
        assert_eq!(
            texts,
            [
                "link `gone.md`: no such file",
                "link `#three`: no such heading"
            ]
        );
    }
}
