//! What the code declares is checked at the start.

use atlas_core::{App, Module};
use atlas_jobs::{Handlers, Plan, Run, Schedule, handler};

use super::{Nightly, nightly};

async fn summarise(_: Run<Nightly>) {}

async fn code_of(module: Module) -> Option<&'static str> {
    let module = module.provide(Handlers::new).provide(Plan::new);
    let error = App::new("test")
        .module(module)
        .resolve::<Plan>()
        .await
        .err()?;
    Some(error.diagnostic().unwrap().code())
}

fn module(schedules: Vec<Schedule>) -> Module {
    let module = Module::new("orders").contribute(handler(summarise));
    schedules
        .into_iter()
        .fold(module, |module, it| module.contribute(move || it.clone()))
}

#[tokio::test]
async fn schedules_that_cannot_be_end_the_start_and_say_why() {
    let good = || nightly("0 3 * * *");
    assert_eq!(code_of(module(vec![good()])).await, None);
    for wrong in [
        nightly("0 25 * * *"),
        good().zone("Europe/Berln"),
        good().queue("No queue"),
        Schedule::cron("No name", "0 3 * * *", || Nightly),
    ] {
        assert_eq!(code_of(module(vec![wrong])).await, Some("A411"));
    }
    assert_eq!(code_of(module(vec![good(), good()])).await, Some("A412"));
    let nobody = Module::new("orders").contribute(|| nightly("0 3 * * *"));
    assert_eq!(code_of(nobody).await, Some("A413"));
}
