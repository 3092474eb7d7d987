//! From OpenMetrics to the older text format of Prometheus.

/// Rewrites OpenMetrics 1.0 text as Prometheus text 0.0.4.
///
/// The formats share their samples. What differs: the older one names a counter with its `_total`, knows no `info` and
/// no `unknown` type, no unit, no exemplar and no end mark.
pub(super) fn from_open_metrics(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut help = None;
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            help = rest.split_once(' ');
        } else if let Some((name, kind)) = line
            .strip_prefix("# TYPE ")
            .and_then(|rest| rest.split_once(' '))
        {
            let (suffix, kind) = match kind {
                "counter" => ("_total", "counter"),
                "info" => ("_info", "gauge"),
                "unknown" => ("", "untyped"),
                other => ("", other),
            };
            if let Some((_, help)) = help.take().filter(|(helped, _)| *helped == name) {
                out.extend(["# HELP ", name, suffix, " ", help, "\n"]);
            }
            out.extend(["# TYPE ", name, suffix, " ", kind, "\n"]);
        } else if !line.starts_with('#') {
            out.extend([without_exemplar(line), "\n"]);
        }
    }
    out
}

/// A sample without what follows its value; ` # ` inside the quotes of a label is left alone.
fn without_exemplar(sample: &str) -> &str {
    let mut quoted = false;
    let mut escaped = false;
    for (at, byte) in sample.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'#' if !quoted => return sample[..at].trim_end(),
            _ => {}
        }
    }
    sample
}

#[cfg(test)]
mod tests {
    use super::from_open_metrics;

    #[test]
    fn names_and_types_follow_the_older_format() {
        let open = "\
# HELP mails_sent Mails
# TYPE mails_sent counter
mails_sent_total{to=\"a # {b}\\\" #\"} 1 # {trace_id=\"x\"} 1.0 3.5
# HELP target The service
# TYPE target info
target_info{service_name=\"shop\"} 1
# HELP wait_seconds Wait
# TYPE wait_seconds histogram
# UNIT wait_seconds seconds
wait_seconds_bucket{le=\"+Inf\"} 1 # {trace_id=\"x\"} 0.5
# TYPE odd unknown
odd 1
# EOF
";
        let expected = "\
# HELP mails_sent_total Mails
# TYPE mails_sent_total counter
mails_sent_total{to=\"a # {b}\\\" #\"} 1
# HELP target_info The service
# TYPE target_info gauge
target_info{service_name=\"shop\"} 1
# HELP wait_seconds Wait
# TYPE wait_seconds histogram
wait_seconds_bucket{le=\"+Inf\"} 1
# TYPE odd untyped
odd 1
";
        assert_eq!(from_open_metrics(open), expected);
    }
}
