//! The words in which the state of a connection is told.

/// Where a connection is in the life of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Phase {
    /// Accepted; nothing was received yet.
    Fresh = 0,
    /// Between two requests.
    Idle = 1,
    /// A part of a request's head was received.
    Head = 2,
    /// A request is being answered.
    Serving = 3,
    /// The head of the answer is out, its body follows.
    Writing = 4,
}

/// How far the body of a request has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum BodyState {
    /// There is none, or all of it was received.
    Done = 0,
    /// More is to come.
    Reading = 1,
    /// It is larger than allowed; the rest is not read.
    TooLarge = 2,
    /// The reader gave up before its end.
    Abandoned = 3,
}

/// Why the server ends a request before its handler does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Verdict {
    /// It does not.
    None = 0,
    /// The handler took too long.
    Handler = 1,
    /// The body did not arrive in time.
    Body = 2,
    /// The server stops, and the time for requests in flight is over.
    Cancelled = 3,
}

/// What a deadline that has passed was for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Overdue {
    /// Nothing more came: close without a word.
    Idle,
    /// The head of a request did not arrive in time.
    Head,
    /// The client does not read the answer.
    Write,
    /// The body of the request did not arrive in time.
    Body,
    /// The handler did not answer in time.
    Handler,
}

impl Phase {
    /// The phase with this number.
    pub(super) fn of(number: u8) -> Self {
        match number {
            0 => Self::Fresh,
            1 => Self::Idle,
            2 => Self::Head,
            3 => Self::Serving,
            _ => Self::Writing,
        }
    }

    /// Whether a request is being answered.
    pub(super) fn is_busy(self) -> bool {
        matches!(self, Self::Serving | Self::Writing)
    }
}

impl BodyState {
    /// The state with this number.
    pub(super) fn of(number: u8) -> Self {
        match number {
            0 => Self::Done,
            1 => Self::Reading,
            2 => Self::TooLarge,
            _ => Self::Abandoned,
        }
    }
}

impl Verdict {
    /// The verdict with this number.
    pub(super) fn of(number: u8) -> Self {
        match number {
            0 => Self::None,
            1 => Self::Handler,
            2 => Self::Body,
            _ => Self::Cancelled,
        }
    }
}
