//! Reads from replicas, which never lie to those who wrote.
//!
//! Replicas replay what the primary did, a little later. Two kinds of tasks know how much: one asks the primary, twice
//! within `database.replica_check_interval`, how far its log is and notes when it asked (a *sample*); one a replica asks
//! how far that has replayed, and finds the newest sample that is covered by it. From then on a read costs atomics: the
//! replica has everything that was committed when that sample was asked for. A write notes the time at which it was over in
//! the session of its caller, and only a replica with a later sample answers reads of that session. The same number says
//! how far a replica lags at most. No write waits for anything, and however many sessions there are, the servers are asked
//! no more often.
//!
//! | file | is |
//! | --- | --- |
//! | `position.rs` (`lsn.rs`, `gtid_list.rs`, `gtid_set.rs`) | how much of a history a server has, by engine |
//! | `samples.rs`, `moment.rs` | where the primary stood, and when |
//! | `replica.rs` | what is known about one replica; what shakes the trust in it |
//! | `cluster.rs` | who may answer: rotation, lag, sessions |
//! | `marks.rs`, `session.rs` | what a caller has written and must see |
//! | `locking.rs` | which reads only the primary may answer |
//! | `standby.rs`, `watch.rs`, `routed.rs` | connections to replicas, the tasks that ask, and reads on their way |

mod cluster;
mod gtid_list;
mod gtid_set;
mod locking;
mod lsn;
mod marks;
mod moment;
mod position;
mod replica;
mod routed;
mod samples;
mod session;
mod standby;
mod watch;

pub(crate) use self::{
    cluster::{Cluster, Rules},
    marks::Writing,
    routed::{All, Detour, Each, One, Read, Replicas},
    samples::Standing,
    standby::Replicated,
};
pub use self::{
    position::{Position, PositionError},
    session::{ReplicaStatus, Route, Session},
};
