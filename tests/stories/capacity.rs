//! An agent has something written in hand, and a call comes: it is laid aside and taken up again,
//! with its script where it was.

use caruso_api::contact::v1::AgentState;
use caruso_api::desk::v1::WatchDeskResponse;
use caruso_tests::{Desk, Installation, Plan, State};

use crate::conversations::{Pages, example};
use crate::preferred::{moves, register};
use crate::replay::decides_the_same;

fn aside(desk: &WatchDeskResponse) -> Vec<&str> {
    let status = desk.status.iter();
    status.flat_map(|it| &it.laid_aside).map(|it| it.contact_id.as_str()).collect()
}

fn session(desk: &WatchDeskResponse) -> Option<&str> {
    desk.script.as_ref().map(|view| view.session_id.as_str())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_is_taken_beside_what_is_written() {
    let example = example();
    let room =
        "<capacity channel=\"voice\" points=\"60\"/><capacity channel=\"web\" points=\"40\"/>";
    example.replace(
        "routing.xml",
        "<skill id=\"electricity\"",
        &format!("{room}<skill id=\"electricity\""),
    );
    let plan = Plan { application: example.path().to_owned(), ..Plan::default() };
    let system = Installation::up(plan).await;
    let pages = Pages::of(&system).await;
    let mut anna = Desk::log_in(&system.http, "anna").await;
    let annas = register(&system, "101").await;
    anna.become_ready().await;
    let written = pages.asks_about_moving().await.session_id;
    anna.until_state(AgentState::Offered).await;
    anna.accept(&written).await.expect("it is offered");
    let begun = anna.until("its script", |desk| desk.script.is_some()).await;
    let begun = session(&begun).expect("it has begun").to_owned();

    let customer = moves(&system, "0612345678").await;
    annas.until("it rings", |state| matches!(state, State::Ringing(_))).await;
    let offered = anna.until_state(AgentState::Offered).await;
    assert_ne!(offered.contact_id, written);
    let refused = anna.take_up(&written).await.expect_err("a call is offered");
    assert_eq!(refused.code(), tonic::Code::FailedPrecondition);
    annas.answer();
    let talks = anna.until("the script of the call", |desk| {
        session(desk).is_some_and(|session| session != begun)
    });
    assert_eq!(aside(&talks.await), [written.as_str()]);
    customer.hang_up();
    anna.until_state(AgentState::WrapUp).await;
    anna.dispose(&offered.contact_id, "move-recorded").await;

    // what she had is back, and so is its script
    let back = anna.until("it is back", |desk| session(desk) == Some(&*begun)).await;
    assert!(aside(&back).is_empty());
    assert_eq!(anna.until_state(AgentState::Talking).await.contact_id, written);

    // another one, and she changes between the two
    let other = pages.asks_about_moving().await.session_id;
    anna.until_state(AgentState::Offered).await;
    anna.accept(&other).await.expect("it is offered");
    anna.until("she has both", |desk| aside(desk) == [&*written]).await;
    anna.take_up(&written).await.expect("it is hers");
    let changed = anna.until("she is back", |desk| session(desk) == Some(&*begun)).await;
    assert_eq!(aside(&changed), [other.as_str()]);
    for contact in [written, other] {
        anna.until("it is in hand", |desk| {
            let status = desk.status.as_ref();
            status.and_then(|it| it.contact.as_ref()).is_some_and(|it| it.contact_id == contact)
        })
        .await;
        anna.hang_up(&contact).await.expect("it is in hand");
        anna.until_state(AgentState::WrapUp).await;
        anna.dispose(&contact, "move-recorded").await;
    }
    anna.until_state(AgentState::Ready).await;
    drop(anna);
    decides_the_same(example.path(), &system);
}
