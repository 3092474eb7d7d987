//! Answers on the service's socket while there is no service.

use std::{
    io::{ErrorKind, PipeReader, PipeWriter},
    net::TcpListener,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread::JoinHandle,
    time::Duration,
};

use rustix::event::{PollFd, PollFlags, poll};

use super::{page::Page, request};

/// More clients than this at once are left waiting in the backlog.
const AT_ONCE: usize = 64;

/// Accepts connections as long as it lives and tells each client why there is no service.
///
/// When it is dropped it accepts no more: what arrives from then on waits for the next version.
#[derive(Debug)]
pub(super) struct Outage {
    wake: Option<PipeWriter>,
    thread: Option<JoinHandle<()>>,
}

impl Outage {
    /// Begins to answer with `page`.
    pub(super) fn start(listener: &TcpListener, page: Page) -> std::io::Result<Self> {
        let listener = listener.try_clone()?;
        listener.set_nonblocking(true)?;
        let (woken, wake) = std::io::pipe()?;
        let thread = std::thread::Builder::new()
            .name("outage".to_owned())
            .spawn(move || accept(&listener, &woken, &Arc::new(page)))?;
        Ok(Self {
            wake: Some(wake),
            thread: Some(thread),
        })
    }
}

impl Drop for Outage {
    fn drop(&mut self) {
        // The thread sees the other end of its pipe closed.
        self.wake.take();
        if let Some(thread) = self.thread.take() {
            // Had it panicked, it would accept no more either.
            let _ = thread.join();
        }
    }
}

fn accept(listener: &TcpListener, woken: &PipeReader, page: &Arc<Page>) {
    let busy = Arc::new(AtomicUsize::new(0));
    loop {
        let mut ready = [
            PollFd::new(woken, PollFlags::IN),
            PollFd::new(listener, PollFlags::IN),
        ];
        match poll(&mut ready, None) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(_) => return,
        }
        if !ready[0].revents().is_empty() {
            return;
        }
        if busy.load(Ordering::Acquire) >= AT_ONCE {
            std::thread::sleep(Duration::from_millis(5));
            continue;
        }
        match listener.accept() {
            Ok((stream, _)) => {
                let (page, busy) = (Arc::clone(page), Arc::clone(&busy));
                busy.fetch_add(1, Ordering::AcqRel);
                std::thread::spawn(move || {
                    // A client that goes away has its reasons.
                    let _ = request::answer(stream, &page);
                    busy.fetch_sub(1, Ordering::AcqRel);
                });
            }
            // Somebody else was quicker, or the client is gone already.
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::WouldBlock | ErrorKind::ConnectionAborted | ErrorKind::Interrupted
                ) => {}
            // Too many open files: the next moment may be better.
            Err(_) => std::thread::sleep(Duration::from_millis(50)),
        }
    }
}
