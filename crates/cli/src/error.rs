//! What went wrong, where, and the way out.

use std::fmt;

/// The result of a command or an operation.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What a process tells its caller by its exit status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Exit {
    /// 0: done as asked.
    Success,
    /// 1: it failed for a reason no other status names.
    Failure,
    /// 2: the command line cannot be understood.
    Usage,
    /// 3: a check found something (`doctor`, a conflict that needs an answer, drift).
    Check,
    /// 65: data or files do not have the shape they need.
    Data,
    /// 69: something it needs is not available (a port in use, a tool that is missing).
    Unavailable,
    /// 70: a defect in `atlas` itself.
    Internal,
    /// 78: the configuration is wrong.
    Configuration,
    /// The status of the child process that did the work.
    Status(u8),
}

impl Exit {
    /// The number the operating system sees.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Failure => 1,
            Self::Usage => 2,
            Self::Check => 3,
            Self::Data => 65,
            Self::Unavailable => 69,
            Self::Internal => 70,
            Self::Configuration => 78,
            Self::Status(code) => code,
        }
    }
}

impl From<std::process::ExitStatus> for Exit {
    /// The child's status; a child ended by signal `n` gives `128 + n`, as a shell does.
    fn from(status: std::process::ExitStatus) -> Self {
        use std::os::unix::process::ExitStatusExt;
        let code = status
            .code()
            .or_else(|| status.signal().map(|signal| 128 + signal));
        match code.and_then(|code| u8::try_from(code).ok()) {
            Some(0) => Self::Success,
            Some(code) => Self::Status(code),
            None => Self::Failure,
        }
    }
}

/// An error for a person: the fact, its place and its cause, and apart from them the advice.
///
/// It is printed once, by `main`:
///
/// ```text
/// error[A201]: port 8080 is in use
///   --> config/development.toml
///   = cause: address already in use (os error 98)
///   = help: stop the other process, or choose another port: `atlas dev --port 8081`
/// ```
#[derive(Debug)]
pub struct Error {
    exit: Exit,
    code: Option<&'static str>,
    message: String,
    place: Option<String>,
    help: Vec<String>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// A failure with exit status 1; `message` says what is wrong: lower case, no full stop, names in `backticks`.
    #[must_use]
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            exit: Exit::Failure,
            code: None,
            message: message.into(),
            place: None,
            help: Vec::new(),
            source: None,
        }
    }

    /// A command line that cannot be understood (status 2).
    #[must_use]
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(message).exit(Exit::Usage)
    }

    /// A check that says no, or a question that nobody can answer (status 3).
    #[must_use]
    pub fn check(message: impl Into<String>) -> Self {
        Self::new(message).exit(Exit::Check)
    }

    /// The exit status this error ends the process with.
    #[must_use]
    pub fn exit(mut self, exit: Exit) -> Self {
        self.exit = exit;
        self
    }

    /// The code under which `atlas explain` has a page.
    #[must_use]
    pub fn code(mut self, code: &'static str) -> Self {
        self.code = Some(code);
        self
    }

    /// Where it is: a file, `file:line`, a variable.
    #[must_use]
    pub fn place(mut self, place: impl fmt::Display) -> Self {
        self.place = Some(place.to_string());
        self
    }

    /// One way out; may be called more than once, the best way first.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }

    /// What caused it.
    #[must_use]
    pub fn source(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// The status the process ends with.
    #[must_use]
    pub fn exit_status(&self) -> Exit {
        self.exit
    }

    /// The fact alone, without place, cause and advice.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The advice, best first.
    #[must_use]
    pub fn advice(&self) -> &[String] {
        &self.help
    }

    /// The causes, outermost first.
    fn causes(&self) -> impl Iterator<Item = String> + '_ {
        let first = self
            .source
            .as_deref()
            .map(|source| source as &(dyn std::error::Error + 'static));
        std::iter::successors(first, |error| error.source()).map(ToString::to_string)
    }

    /// The same as data, for `--json`.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::json!({ "error": {
            "code": self.code,
            "message": self.message,
            "place": self.place,
            "causes": self.causes().collect::<Vec<_>>(),
            "help": self.help,
            "exit": self.exit.code(),
        }})
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.code {
            Some(code) => write!(f, "error[{code}]: {}", self.message)?,
            None => write!(f, "error: {}", self.message)?,
        }
        if let Some(place) = &self.place {
            write!(f, "\n  --> {place}")?;
        }
        for cause in self.causes() {
            write!(f, "\n  = cause: {}", cause.replace('\n', "\n    "))?;
        }
        for help in &self.help {
            write!(f, "\n  = help: {}", help.replace('\n', "\n    "))?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source
            .as_deref()
            .map(|source| source as &(dyn std::error::Error + 'static))
    }
}

/// Turns any failure into an [`Error`] that says what was being done.
pub trait OrFail<T> {
    /// `read(path).or_fail(|| format!("cannot read `{}`", path.display()))?`
    ///
    /// # Errors
    /// The failure, as the cause of an [`Error`] with this message.
    fn or_fail<M: Into<String>>(self, message: impl FnOnce() -> M) -> Result<T>;
}

impl<T, E: Into<Box<dyn std::error::Error + Send + Sync>>> OrFail<T> for std::result::Result<T, E> {
    fn or_fail<M: Into<String>>(self, message: impl FnOnce() -> M) -> Result<T> {
        self.map_err(|error| Error::new(message()).source(error))
    }
}
