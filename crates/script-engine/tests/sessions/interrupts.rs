//! Interrupts over a real journal.

use caruso_dialogue::{Refusal, Shown};
use caruso_script_engine::{Answer, By, Error, Interrupting, Start};

use crate::peers::{World, id, open, settings, until};

#[tokio::test]
async fn an_interrupt_outlives_a_restart_and_goes_back_to_where_it_began() {
    let (folder, world) = (tempfile::tempdir().expect("a folder"), World::default());
    let engine = open(folder.path(), &world, settings()).await;
    let start = Start {
        request: "s1".to_owned(),
        script: "interrupt".to_owned(),
        actor: Some("anna".to_owned()),
        ..Start::default()
    };
    let view = engine.start(start).await.expect("it starts");
    let session = id(&view);
    let anna = || By::user("anna");
    let answer = |request: &str, sequence: u64, (step, row): (&str, &str), value: &str| Answer {
        request: request.to_owned(),
        session,
        sequence,
        step: step.to_owned(),
        row: row.to_owned(),
        value: value.to_owned(),
        special: None,
        reason: String::new(),
    };
    let begin = |request: &str, sequence: u64, interrupt: &str| Interrupting {
        request: request.to_owned(),
        session,
        sequence,
        interrupt: interrupt.to_owned(),
    };
    let first = answer("r1", view.sequence, ("first", ""), "1");
    let before = engine.answer(first, anna()).await.expect("taken");
    assert_eq!(before.interrupts.len(), 1);
    let foreign = engine.interrupt(begin("r2", before.sequence, "complaint"), By::user("bram"));
    assert!(matches!(foreign.await, Err(Error::UnknownSession)));
    let unknown = engine.interrupt(begin("r2", before.sequence, "x"), anna()).await;
    assert!(matches!(unknown, Err(Error::Refused(Refusal::NotBegun(_)))));
    let begun = engine.interrupt(begin("r2", before.sequence, "complaint"), anna()).await;
    let begun = begun.expect("it comes");
    assert_eq!((begun.step.as_str(), begun.row.as_str()), ("about", "1"));
    engine.close().await;

    let engine = open(folder.path(), &world, settings()).await;
    let again = until(&engine, session, |_| true).await;
    assert_eq!(again, begun);
    let repeated = engine.interrupt(begin("r2", before.sequence, "complaint"), anna()).await;
    assert_eq!(repeated.expect("a repeat"), begun, "it came once");
    let nested = engine.interrupt(begin("r3", begun.sequence, "complaint"), anna()).await;
    let nested = nested.expect_err("it is not over");
    assert_eq!(tonic::Status::from(nested).code(), tonic::Code::FailedPrecondition);
    let about = answer("r4", begun.sequence, ("about", "1"), "the bill");
    let sorry = engine.answer(about, anna()).await.expect("taken");
    let sorry = answer("r5", sorry.sequence, ("sorry", "1"), "");
    let after = engine.answer(sorry, anna()).await.expect("passed");
    assert_eq!((&after.step, &after.shown), (&before.step, &before.shown));
    let second = answer("r6", after.sequence, ("second", ""), "2");
    let over = engine.answer(second, anna()).await.expect("taken");
    assert_eq!(over.shown, Shown::End { outcome: "done".to_owned() });
    engine.close().await;
}
