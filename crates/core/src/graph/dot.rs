//! The graph for Graphviz.

use std::fmt::Write as _;

use super::{
    Graph,
    draw::{Drawn, Edge},
    json::quote,
};

impl Graph {
    /// A Graphviz digraph; problems are red, what nothing needs is dashed.
    pub fn to_dot(&self) -> String {
        let mut out = format!(
            "digraph {} {{\n  rankdir=LR;\n  node [shape=box];\n",
            quote(self.app)
        );
        for (cluster, (module, members)) in self.by_module().into_iter().enumerate() {
            if !module.is_empty() {
                let _ = writeln!(
                    out,
                    "  subgraph cluster_{cluster} {{\n    label={};",
                    quote(module)
                );
            }
            for index in members {
                let node = &self.nodes[index];
                let tip = match node.kind {
                    "missing" => "missing".to_owned(),
                    _ => format!("{}  {}", node.place, node.function),
                };
                let label = match node.problem {
                    Some(code) => format!("{} {code}", node.label),
                    None => node.label.clone(),
                };
                let style = match (node.problem, node.used) {
                    (Some(_), _) => ", color=red, fontcolor=red",
                    (None, false) => ", style=dashed",
                    (None, true) => "",
                };
                let (label, shape, tip) = (quote(&label), shape(node), quote(&tip));
                let _ = writeln!(
                    out,
                    "    n{index} [label={label}, shape={shape}, tooltip={tip}{style}];"
                );
            }
            if !module.is_empty() {
                out.push_str("  }\n");
            }
        }
        for Edge { from, to, kind } in &self.edges {
            let style = match *kind {
                "optional" => " [style=dashed]",
                "collects" => " [style=bold]",
                _ => "",
            };
            let _ = writeln!(out, "  n{from} -> n{to}{style};");
        }
        out.push_str("}\n");
        out
    }
}

fn shape(node: &Drawn) -> &'static str {
    match node.kind {
        "decorate" => "component",
        "process" | "invoke" | "expose" => "oval",
        "contribute" => "parallelogram",
        _ => "box",
    }
}
