//! The lines that make a part known to the service.

use std::borrow::Cow;

use crate::{
    Result,
    ops::{
        change::{Plan, Snippet},
        edit::{ChainCall, Edit, ModLine},
    },
};

/// A line in a person's file.
pub(crate) struct Wire {
    path: Cow<'static, str>,
    place: &'static str,
    line: Line,
}

enum Line {
    Mod(ModLine),
    Call(ChainCall),
}

impl Wire {
    /// `mod name;` or `pub mod name;` in a file.
    pub(crate) fn module(path: impl Into<Cow<'static, str>>, line: ModLine) -> Self {
        Self {
            path: path.into(),
            place: "the list of modules at the top",
            line: Line::Mod(line),
        }
    }

    /// A call in a chain of a file.
    pub(crate) fn call(
        path: impl Into<Cow<'static, str>>,
        place: &'static str,
        call: ChainCall,
    ) -> Self {
        Self {
            path: path.into(),
            place,
            line: Line::Call(call),
        }
    }

    /// Plans to put the line in.
    pub(crate) fn insert(&self, plan: &mut Plan) -> Result<()> {
        let edit = |text: &str| match &self.line {
            Line::Mod(line) => line.insert(text),
            Line::Call(line) => line.insert(text),
        };
        self.carry(plan, edit, &format!("add this to {}", self.place))
    }

    /// Plans to take the line away.
    pub(crate) fn remove(&self, plan: &mut Plan) -> Result<()> {
        let edit = |text: &str| match &self.line {
            Line::Mod(line) => line.remove(text),
            Line::Call(line) => line.remove(text),
        };
        self.carry(plan, edit, &format!("take this from {}", self.place))
    }

    fn carry(&self, plan: &mut Plan, edit: impl Fn(&str) -> Edit, place: &str) -> Result<()> {
        let text = plan
            .read(&self.path)?
            .and_then(|bytes| String::from_utf8(bytes).ok());
        match text.as_deref().map_or(Edit::Unknown, edit) {
            Edit::Changed(after) => plan.edit(&self.path, after)?,
            Edit::Same => plan.unchanged(&self.path)?,
            Edit::Unknown => plan.by_hand(Snippet {
                path: self.path.clone().into_owned(),
                place: place.to_owned(),
                text: self.text(),
            }),
        }
        Ok(())
    }

    fn text(&self) -> String {
        match &self.line {
            Line::Mod(line) => line.line(),
            Line::Call(line) => line.line(),
        }
    }
}
