//! How long the kernel itself takes: check and start of 1,000 components, and hooks that run side by side.
//!
//! ```text
//! cargo run --release -p bench --bin kernel
//! ```
//!
//! Each figure is the median of its rounds; the program fails when one is above its limit.

use std::{
    io::Write as _,
    process::ExitCode,
    sync::Arc,
    time::{Duration, Instant},
};

use atlas::core::{App, Component, Lifecycle, Module};

const ROUNDS: usize = 21;

/// One type for each number, so that there are as many components as numbers.
#[derive(Clone)]
struct Part<const N: usize>;
impl<const N: usize> Component for Part<N> {}

/// Adds a hundred parts, each of which needs the one before it and one of the first fifty.
macro_rules! parts {
    ($module:expr, $base:expr; $($n:literal)*) => {
        $module$(.provide(|_: Part<{ $base + $n - 1 }>, _: Part<{ $n / 2 }>| Part::<{ $base + $n }>))*
    };
}

macro_rules! hundred {
    ($module:expr, $base:expr) => {
        parts!($module, $base;
            1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39 40
            41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63 64 65 66 67 68 69 70 71 72 73 74 75 76 77
            78 79 80 81 82 83 84 85 86 87 88 89 90 91 92 93 94 95 96 97 98 99 100)
    };
}

/// A thousand constructors in ten modules, each needing two others, all needed by one root.
fn thousand() -> App {
    App::new("thousand")
        .module(
            Module::new("root")
                .provide(|| Part::<0>)
                .invoke(|_: Part<1000>| {}),
        )
        .module(hundred!(Module::new("m0"), 0))
        .module(hundred!(Module::new("m1"), 100))
        .module(hundred!(Module::new("m2"), 200))
        .module(hundred!(Module::new("m3"), 300))
        .module(hundred!(Module::new("m4"), 400))
        .module(hundred!(Module::new("m5"), 500))
        .module(hundred!(Module::new("m6"), 600))
        .module(hundred!(Module::new("m7"), 700))
        .module(hundred!(Module::new("m8"), 800))
        .module(hundred!(Module::new("m9"), 900))
}

/// Ten components with a hook of 100 ms each, and ten more that each need one of them.
fn twenty_hooks() -> App {
    let hook = |lifecycle: &Lifecycle| {
        lifecycle.on_start(|| tokio::time::sleep(Duration::from_millis(100)));
    };
    let mut module = Module::new("hooks");
    for _ in 0..10 {
        module = module.contribute(move |lifecycle: Lifecycle| {
            hook(&lifecycle);
            Arc::<str>::from("first")
        });
    }
    for _ in 0..10 {
        module = module.invoke(move |_: Vec<Arc<str>>, lifecycle: Lifecycle| hook(&lifecycle));
    }
    App::new("hooks").module(module)
}

fn median(mut figures: Vec<Duration>) -> Duration {
    figures.sort();
    figures[figures.len() / 2]
}

async fn start(app: App) -> anyhow::Result<Duration> {
    let began = Instant::now();
    let running = app.start().await?;
    let took = began.elapsed();
    running.stop().await?;
    Ok(took)
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let (mut registers, mut checks, mut starts, mut hooks) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let began = Instant::now();
        let app = thousand();
        registers.push(began.elapsed());
        let began = Instant::now();
        app.check()?;
        checks.push(began.elapsed());
        starts.push(start(app).await?);
        if round < 5 {
            hooks.push(start(twenty_hooks()).await?);
        }
    }
    let rows = [
        (
            "register 1,000 components",
            median(registers),
            Duration::from_millis(10),
        ),
        (
            "check 1,000 components",
            median(checks),
            Duration::from_millis(10),
        ),
        (
            "start 1,000 components",
            median(starts),
            Duration::from_millis(20),
        ),
        (
            "start 20 hooks of 100 ms, width 10",
            median(hooks),
            Duration::from_millis(250),
        ),
    ];
    let mut out = std::io::stdout().lock();
    let mut within = true;
    for (what, took, limit) in rows {
        within &= took < limit;
        let took = format!("{took:.2?}");
        writeln!(out, "{what:<36} {took:>10}   (limit {limit:?})")?;
    }
    Ok(if within {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
