//! Medians and the table they are printed in.

use crate::median::median;

/// The figures of one server over all rounds.
#[derive(Default)]
pub(crate) struct Figures {
    per_second: Vec<f64>,
    p50: Vec<f64>,
    p99: Vec<f64>,
    cpu: Vec<f64>,
}

impl Figures {
    /// Adds a round.
    pub(crate) fn add(&mut self, per_second: f64, p50: f64, p99: f64, cpu: f64) {
        self.per_second.push(per_second);
        self.p50.push(p50);
        self.p99.push(p99);
        self.cpu.push(cpu);
    }
}

/// Prints both servers and their ratio, as Markdown.
pub(crate) fn print(title: &str, atlas: &Figures, peer: &Figures) {
    println!("\n### {title}\n");
    println!(
        "| figure (median of {} rounds) | Atlas | peer | Atlas ÷ peer (median of the rounds' ratios) |",
        atlas.cpu.len()
    );
    println!("| --- | ---: | ---: | ---: |");
    row(
        "CPU of the server, µs per request",
        &atlas.cpu,
        &peer.cpu,
        2,
    );
    row(
        "requests per second",
        &atlas.per_second,
        &peer.per_second,
        0,
    );
    row("latency p50, µs", &atlas.p50, &peer.p50, 0);
    row("latency p99, µs", &atlas.p99, &peer.p99, 0);
}

fn row(name: &str, atlas: &[f64], peer: &[f64], decimals: usize) {
    let ratios: Vec<f64> = atlas
        .iter()
        .zip(peer)
        .map(|(one, other)| one / other)
        .collect();
    println!(
        "| {name} | {:.decimals$} | {:.decimals$} | {:.2} |",
        median(atlas),
        median(peer),
        median(&ratios)
    );
}
