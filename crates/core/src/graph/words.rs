//! Flaws in words: what, where, by which path, and the way out.

use super::{GraphErrors, Order, Problem, flaw::Flaw, hint};
use crate::inject::{Key, Node};

/// Puts flaws into words.
pub(crate) fn describe(
    app: &'static str,
    flaws: &[Flaw],
    nodes: &[Node],
    order: &Order,
) -> GraphErrors {
    let speaker = Speaker { nodes, order };
    GraphErrors {
        app,
        problems: flaws.iter().map(|flaw| speaker.problem(flaw)).collect(),
    }
}

struct Speaker<'a> {
    nodes: &'a [Node],
    order: &'a Order,
}

impl Speaker<'_> {
    fn problem(&self, flaw: &Flaw) -> Problem {
        let (message, places, path, help) = match flaw {
            Flaw::Missing { key, by } => self.missing(*key, by),
            Flaw::NotContributed { key, by, provider } => self.not_contributed(*key, by, *provider),
            Flaw::Twice { nodes } => self.twice(nodes),
            Flaw::Ring { nodes } => self.ring(nodes),
            Flaw::NothingToReplace { node } => self.nothing_to_replace(*node),
            Flaw::ReplacedTwice { nodes } => self.replaced_twice(nodes),
            Flaw::NothingToDecorate { node } => self.nothing_to_decorate(*node),
            Flaw::IgnoresInner { node } => self.ignores_inner(*node),
            Flaw::NoProcess { wanted, known } => no_process(wanted, known),
        };
        Problem {
            code: flaw.code(),
            message,
            places,
            path,
            help,
        }
    }

    fn missing(&self, key: Key, by: &[usize]) -> Words {
        let places = by
            .iter()
            .map(|&node| format!("{} asks for it", self.place(node)))
            .collect();
        let path = self.path(by[0], &format!("`{key}`"));
        let mut help = hint::for_missing(key, self.nodes);
        help.push(format!(
            "provide it: `.provide(|…| -> {key} {{ … }})`, or add the module that does"
        ));
        help.push(format!("if it may be absent, ask for `Option<{key}>`"));
        (
            format!("missing component `{key}`"),
            places,
            Some(path),
            help,
        )
    }

    fn not_contributed(&self, key: Key, by: &[usize], provider: usize) -> Words {
        let mut places = vec![format!("{} provides it", self.place(provider))];
        places.extend(
            by.iter()
                .map(|&node| format!("{} asks for `Vec<{key}>`", self.place(node))),
        );
        let path = self.path(by[0], &format!("`Vec<{key}>`"));
        let help = vec![
            format!(
                "to be one of `Vec<{key}>`, register it with `.contribute(…)` instead of `.provide(…)`"
            ),
            format!("to get the provided one, ask for `{key}`"),
        ];
        (
            format!("`{key}` is provided, but never contributed"),
            places,
            Some(path),
            help,
        )
    }

    fn twice(&self, nodes: &[usize]) -> Words {
        let name = self.gives(nodes[0]);
        let mut help = Vec::new();
        if nodes
            .windows(2)
            .all(|pair| self.nodes[pair[0]].at == self.nodes[pair[1]].at)
        {
            help.push(
                "the same module is added twice: add it once, where the app is put together"
                    .to_owned(),
            );
        }
        help.push(
            "to override it (in a test), use `.replace(…)`; to wrap it, `.decorate(…)`".to_owned(),
        );
        let bare = name
            .rsplit([' ', '<'])
            .next()
            .unwrap_or(&name)
            .trim_end_matches('>')
            .to_owned();
        let own = if bare == name {
            format!("`struct Other({name});`")
        } else {
            format!("a struct around `{name}`")
        };
        help.push(format!(
            "to have both, give one a type of its own: {own} or `Named<Other, {name}>`"
        ));
        help.push(format!(
            "to collect several, use `.contribute(…)` and ask for `Vec<{name}>`"
        ));
        let times = if nodes.len() == 2 {
            "twice".to_owned()
        } else {
            format!("{} times", nodes.len())
        };
        (
            format!("`{name}` is provided {times}"),
            self.places(nodes),
            None,
            help,
        )
    }

    fn ring(&self, nodes: &[usize]) -> Words {
        let mut names: Vec<String> = nodes.iter().map(|&node| self.gives(node)).collect();
        let first = names[0].clone();
        names.push(first.clone());
        let help = "break the ring: move what both sides share into a third component, or let one side publish an event";
        let path = names.join(" → ");
        (
            format!("`{first}` depends on itself"),
            self.places(nodes),
            Some(path),
            vec![help.to_owned()],
        )
    }

    fn nothing_to_replace(&self, node: usize) -> Words {
        let name = self.gives(node);
        let key = self.nodes[node].gives;
        let mut help = key
            .map(|key| hint::for_missing(key, self.nodes))
            .unwrap_or_default();
        help.push("an override that replaces nothing tests nothing: remove it, or use `.provide(…)` to add a component".to_owned());
        (
            format!("nothing to replace: no one provides `{name}`"),
            self.places(&[node]),
            None,
            help,
        )
    }

    fn replaced_twice(&self, nodes: &[usize]) -> Words {
        let help = "keep one; a later `.with(…)` may replace what an earlier one did";
        (
            format!("`{}` is replaced twice", self.gives(nodes[0])),
            self.places(nodes),
            None,
            vec![help.to_owned()],
        )
    }

    fn nothing_to_decorate(&self, node: usize) -> Words {
        let name = self.gives(node);
        let key = self.nodes[node].gives;
        let mut help = key
            .map(|key| hint::for_missing(key, self.nodes))
            .unwrap_or_default();
        help.push(format!(
            "provide it: `.provide(|…| -> {name} {{ … }})`, or add the module that does"
        ));
        (
            format!("nothing to decorate: no one provides `{name}`"),
            self.places(&[node]),
            None,
            help,
        )
    }

    fn ignores_inner(&self, node: usize) -> Words {
        let name = self.gives(node);
        let help = vec![
            format!(
                "take the inner one among the arguments: `|inner: {name}, …| -> {name} {{ … }}`"
            ),
            "to do without the inner one, use `.replace(…)`".to_owned(),
        ];
        (
            format!("a decorator of `{name}` does not ask for `{name}`"),
            self.places(&[node]),
            None,
            help,
        )
    }

    fn places(&self, nodes: &[usize]) -> Vec<String> {
        nodes.iter().map(|&node| self.place(node)).collect()
    }

    fn place(&self, node: usize) -> String {
        let node = &self.nodes[node];
        format!("{}  {} (module `{}`)", node.at, node.label(), node.module)
    }

    fn gives(&self, node: usize) -> String {
        self.nodes[node]
            .gives
            .map_or_else(|| self.nodes[node].label(), |key| key.to_string())
    }

    fn path(&self, node: usize, end: &str) -> String {
        let mut names: Vec<String> = self
            .order
            .path(node)
            .iter()
            .map(|&node| self.nodes[node].label())
            .collect();
        names.push(end.to_owned());
        names.join(" → ")
    }
}

type Words = (String, Vec<String>, Option<String>, Vec<String>);

fn no_process(wanted: &str, known: &[&'static str]) -> Words {
    let mut help = Vec::new();
    if let Some(name) = hint::closest(wanted, known) {
        help.push(format!("did you mean `{name}`?"));
    }
    help.push(match known {
        [] => "this app has no process: add one with `.process(\"…\", …)`".to_owned(),
        known => format!("processes of this app: `{}`", known.join("`, `")),
    });
    (
        format!("no process is called `{wanted}`"),
        Vec::new(),
        None,
        help,
    )
}
