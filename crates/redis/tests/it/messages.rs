//! Messages of channels.

use std::time::{Duration, Instant};

use atlas_redis::{Event, Redis, Subscription, redis::cmd};
use tokio::time::timeout;

use crate::support::{Gate, eventually, impatient, own_keys, private};

async fn next(subscription: &mut Subscription) -> Event {
    let event = timeout(Duration::from_secs(60), subscription.next()).await;
    event.expect("an event in time").expect("it goes on")
}

fn text(event: Event) -> Option<String> {
    match event {
        Event::Message(message) => Some(String::from_utf8(message.payload).unwrap()),
        Event::Reconnected => None,
    }
}

/// Sends messages until the subscription says that it may have missed some, and one comes after that.
async fn expect_reconnected(redis: &Redis, subscription: &mut Subscription, channel: &str) {
    while text(next(subscription).await).is_some() {}
    let sent = redis.publish(channel, "after").await.unwrap();
    assert_eq!(sent, 1);
    assert_eq!(text(next(subscription).await).as_deref(), Some("after"));
}

#[tokio::test]
async fn a_message_reaches_all_who_listen_to_its_channel() {
    let Some(redis) = own_keys() else { return };
    let (news, other) = (redis.key("news"), redis.key("other"));
    let mut first = redis.subscribe([&news, &other]).await;
    let mut second = redis.subscribe([&news]).await;
    assert_eq!(redis.publish(&other, b"0".as_slice()).await.unwrap(), 1);
    assert_eq!(redis.publish(&news, "1").await.unwrap(), 2);
    let Event::Message(message) = next(&mut first).await else {
        panic!("nothing was lost");
    };
    assert_eq!((message.channel, message.payload), (other, b"0".to_vec()));
    assert_eq!(text(next(&mut first).await).as_deref(), Some("1"));
    assert_eq!(text(next(&mut second).await).as_deref(), Some("1"));

    drop(second);
    eventually("the other one to be gone", async || {
        redis.publish(&news, "2").await.unwrap() == 1
    })
    .await;
}

#[tokio::test]
async fn a_subscription_survives_a_restart_and_says_what_it_may_have_missed() {
    let Some(server) = private() else { return };
    let redis = Redis::new(&impatient(server.admin_url())).unwrap();
    let mut news = redis.subscribe(["news"]).await;
    redis.publish("news", "before").await.unwrap();
    assert_eq!(text(next(&mut news).await).as_deref(), Some("before"));
    server.kill();
    server.start_again().unwrap();
    expect_reconnected(&redis, &mut news, "news").await;
}

#[tokio::test]
async fn a_subscription_notices_a_peer_that_went_without_a_word() {
    let Some(server) = private() else { return };
    let gate = Gate::before(Some(server.port())).await;
    let redis = Redis::new(&impatient(gate.url())).unwrap();
    let mut news = redis.subscribe(["news"]).await;
    gate.fall_silent();
    // its commands find out by themselves
    assert!(redis.ping().await.is_err());
    gate.speak();
    while text(next(&mut news).await).is_some() {}
    eventually("an answer", async || redis.ping().await.is_ok()).await;
    eventually("the old one to be forgotten", async || {
        redis.publish("news", "x").await.is_ok()
    })
    .await;
    assert_eq!(text(next(&mut news).await).as_deref(), Some("x"));
}

#[tokio::test]
async fn who_subscribes_while_redis_is_away_listens_when_it_is_back() {
    let Some(server) = private() else { return };
    server.kill();
    let redis = Redis::new(&impatient(server.admin_url())).unwrap();
    let began = Instant::now();
    let mut news = redis.subscribe(["news"]).await;
    assert!(began.elapsed() < Duration::from_secs(15));
    server.start_again().unwrap();
    expect_reconnected(&redis, &mut news, "news").await;
}

#[tokio::test]
async fn a_reader_that_is_too_slow_is_told_that_it_missed_something() {
    let Some(redis) = own_keys() else { return };
    let channel = redis.key("flood");
    let mut flood = redis.subscribe([&channel]).await;
    let mut pipeline = atlas_redis::redis::pipe();
    for _ in 0..3000 {
        pipeline.cmd("PUBLISH").arg(&channel).arg("x").ignore();
    }
    // until all of them have arrived, read or dropped, which takes longer on a slow machine
    for pause in [300, 3_000, 10_000] {
        redis.run_all::<()>(&pipeline).await.unwrap();
        tokio::time::sleep(Duration::from_millis(pause)).await;
        let mut messages = 0;
        while messages < 3000 && text(next(&mut flood).await).is_some() {
            messages += 1;
        }
        if messages < 3000 {
            return;
        }
    }
    panic!("all of them were read, three times");
}

#[tokio::test]
async fn closing_the_handle_ends_its_subscriptions() {
    let Some(redis) = own_keys() else { return };
    let mut news = redis.subscribe([redis.key("news")]).await;
    redis.run::<()>(&cmd("PING")).await.unwrap();
    redis.close();
    let ended = timeout(Duration::from_secs(60), news.next()).await;
    assert_eq!(ended, Ok(None));
}
