//! The graph as JSON.

use std::fmt::Write as _;

use super::{
    Graph,
    draw::{Drawn, Edge},
};

impl Graph {
    /// `{"app", "nodes": [{"id", "kind", "label", "function", "module", "place", "used", "problem"}], "edges": [{"from",
    /// "to", "kind"}]}`; `problem` is a code or null.
    pub fn to_json(&self) -> String {
        let nodes = self.nodes.iter().enumerate().map(|(id, node)| {
            let Drawn { kind, label, function, module, place, used, problem } = node;
            let problem = problem.map_or_else(|| "null".to_owned(), quote);
            format!(
                "    {{\"id\": {id}, \"kind\": {}, \"label\": {}, \"function\": {}, \"module\": {}, \"place\": {}, \
                 \"used\": {used}, \"problem\": {problem}}}",
                quote(kind),
                quote(label),
                quote(function),
                quote(module),
                quote(place),
            )
        });
        let edges = self.edges.iter().map(|Edge { from, to, kind }| {
            format!(
                "    {{\"from\": {from}, \"to\": {to}, \"kind\": {}}}",
                quote(kind)
            )
        });
        let list = |lines: Vec<String>| match lines.is_empty() {
            true => "[]".to_owned(),
            false => format!("[\n{}\n  ]", lines.join(",\n")),
        };
        let (nodes, edges) = (list(nodes.collect()), list(edges.collect()));
        format!(
            "{{\n  \"app\": {},\n  \"nodes\": {nodes},\n  \"edges\": {edges}\n}}\n",
            quote(self.app)
        )
    }
}

/// A quoted string as JSON and DOT have it.
pub(super) fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if c < ' ' => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
