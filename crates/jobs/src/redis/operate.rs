//! What operators do, in steps that do not hold the server up.

use std::time::Duration;

use atlas_redis::redis::Value;

use super::{
    answer::Fields,
    read, script,
    store::RedisStore,
    write::{self, Arguments, push},
};
use crate::{
    Error, JobId, JobRecord, Result, State,
    store::{By, Edit, Filter, Page, Redrive},
};

/// How many jobs one script looks up by name.
const NAMES: usize = 500;
/// How many jobs one script drops.
const PRUNED: usize = 1000;

/// What happens to terminal jobs.
#[derive(Clone, Copy)]
enum Fate {
    Dropped,
    /// The first one at once, each further one this much later.
    BeginsAnew(Duration),
}

impl RedisStore {
    pub(super) async fn list_jobs(&self, filter: &Filter, page: Page) -> Result<Vec<JobRecord>> {
        let said = write::filter(filter);
        let mut found = Vec::new();
        if let Some(ids) = &filter.ids {
            let mut ids: Vec<JobId> = ids.clone();
            ids.retain(|id| page.after.is_none_or(|after| *id < after));
            ids.sort_unstable_by(|one, other| other.cmp(one));
            ids.dedup();
            for names in ids.chunks(NAMES) {
                let mut arguments = vec![said.clone()];
                names.iter().for_each(|id| push(&mut arguments, id));
                found.extend(read::jobs(self.call(&script::FIND, arguments).await?)?);
                if found.len() >= page.limit {
                    break;
                }
            }
            found.truncate(page.limit);
            return Ok(found);
        }
        let mut after = page.after.map(|id| id.to_string());
        while found.len() < page.limit {
            let mut arguments = vec![said.clone()];
            push(&mut arguments, page.limit - found.len());
            push(&mut arguments, after.unwrap_or_default());
            let (more, jobs) = read::page(self.call(&script::LIST, arguments).await?)?;
            found.extend(jobs);
            after = more;
            if after.is_none() {
                break;
            }
        }
        Ok(found)
    }

    pub(super) async fn retry_job(&self, id: JobId, by: &By) -> Result<State> {
        let answer: Value = self.call(&script::RETRY, operator(id, by)).await?;
        if answer == Value::Nil {
            return Err(Error::NoSuchJob(id));
        }
        let mut answer = Fields::of(answer)?;
        let state = read::state(answer.size()?)?;
        match answer.text()? {
            None => Ok(state),
            Some(holder) => Err(Error::Invalid(format!(
                "job `{holder}` holds the unique key of job `{id}`: wait until it is finished, or cancel it"
            ))),
        }
    }

    pub(super) async fn edit_job(&self, id: JobId, edit: &Edit, by: &By) -> Result<()> {
        let mut arguments = operator(id, by);
        if let Some(payload) = &edit.payload {
            arguments.extend([b"p".to_vec(), payload.clone()]);
        }
        if let Some(attempts) = edit.max_attempts {
            push(&mut arguments, "m");
            push(&mut arguments, attempts);
        }
        if let Some(queue) = &edit.queue {
            push(&mut arguments, "q");
            push(&mut arguments, queue);
        }
        let answer: Option<i64> = self.call(&script::EDIT, arguments).await?;
        let state = read::state(answer.ok_or(Error::NoSuchJob(id))?)?;
        let hint = match state {
            State::Scheduled | State::Available | State::Dead => return Ok(()),
            State::Running => "wait until it is through, or cancel it",
            State::Completed => "it is done: enqueue a new job instead",
            State::Cancelled => "retry it, then it can be changed while it waits",
        };
        Err(Error::WrongState { id, state, hint })
    }

    pub(super) async fn redrive_jobs(&self, redrive: &Redrive, by: &By) -> Result<u64> {
        let Redrive {
            filter,
            limit,
            spacing,
        } = redrive;
        let met = match filter.states.is_empty() || filter.states.contains(&State::Dead) {
            true => {
                let fate = Fate::BeginsAnew(*spacing);
                self.terminal(fate, State::Dead, filter, *limit).await?
            }
            false => 0,
        };
        self.note_many(by, "redrive", filter, met).await
    }

