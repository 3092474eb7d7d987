//! A process that logs, for the tests: `speaker <pretty|json> <what>`.

use std::error::Error;

use atlas_telemetry::context::{self, Context, JobRun, RequestId, Route, TraceParent};
use atlas_telemetry::{Filter, Format, LogConfig, Output, install};
use tracing::{debug, error, info, info_span, warn};

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [format, what] = args.as_slice() else {
        return Err("usage: speaker <pretty|json> <what>".into());
    };
    let format = match format.as_str() {
        "json" => Format::Json,
        _ => Format::Pretty,
    };
    let config = LogConfig::new("info,quiet=warn".parse::<Filter>()?, format);
    let guard = install(&config, Output::Stdout)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().build()?;
    match what.as_str() {
        "scenario" => runtime.block_on(scenario()),
        "many" => (0..20_000).for_each(|n| info!(n, "line")),
        "error" => {
            error!("the last words before the end");
            // what is not `ERROR` may wait; nothing flushes any more
            std::thread::park();
        }
        "panic" => {
            let thread = std::thread::Builder::new().name("doomed".to_owned());
            let _ = thread.spawn(|| fail("no \"way\" out"))?.join();
            info!("still here");
        }
        "twice" => {
            let error = install(&config, Output::Stdout).map(drop);
            warn!(
                error = error.as_ref().err().map(tracing::field::display),
                "second"
            );
        }
        other => return Err(format!("`{other}` is nothing to say").into()),
    }
    drop(guard);
    Ok(())
}

#[allow(clippy::panic, reason = "the panic is what is tested")]
fn fail(why: &str) {
    panic!("{why}")
}

/// One of everything, inside and outside of a request.
async fn scenario() {
    info!("starting");
    debug!("below the level");
    info!(target: "quiet::part", "below its own level");
    let id = RequestId::accept(b"req-7").expect("it is a sound id");
    let parent = TraceParent::parse(b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
        .expect("it is the example of the standard");
    context::scope(Context::continued(id.clone(), parent), serve()).await;
    let job = JobRun::new("0197c1f2", "send_\"receipt\"", 2);
    let run = Context::in_trace(id, parent.trace_id).of_job(job);
    context::scope(run, async { info!(job.id = 7, "sent") }).await;
    let cause = std::io::Error::other("disk full");
    let failed = Failed(cause);
    error!(error = &failed as &dyn Error, "cannot save");
}

async fn serve() {
    info!("before the route is known");
    context::current(|context| context.set_route(Route::intern("/products/{id}")));
    info!(
        answer = 42_u64,
        below = -1,
        ratio = 0.5,
        nan = f64::NAN,
        yes = true,
        text = "two words",
        name = ?Some("x"),
        level = "mine",
        "a \"quoted\"\nline \u{1b}[31mred"
    );
    let span = info_span!("import", file = "a.csv", rows = tracing::field::Empty);
    span.record("rows", 3);
    span.in_scope(|| info_span!("row", number = 1).in_scope(|| warn!("odd row")));
    tokio::spawn(context::inherit(async { info!("from a task") }))
        .await
        .expect("the task only logs");
}

/// An error with a cause.
#[derive(Debug)]
struct Failed(std::io::Error);

impl std::fmt::Display for Failed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("cannot write the file")
    }
}

impl Error for Failed {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}
