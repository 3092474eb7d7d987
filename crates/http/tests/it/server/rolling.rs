//! One process takes over from another, under load.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::thread::{JoinHandle, sleep, spawn};
use std::time::{Duration, Instant};

use super::client::{Client, head};
use super::process::Process;
use super::proxy::Proxy;

/// Ten clients that together ask 500 times a second: five with a new connection each time, five that keep theirs for as
/// long as they may.
struct Load {
    end: Arc<AtomicBool>,
    served: Arc<AtomicUsize>,
    clients: Vec<JoinHandle<Vec<String>>>,
}

impl Load {
    fn start(address: SocketAddr) -> Self {
        let end = Arc::new(AtomicBool::new(false));
        let served = Arc::new(AtomicUsize::new(0));
        let clients = (0..10)
            .map(|number| {
                let (end, served) = (Arc::clone(&end), Arc::clone(&served));
                spawn(move || ask(address, number % 2 == 0, &end, &served))
            })
            .collect();
        Self {
            end,
            served,
            clients,
        }
    }

    /// Waits until this many more requests were served.
    fn wait_for(&self, more: usize) {
        let goal = self.served.load(SeqCst) + more;
        let begun = Instant::now();
        while self.served.load(SeqCst) < goal {
            assert!(
                begun.elapsed() < Duration::from_secs(60),
                "nothing is served"
            );
            sleep(Duration::from_millis(5));
        }
    }

    /// Ends, and gives what failed.
    fn stop(self) -> Vec<String> {
        self.end.store(true, SeqCst);
        let failures = self.clients.into_iter().flat_map(|it| it.join().unwrap());
        failures.collect()
    }
}

fn ask(address: SocketAddr, keep: bool, end: &AtomicBool, served: &AtomicUsize) -> Vec<String> {
    let mut failures = Vec::new();
    let mut kept: Option<Client> = None;
    while !end.load(SeqCst) {
        let begun = Instant::now();
        let headers: &[(&str, &str)] = if keep {
            &[]
        } else {
            &[("Connection", "close")]
        };
        let answer = kept
            .take()
            .map_or_else(|| Client::try_connect(address), Ok)
            .and_then(|mut client| {
                client.try_send(head("GET", "/slow/3", headers))?;
                let answer = client.try_response("GET")?;
                Ok((client, answer))
            });
        match answer {
            Ok((client, answer)) if answer.status == 200 => {
                served.fetch_add(1, SeqCst);
                if keep && answer.header("connection") != Some("close") {
                    kept = Some(client);
                }
            }
            Ok((_, answer)) => failures.push(format!("status {}", answer.status)),
            Err(error) => failures.push(error.to_string()),
        }
        sleep(Duration::from_millis(20).saturating_sub(begun.elapsed()));
    }
    failures
}

/// D7
#[test]
fn no_request_fails_while_one_process_takes_over_from_another() {
    let proxy = Proxy::start(Duration::from_millis(400));
    let drain = [("ATLAS_HTTP__DRAIN_DELAY", "2s")];
    let mut old = Process::start(&drain);
    proxy.add(old.address);
    let load = Load::start(proxy.address);
    load.wait_for(200);

    for _ in 0..2 {
        let new = Process::start(&drain);
        proxy.add(new.address);
        load.wait_for(100);
        old.signal("TERM");
        assert_eq!(old.wait().0, Some(0));
        load.wait_for(100);
        old = new;
    }

    let failures = load.stop();
    assert!(
        failures.is_empty(),
        "{} failed: {failures:?}",
        failures.len()
    );
}