    pub(super) async fn discard_jobs(&self, filter: &Filter, limit: usize, by: &By) -> Result<u64> {
        let mut met = 0;
        for state in [State::Completed, State::Cancelled, State::Dead] {
            if filter.states.is_empty() || filter.states.contains(&state) {
                met += self
                    .terminal(Fate::Dropped, state, filter, limit - met)
                    .await?;
            }
        }
        self.note_many(by, "drop", filter, met).await
    }

    pub(super) async fn prune_jobs(
        &self,
        state: State,
        age: Duration,
        limit: usize,
    ) -> Result<u64> {
        if !state.is_terminal() {
            return Err(Error::Invalid(format!(
                "only jobs that are completed, cancelled or dead are pruned, not {state} ones"
            )));
        }
        let mut pruned = 0;
        while pruned < limit {
            let most = PRUNED.min(limit - pruned);
            let mut arguments = Arguments::new();
            push(&mut arguments, write::number(state));
            push(&mut arguments, write::millis(age));
            push(&mut arguments, most);
            let gone: usize = self.call(&script::PRUNE, arguments).await?;
            pruned += gone;
            if gone < most {
                break;
            }
        }
        Ok(pruned as u64)
    }

    /// Lets the jobs of a terminal state that a filter meets meet their fate, up to so many. Returns how many.
    async fn terminal(
        &self,
        fate: Fate,
        state: State,
        filter: &Filter,
        limit: usize,
    ) -> Result<usize> {
        let (what, spacing) = match fate {
            Fate::Dropped => ("d", 0),
            Fate::BeginsAnew(spacing) => ("b", write::millis(spacing)),
        };
        let said = write::filter(filter);
        let mut names = filter.ids.as_ref().map(|ids| ids.chunks(NAMES));
        let (mut met, mut start) = (0, None);
        let (mut last, mut before) = (String::new(), 0_i64);
        while met < limit {
            let part = match &mut names {
                Some(names) => match names.next() {
                    Some(part) => part,
                    None => break,
                },
                None => &[],
            };
            let first = start.map(|start: i64| {
                let later = i64::try_from(met)
                    .unwrap_or(i64::MAX)
                    .saturating_mul(spacing);
                start.saturating_add(later).to_string()
            });
            let mut arguments = Arguments::new();
            push(&mut arguments, what);
            push(&mut arguments, write::number(state));
            arguments.push(said.clone());
            push(&mut arguments, limit - met);
            push(&mut arguments, &last);
            push(&mut arguments, before);
            push(&mut arguments, first.unwrap_or_default());
            push(&mut arguments, spacing);
            part.iter().for_each(|id| push(&mut arguments, id));
            let mut answer = Fields::of(self.call(&script::TERMINAL, arguments).await?)?;
            let began = answer.size()?;
            start = start.or(Some(began));
            met += answer.size::<usize>()?;
            match (answer.text()?, &names) {
                (Some(stopped), None) => last = stopped,
                (None, None) => break,
                (_, Some(_)) => {}
            }
            before = answer.size()?;
        }
        Ok(met)
    }

    /// Notes what was done to all jobs that a filter met: of one job under its name.
    async fn note_many(&self, by: &By, action: &str, filter: &Filter, met: usize) -> Result<u64> {
        let subject = match (filter.ids.as_deref(), &filter.queue) {
            (Some([id]), _) => id.to_string(),
            (_, Some(queue)) => queue.clone(),
            _ => "jobs".to_owned(),
        };
        let detail = format!("{met} jobs");
        self.note(by, action, &subject, Some(&detail)).await?;
        Ok(met as u64)
    }

    pub(super) async fn note(
        &self,
        by: &By,
        action: &str,
        subject: &str,
        detail: Option<&str>,
    ) -> Result<()> {
        let why = by.why.as_deref().unwrap_or_default();
        let words = [&by.actor, action, subject, detail.unwrap_or_default(), why];
        let arguments = words.map(|word| word.as_bytes().to_vec()).to_vec();
        self.call(&script::AUDIT, arguments).await
    }
}

/// The arguments of what an operator does to something.
pub(super) fn operator(subject: impl ToString, by: &By) -> Arguments {
    let mut arguments = Arguments::new();
    push(&mut arguments, subject);
    push(&mut arguments, &by.actor);
    push(&mut arguments, by.why.as_deref().unwrap_or_default());
    arguments
}
