//! A call in a chain: `App::new("shop").module(…).module(…)`.

use quote::ToTokens;
use syn::{Expr, ExprMethodCall, Item, Stmt};

use super::{Edit, source::Source};

/// A call `.method(argument)` in the only chain of a function that begins with `Type::new(…)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainCall {
    function: String,
    root: String,
    method: String,
    argument: String,
}

impl ChainCall {
    /// `.module(argument)` behind the last `.module(…)` of `fn app`.
    #[must_use]
    pub fn module_of_app(argument: &str) -> Self {
        Self::new("app", "App", "module", argument)
    }

    /// `.method(argument)` in the chain of `fn function` that begins with `root::new(…)`.
    #[must_use]
    pub fn new(function: &str, root: &str, method: &str, argument: &str) -> Self {
        Self {
            function: function.to_owned(),
            root: root.to_owned(),
            method: method.to_owned(),
            argument: argument.to_owned(),
        }
    }

    /// The call itself, to paste where the shape is not known.
    #[must_use]
    pub fn line(&self) -> String {
        format!(".{}({})", self.method, self.argument)
    }

    /// Adds the call behind the last one of its kind, on a line of its own if that one has one.
    #[must_use]
    pub fn insert(&self, text: &str) -> Edit {
        let Some(source) = Source::parse(text) else {
            return Edit::Unknown;
        };
        let Some(chain) = self.chain(&source) else {
            return Edit::Unknown;
        };
        if chain.calls.iter().any(|call| self.is(call)) {
            return Edit::Same;
        }
        let Some(after) = self.insertion(&source, &chain) else {
            return Edit::Unknown;
        };
        Edit::proven(text, after, |edited| self.remove(edited))
    }

    /// Takes the call away, if it still is as it was inserted.
    #[must_use]
    pub fn remove(&self, text: &str) -> Edit {
        let Some(source) = Source::parse(text) else {
            return Edit::Unknown;
        };
        let Some(chain) = self.chain(&source) else {
            return Edit::Unknown;
        };
        let mut ours = chain.calls.iter().filter(|call| self.is(call));
        let Some(call) = ours.next() else {
            return Edit::Same;
        };
        let start = source.range(call.dot_token.span).start;
        let end = source.range(call.paren_token.span.close()).end;
        if ours.next().is_some() || source.is_commented(end) {
            return Edit::Unknown;
        }
        Edit::Changed(match source.indent(start) {
            Some(_) => source.without_lines(start..end),
            None => [&text[..start], &text[end..]].concat(),
        })
    }

    fn insertion(&self, source: &Source<'_>, chain: &Chain<'_>) -> Option<String> {
        let last = chain.calls.iter().rfind(|call| call.method == self.method);
        // without one of its kind, behind the root and in the manner of the other calls
        let model = last.or(chain.calls.first());
        let end = match last {
            Some(call) => source.range(call.paren_token.span.close()).end,
            None => source.end(chain.root)?,
        };
        let indent = model.and_then(|call| source.indent(source.range(call.dot_token.span).start));
        Some(match indent {
            Some(indent) => source.with(
                source.after(end),
                &format!("{}{indent}{}", source.line_end(), self.line()),
            ),
            None => source.with(end, &self.line()),
        })
    }

    fn is(&self, call: &ExprMethodCall) -> bool {
        let plain = |tokens: String| tokens.split_whitespace().collect::<String>();
        call.method == self.method
            && call.turbofish.is_none()
            && plain(call.args.to_token_stream().to_string()) == plain(self.argument.clone())
    }

    fn chain<'a>(&self, source: &'a Source<'_>) -> Option<Chain<'a>> {
        let mut functions = source.file.items.iter().filter_map(|item| match item {
            Item::Fn(function) if function.sig.ident == self.function => Some(function),
            _ => None,
        });
        let function = functions.next()?;
        if functions.next().is_some() {
            return None;
        }
        let mut chains = function
            .block
            .stmts
            .iter()
            .filter_map(expression)
            .filter_map(|expression| Chain::of(expression, &self.root));
        let chain = chains.next()?;
        chains.next().is_none().then_some(chain)
    }
}

/// The calls of a chain in the order they are written, and what it begins with.
struct Chain<'a> {
    root: &'a Expr,
    calls: Vec<&'a ExprMethodCall>,
}

impl<'a> Chain<'a> {
    fn of(mut expression: &'a Expr, root: &str) -> Option<Self> {
        let mut calls = Vec::new();
        loop {
            expression = match expression {
                Expr::MethodCall(call) => {
                    if !call.attrs.is_empty() {
                        return None;
                    }
                    calls.push(call);
                    &call.receiver
                }
                Expr::Return(it) => it.expr.as_deref()?,
                Expr::Paren(it) if calls.is_empty() => &it.expr,
                Expr::Try(it) => &it.expr,
                Expr::Await(it) => &it.base,
                Expr::Call(it) => {
                    let Expr::Path(path) = &*it.func else {
                        return None;
                    };
                    let names: Vec<_> = path
                        .path
                        .segments
                        .iter()
                        .map(|it| it.ident.to_string())
                        .collect();
                    if !matches!(names.as_slice(), [.., kind, new] if kind == root && new == "new")
                    {
                        return None;
                    }
                    calls.reverse();
                    return Some(Self {
                        root: expression,
                        calls,
                    });
                }
                _ => return None,
            };
        }
    }
}

fn expression(statement: &Stmt) -> Option<&Expr> {
    match statement {
        Stmt::Expr(expression, _) => Some(expression),
        Stmt::Local(local) => local.init.as_ref().map(|init| &*init.expr),
        Stmt::Item(_) | Stmt::Macro(_) => None,
    }
}
