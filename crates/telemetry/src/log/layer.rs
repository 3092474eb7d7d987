//! From events to lines.

use std::cell::Cell;

use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::registry::LookupSpan;

use super::writer::Sink;
use super::{json, pretty};

/// How lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    Json,
    Pretty { color: bool },
}

/// The layer that turns events into lines and hands them to a [`Sink`].
pub(super) struct Lines {
    pub(super) style: Style,
    pub(super) sink: Sink,
}

/// An event on its way to becoming a line.
pub(super) struct Line<'a, 'event> {
    pub(super) event: &'a Event<'event>,
    pub(super) metadata: &'a Metadata<'a>,
    spans: &'a Spans<'a>,
}

/// Calls what it is given with the name and the written fields of every span, outermost first.
type Spans<'a> = dyn Fn(&mut dyn FnMut(&str, &str)) + 'a;

impl Line<'_, '_> {
    /// Shows the spans that the event is in, outermost first, with their fields as they were written.
    pub(super) fn spans(&self, mut show: impl FnMut(&str, &str)) {
        (self.spans)(&mut show);
    }
}

/// The fields of a span, written once when they are known.
struct SpanFields(String);

thread_local! {
    /// Taken while a line is written: a value that logs while it is formatted finds an empty one.
    static BUFFER: Cell<String> = const { Cell::new(String::new()) };
}

/// A buffer that grew beyond this many bytes is not kept.
const KEEP: usize = 16 * 1024;

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Lines {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut fields = String::new();
        match self.style {
            Style::Json => attributes.record(&mut json::Fields {
                out: &mut fields,
                of: json::Of::Span,
            }),
            Style::Pretty { color } => attributes.record(&mut pretty::Fields {
                out: &mut fields,
                color,
            }),
        }
        span.extensions_mut().insert(SpanFields(fields));
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut extensions = span.extensions_mut();
        let Some(SpanFields(fields)) = extensions.get_mut() else {
            return;
        };
        match self.style {
            Style::Json => values.record(&mut json::Fields {
                out: fields,
                of: json::Of::Span,
            }),
            Style::Pretty { color } => values.record(&mut pretty::Fields { out: fields, color }),
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let spans = |show: &mut dyn FnMut(&str, &str)| {
            let Some(scope) = context.event_scope(event) else {
                return;
            };
            for span in scope.from_root() {
                let extensions = span.extensions();
                let fields = extensions.get().map_or("", |SpanFields(it)| it.as_str());
                show(span.name(), fields);
            }
        };
        let line = Line {
            event,
            metadata: event.metadata(),
            spans: &spans,
        };
        let mut buffer = BUFFER.take();
        match self.style {
            Style::Json => json::write(&mut buffer, &line),
            Style::Pretty { color } => pretty::write(&mut buffer, &line, color),
        }
        self.sink
            .line(&buffer, *line.metadata.level() == Level::ERROR);
        buffer.clear();
        if buffer.capacity() <= KEEP {
            BUFFER.set(buffer);
        }
    }
}
