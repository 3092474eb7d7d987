//! Single keys from the terminal, without Enter.

use std::{
    io::{IsTerminal, Read, stdin},
    sync::mpsc::Sender,
};

use rustix::{
    process::getpgrp,
    termios::{
        LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcgetpgrp, tcsetattr,
    },
};

use super::event::Event;

/// The terminal while it gives single keys; it is as before when this is dropped.
///
/// Only line editing and echo are off. Output is still translated and Ctrl-C is still a signal, so that other
/// programs on this terminal keep working and a crash leaves little to repair.
#[derive(Debug)]
pub(super) struct Keys {
    before: Termios,
}

impl Keys {
    /// Reads keys when stdin is a terminal and this process is in its foreground (`atlas dev &` must not be stopped by
    /// the shell for touching it).
    pub(super) fn start(events: Sender<Event>) -> Option<Self> {
        if !stdin().is_terminal() || tcgetpgrp(stdin()).ok()? != getpgrp() {
            return None;
        }
        let keys = Self {
            before: tcgetattr(stdin()).ok()?,
        };
        keys.apply();
        std::thread::spawn(move || {
            let mut key = [0];
            while let Ok(1) = stdin().lock().read(&mut key) {
                if events.send(Event::Key(key[0])).is_err() {
                    break;
                }
            }
        });
        Some(keys)
    }

    /// Sets the mode, once more after the shell has taken and given back the terminal (Ctrl-Z, `fg`).
    pub(super) fn apply(&self) {
        let mut mode = self.before.clone();
        mode.local_modes
            .remove(LocalModes::ICANON | LocalModes::ECHO);
        mode.special_codes[SpecialCodeIndex::VMIN] = 1;
        mode.special_codes[SpecialCodeIndex::VTIME] = 0;
        // A terminal that is gone needs no mode.
        let _ = tcsetattr(stdin(), OptionalActions::Now, &mode);
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        let _ = tcsetattr(stdin(), OptionalActions::Now, &self.before);
    }
}
