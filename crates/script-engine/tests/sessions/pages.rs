//! Pages over a real journal.

use crate::peers::{World, id, open, settings, until};
use caruso_dialogue::{PageAnswer, Refusal};
use caruso_script_engine::{AnsweredPage, By, Error, Start};

#[tokio::test]
async fn a_page_is_taken_at_once_or_not_at_all_also_after_a_restart() {
    let (folder, world) = (tempfile::tempdir().expect("a folder"), World::default());
    let engine = open(folder.path(), &world, settings()).await;
    let start = Start {
        request: "s1".to_owned(),
        script: "page".to_owned(),
        actor: Some("anna".to_owned()),
        ..Start::default()
    };
    let view = engine.start(start).await.expect("it starts");
    assert_eq!(view.page.as_ref().map(|it| it.questions.len()), Some(2));
    let page = |request: &str, low: &str, high: &str| AnsweredPage {
        request: request.to_owned(),
        session: id(&view),
        sequence: view.sequence,
        page: "meter".to_owned(),
        row: String::new(),
        answers: [("low", low), ("high", high)]
            .map(|(step, value)| PageAnswer {
                step: step.to_owned(),
                value: value.to_owned(),
                ..PageAnswer::default()
            })
            .into(),
    };
    let anna = || By::user("anna");
    let refused = engine.answer_page(page("r1", "9", "3"), anna()).await;
    let Err(Error::Refused(Refusal::Page(refused))) = refused else { panic!("{refused:?}") };
    assert_eq!(refused, [("high".into(), Refusal::Mistaken("Less than the low one.".into()))]);
    let foreign = engine.answer_page(page("r2", "1", "3"), By::user("bram")).await;
    assert!(matches!(foreign, Err(Error::UnknownSession)));
    let mut many = page("r3", "1", "3");
    many.answers = vec![PageAnswer::default(); 13];
    assert_eq!(
        engine.answer_page(many, anna()).await.expect_err("too many").code(),
        Some("CX0102")
    );
    let view_after = engine.answer_page(page("r4", "1", "3"), anna()).await.expect("good");
    assert_eq!(view_after.step, "more");
    engine.close().await;

    let engine = open(folder.path(), &world, settings()).await;
    let again = until(&engine, id(&view), |_| true).await;
    assert_eq!(again, view_after);
    let repeated = engine.answer_page(page("r4", "5", "6"), anna()).await.expect("a repeat");
    assert_eq!(repeated, again, "the first counts");
    let late = engine.answer_page(page("r5", "5", "6"), anna()).await.expect_err("too late");
    assert_eq!(late.code(), Some("CX0103"));
    assert_eq!(again.sequence, view.sequence + 2, "the log has the answers one by one");
    engine.close().await;
}
