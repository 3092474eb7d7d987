//! A line for people.

use std::error::Error;
use std::fmt::{self, Write};

use tracing::Level;
use tracing::field::{Field, Visit};

use super::text::{Chain, Printable};
use super::{clock, layer::Line};
use crate::context;
use crate::names::log;

const DIM: &str = "\x1b[2m";
const RESET: &str = "\x1b[0m";

/// Writes the line of an event, with its end.
pub(super) fn write(out: &mut String, line: &Line<'_, '_>, color: bool) {
    let paint = |out: &mut String, code: &str| {
        if color {
            out.push_str(code);
        }
    };
    paint(out, DIM);
    clock::push_time_of_day(out);
    paint(out, RESET);
    let (level, code) = match *line.metadata.level() {
        Level::ERROR => (" ERROR", "\x1b[1;31m"),
        Level::WARN => ("  WARN", "\x1b[33m"),
        Level::INFO => ("  INFO", "\x1b[32m"),
        Level::DEBUG => (" DEBUG", "\x1b[34m"),
        Level::TRACE => (" TRACE", "\x1b[35m"),
    };
    paint(out, code);
    out.push_str(level);
    paint(out, RESET);
    out.push(' ');
    paint(out, DIM);
    let _ = Printable(out).write_str(line.metadata.target());
    out.push(':');
    paint(out, RESET);
    line.event.record(&mut Fields { out, color });
    line.spans(|name, fields| {
        out.push(' ');
        paint(out, DIM);
        out.push_str("in ");
        paint(out, RESET);
        let _ = Printable(out).write_str(name);
        if !fields.is_empty() {
            out.push('{');
            out.push_str(fields.trim_start());
            out.push('}');
        }
    });
    context::current(|context| {
        paint(out, DIM);
        if let Some(route) = context.route() {
            out.extend([" ", log::ROUTE, "="]);
            let _ = Printable(out).write_str(route.template());
        }
        if let Some(job) = context.job() {
            out.extend([" ", log::JOB_KIND, "="]);
            let _ = Printable(out).write_str(job.kind());
            let _ = write!(out, " {}={}", log::JOB_ATTEMPT, job.attempt());
            out.extend([" ", log::JOB_ID, "="]);
            let _ = Printable(out).write_str(job.id());
        }
        let _ = write!(
            out,
            " {}={} {}={} {}={}",
            log::REQUEST_ID,
            context.request_id(),
            log::TRACE_ID,
            context.trace_id(),
            log::SPAN_ID,
            context.span_id()
        );
        paint(out, RESET);
    });
    out.push('\n');
}

/// Writes fields behind what is there: ` key=value`; the message without its key.
pub(super) struct Fields<'a> {
    pub(super) out: &'a mut String,
    pub(super) color: bool,
}

impl Fields<'_> {
    fn key(&mut self, field: &Field) {
        self.out.push(' ');
        if field.name() == log::MESSAGE {
            return;
        }
        if self.color {
            self.out.push_str(DIM);
        }
        let name = field.name();
        let _ = Printable(self.out).write_str(name.strip_prefix("r#").unwrap_or(name));
        self.out.push('=');
        if self.color {
            self.out.push_str(RESET);
        }
    }

    fn value(&mut self, field: &Field, value: fmt::Arguments<'_>) {
        self.key(field);
        // writing into a string cannot fail; a value that fails to format is cut there
        let _ = Printable(self.out).write_fmt(value);
    }
}

impl Visit for Fields<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        let bare = !value.is_empty() && !value.contains([' ', '"', '=']);
        if bare || field.name() == log::MESSAGE {
            self.value(field, format_args!("{value}"));
        } else {
            self.value(field, format_args!("\"{}\"", value.replace('"', "\\\"")));
        }
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.value(field, format_args!("\"{}\"", Chain(value)));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.value(field, format_args!("{value:?}"));
    }
}
