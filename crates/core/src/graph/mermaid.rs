//! The graph as a Mermaid flowchart.

use std::fmt::Write as _;

use super::{
    Graph,
    draw::{Drawn, Edge},
};

impl Graph {
    /// A Mermaid flowchart: `-->` needs, `-.->` optional, `==>` collects, `[[ ]]` decorator, `([ ])` process or invoked
    /// function, `[/ /]` contribution; problems are red, what nothing needs is dashed.
    pub fn to_mermaid(&self) -> String {
        let mut out = String::from("flowchart LR\n");
        for (module, members) in self.by_module() {
            let indent = if module.is_empty() { "  " } else { "    " };
            if !module.is_empty() {
                let _ = writeln!(
                    out,
                    "  subgraph {}[\"{}\"]",
                    identifier(module),
                    escape(module)
                );
            }
            for index in members {
                let node = &self.nodes[index];
                let (open, close) = shape(node);
                let problem = node
                    .problem
                    .map(|code| format!(" {code}"))
                    .unwrap_or_default();
                let _ = writeln!(
                    out,
                    "{indent}n{index}{open}\"{}{problem}\"{close}",
                    escape(&node.label)
                );
            }
            if !module.is_empty() {
                out.push_str("  end\n");
            }
        }
        for Edge { from, to, kind } in &self.edges {
            let arrow = match *kind {
                "optional" => "-.->",
                "collects" => "==>",
                _ => "-->",
            };
            let _ = writeln!(out, "  n{from} {arrow} n{to}");
        }
        self.class(
            &mut out,
            "problem",
            "fill:#fdd,stroke:#c00,color:#600",
            |node| node.problem.is_some(),
        );
        self.class(
            &mut out,
            "unused",
            "stroke-dasharray:4 4,color:#888",
            |node| !node.used && node.problem.is_none(),
        );
        out
    }

    fn class(&self, out: &mut String, class: &str, style: &str, belongs: impl Fn(&Drawn) -> bool) {
        let members: Vec<String> = (0..self.nodes.len())
            .filter(|&index| belongs(&self.nodes[index]))
            .map(|index| format!("n{index}"))
            .collect();
        if !members.is_empty() {
            let _ = writeln!(
                out,
                "  classDef {class} {style}\n  class {} {class}",
                members.join(",")
            );
        }
    }
}

fn shape(node: &Drawn) -> (&'static str, &'static str) {
    match node.kind {
        "decorate" => ("[[", "]]"),
        "process" | "invoke" | "expose" => ("([", "])"),
        "contribute" => ("[/", "/]"),
        _ => ("[", "]"),
    }
}

/// A Mermaid identifier for a module; `end` and the like are words of the language.
fn identifier(module: &str) -> String {
    let clean: String = module
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .collect();
    format!("m_{clean}")
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('"', "&quot;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
