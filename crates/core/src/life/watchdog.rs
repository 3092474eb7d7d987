//! The last resort against hooks that block their thread.

use std::{
    sync::mpsc::{RecvTimeoutError, Sender, channel},
    thread,
    time::Duration,
};

use super::last_words;

/// Time for an error to be printed, once stopping has overrun its budget.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Ends the process when stopping overruns its budget, even when every thread of the runtime is blocked.
pub(super) struct Watchdog {
    done: Sender<Stop>,
}

enum Stop {
    Finished,
    Blocked { exit_code: u8 },
}

impl Watchdog {
    /// Begins to count. A thread of its own, because a blocked runtime counts nothing.
    pub(super) fn begin(budget: Duration) -> std::io::Result<Self> {
        let (done, news) = channel();
        thread::Builder::new()
            .name("atlas-watchdog".to_owned())
            .spawn(move || {
                let exit_code = match news.recv_timeout(budget + LAST_WORDS) {
                    Ok(Stop::Finished) | Err(RecvTimeoutError::Disconnected) => return,
                    Ok(Stop::Blocked { exit_code }) => {
                        thread::sleep(LAST_WORDS);
                        exit_code
                    }
                    Err(RecvTimeoutError::Timeout) => 1,
                };
                last_words::say("error: a hook blocks its thread: ended at once".to_owned());
                end_process(exit_code);
            })?;
        Ok(Self { done })
    }

    /// Stops counting.
    pub(super) fn end(self) {
        self.tell(Stop::Finished);
    }

    /// A thread is still blocked: the process has a moment to say so, and is then ended.
    pub(super) fn end_process(self, exit_code: u8) {
        self.tell(Stop::Blocked { exit_code });
    }

    fn tell(&self, news: Stop) {
        // The thread is gone only after it has ended the process.
        let _ = self.done.send(news);
    }
}

#[allow(
    clippy::exit,
    reason = "a blocked thread would keep the runtime from ending for ever"
)]
fn end_process(exit_code: u8) -> ! {
    std::process::exit(i32::from(exit_code))
}
