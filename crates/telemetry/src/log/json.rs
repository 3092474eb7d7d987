//! A line as one JSON object.

use std::error::Error;
use std::fmt::{self, Write};

use tracing::field::{Field, Visit};

use super::text::{self, Chain, JsonString};
use super::{clock, layer::Line};
use crate::context;
use crate::names::log;

/// Writes the line of an event, with its end.
pub(super) fn write(out: &mut String, line: &Line<'_, '_>) {
    out.push_str("{\"timestamp\":\"");
    clock::push_now(out);
    out.push_str("\",\"level\":\"");
    out.push_str(line.metadata.level().as_str());
    out.push_str("\",\"target\":");
    string(out, line.metadata.target());
    line.event.record(&mut Fields { out, of: Of::Event });
    context::current(|context| {
        out.push_str(",\"request_id\":\"");
        out.push_str(context.request_id().as_str());
        out.push_str("\",\"trace_id\":\"");
        push_ascii(out, &context.trace_id().to_hex());
        out.push_str("\",\"span_id\":\"");
        push_ascii(out, &context.span_id().to_hex());
        out.push_str("\",\"trace_flags\":\"");
        out.push_str(if context.flags() & 1 == 1 { "01" } else { "00" });
        out.push('"');
        if let Some(route) = context.route() {
            out.push_str(",\"http.route\":");
            string(out, route.template());
        }
        if let Some(job) = context.job() {
            out.push_str(",\"job.id\":");
            string(out, job.id());
            out.push_str(",\"job.kind\":");
            string(out, job.kind());
            out.push_str(",\"job.attempt\":");
            text::push_number(out, job.attempt().into());
        }
    });
    let mut first = true;
    line.spans(|name, fields| {
        out.push_str(if first {
            ",\"spans\":[{\"name\":"
        } else {
            ",{\"name\":"
        });
        first = false;
        string(out, name);
        out.push_str(fields);
        out.push('}');
    });
    if !first {
        out.push(']');
    }
    out.push_str("}\n");
}

/// Writes fields as members of the object that is being written: `,"key":value`.
pub(super) struct Fields<'a> {
    pub(super) out: &'a mut String,
    pub(super) of: Of,
}

/// What fields belong to, which decides the names they may not take.
#[derive(Clone, Copy)]
pub(super) enum Of {
    Event,
    Span,
}

impl Fields<'_> {
    fn key(&mut self, field: &Field) {
        self.out.push(',');
        let name = field.name();
        self.out.push('"');
        // a field must not overwrite what every line says about itself
        let reserved = match self.of {
            Of::Span => name == "name",
            Of::Event => {
                log::ALWAYS.contains(&name) && name != log::MESSAGE
                    || log::REQUEST.contains(&name) && context::current(|_| ()).is_some()
                    || log::JOB.contains(&name)
                        && context::current(|it| it.job().is_some()) == Some(true)
                    || name == "spans"
            }
        };
        if reserved {
            self.out.push_str("field.");
        }
        let name = name.strip_prefix("r#").unwrap_or(name);
        let _ = JsonString(self.out).write_str(name);
        self.out.push_str("\":");
    }

    fn quoted(&mut self, field: &Field, value: fmt::Arguments<'_>) {
        self.key(field);
        self.out.push('"');
        // writing into a string cannot fail; a value that fails to format is cut there
        let _ = JsonString(self.out).write_fmt(value);
        self.out.push('"');
    }
}

impl Visit for Fields<'_> {
    fn record_f64(&mut self, field: &Field, value: f64) {
        if value.is_finite() {
            self.key(field);
            text::push_decimal(self.out, value);
        } else {
            self.quoted(field, format_args!("{value}"));
        }
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.key(field);
        text::push_signed(self.out, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.key(field);
        text::push_number(self.out, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.key(field);
        self.out.push_str(if value { "true" } else { "false" });
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.key(field);
        string(self.out, value);
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.quoted(field, format_args!("{}", Chain(value)));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.quoted(field, format_args!("{value:?}"));
    }
}

fn string(out: &mut String, text: &str) {
    out.push('"');
    let _ = JsonString(out).write_str(text);
    out.push('"');
}

fn push_ascii(out: &mut String, bytes: &[u8]) {
    out.push_str(std::str::from_utf8(bytes).unwrap_or_default());
}
