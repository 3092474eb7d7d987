//! What an error of Redis means for who works with jobs.

use crate::Error;

impl From<atlas_redis::Error> for Error {
    fn from(error: atlas_redis::Error) -> Self {
        use atlas_redis::Error as Redis;
        let refused = match &error {
            // what it says while it cannot write lasts until somebody helps
            Redis::Refused { code, .. } => code == "READONLY" || !error.is_transient(),
            Redis::Type { .. } => true,
            _ => false,
        };
        match refused {
            true => Self::Refused(Box::new(error)),
            false => Self::Unavailable(Box::new(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::Error;

    #[test]
    fn what_passes_by_itself_is_told_from_what_does_not() {
        let refused = |code: &str| {
            let (code, message) = (code.to_owned(), String::new());
            Error::from(atlas_redis::Error::Refused { code, message })
        };
        for code in ["OOM", "READONLY", "MISCONF", "NOPERM", "ERR"] {
            assert!(matches!(refused(code), Error::Refused(_)), "{code}");
        }
        for code in ["LOADING", "CLUSTERDOWN", "TRYAGAIN", "MASTERDOWN"] {
            assert!(refused(code).is_transient(), "{code}");
        }
        assert!(Error::from(atlas_redis::Error::Closed).is_transient());
    }
}
