//! Programs that break the protocol in every way.

use super::*;

/// Describes one operation without parameters, whatever the request.
const DESCRIBE: &str = r#"
describe() {
    read -r _; echo '{"id":1,"operations":[{"name":"create_service_order","title":"T"}]}'
}
starts() { echo x >> starts; wc -l < starts; }
"#;

/// The declaration that fits [`DESCRIBE`].
fn plain() -> Declared {
    declare("create_service_order", &[], &[])
}

fn describing(then: &str, limits: Limits) -> Bench {
    Bench::shell(plain(), &format!("{DESCRIBE}\n{then}"), limits)
}

fn later(result: Result<Arc<Done>, Error>) -> String {
    match result {
        Err(Error::Later(reason)) => reason,
        other => panic!("expected `later`, got {other:?}"),
    }
}

#[tokio::test]
async fn a_program_that_dies_while_asked_is_started_again_and_asked_again() {
    let once = r#"
        first=$(starts); describe; read -r _
        [ "$first" -eq 1 ] && exit 3
        echo '{"id":2,"results":{},"summary":"done"}'; read -r _
    "#;
    let bench = describing(once, Limits::default());
    bench.ready().await;
    let reason = later(bench.invoke(&[], "k").await);
    assert!(reason.contains("exit status: 3"), "{reason}");
    bench.away().await;
    bench.ready().await;
    assert_eq!(bench.invoke(&[], "k").await.expect("the second start works").summary, "done");
    bench.end().await;
}

#[tokio::test]
async fn a_program_that_dies_between_requests_is_away_until_it_describes_itself_again() {
    let bench =
        describing("first=$(starts); describe; [ $first -gt 1 ] && read -r _", Limits::default());
    let reason = bench.away().await;
    assert!(reason.contains("the program ended: exit status"), "{reason}");
    bench.ready().await;
    bench.end().await;
}

#[tokio::test]
async fn silence_ends_at_the_time_limit_and_the_next_start_may_work() {
    let once = r#"
        first=$(starts); describe; read -r _
        [ "$first" -eq 1 ] && exec sleep 600
        echo '{"id":2,"refused":"no"}'; read -r _
    "#;
    let bench = describing(once, Limits { start: PATIENCE, ..quick() });
    bench.ready().await;
    let reason = later(bench.invoke(&[], "k").await);
    assert_eq!(reason, "the program did not answer within 300ms");
    bench.away().await;
    bench.ready().await;
    assert_eq!(bench.data("starts"), "x\nx\n");
    bench.end().await;
}

#[tokio::test]
async fn a_program_that_says_nothing_at_the_start_is_never_offered() {
    let bench = Bench::shell(plain(), "exec sleep 600", quick());
    assert_eq!(bench.away().await, "the program did not answer within 500ms");
    assert!(bench.host.described().is_err());
    let answer = bench.invoke(&[], "k").await;
    assert_eq!(later(answer), "the program did not answer within 500ms");
    bench.end().await;
}

#[tokio::test]
async fn garbage_is_an_error_that_does_not_quote_it() {
    let bench =
        describing("describe; read -r _; echo 'Traceback: Jansen'; read -r _", Limits::default());
    bench.ready().await;
    let reason = later(bench.invoke(&[], "k").await);
    assert!(reason.contains("not a JSON answer") && !reason.contains("Jansen"), "{reason}");
    bench.away().await;
    bench.end().await;
}

#[tokio::test]
async fn an_answer_to_another_request_is_an_error() {
    let other = r#"describe; read -r _; echo '{"id":1,"refused":"no"}'; read -r _"#;
    let bench = describing(other, Limits::default());
    bench.ready().await;
    let reason = later(bench.invoke(&[], "k").await);
    assert!(reason.contains("the answer has the id 1, expected 2"), "{reason}");
    bench.end().await;
}

#[tokio::test]
async fn a_huge_line_is_an_error_and_takes_no_memory() {
    let huge = "describe; read -r _; head -c 3000000 /dev/zero | tr '\\0' x; echo; read -r _";
    let bench = describing(huge, Limits::default());
    bench.ready().await;
    let reason = later(bench.invoke(&[], "k").await);
    assert_eq!(reason, "the program wrote a line of more than 65536 bytes");
    bench.end().await;
}

#[tokio::test]
async fn a_program_that_does_not_exist_is_named() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let bench = Bench::new(plain(), folder.path().join("missing"), folder, quick());
    let reason = bench.away().await;
    assert!(reason.contains("missing cannot be started"), "{reason}");
    bench.end().await;
}

#[tokio::test]
async fn much_on_standard_error_blocks_nothing() {
    let noisy = r#"
        describe; read -r _
        head -c 1000000 /dev/zero | tr '\0' '\n' >&2; head -c 1000000 /dev/zero | tr '\0' x >&2
        echo '{"id":2,"results":{}}'; read -r _
    "#;
    let bench = describing(noisy, Limits::default());
    bench.ready().await;
    assert!(bench.invoke(&[], "k").await.is_ok());
    bench.end().await;
}

#[tokio::test]
async fn a_program_that_differs_from_the_application_is_away_and_says_where() {
    let declared = declare("create_service_order", &[("text", Type::Text, true)], &[]);
    let bench = Bench::shell(declared, &format!("{DESCRIBE} describe; read -r _"), quick());
    let reason = bench.away().await;
    assert!(reason.contains("declared is `create_service_order` with (text: text)"), "{reason}");
    bench.end().await;
}

#[tokio::test]
async fn a_declared_result_that_is_missing_is_an_error() {
    let declared = declare("create_service_order", &[], &[("order", Type::Text)]);
    let script = format!("{DESCRIBE} describe; read -r _; echo '{{\"id\":2,\"results\":{{}}}}'");
    let bench = Bench::shell(declared, &script, Limits::default());
    bench.ready().await;
    let reason = later(bench.invoke(&[], "k").await);
    assert!(reason.starts_with("the result `order` is missing"), "{reason}");
    bench.end().await;
}

#[tokio::test]
async fn what_comes_later_is_asked_again_and_what_is_final_is_not() {
    let twice = r#"
        describe; read -r _
        echo '{"id":2,"later":"the ERP is closed"}'; read -r _
        echo '{"id":3,"results":{},"summary":"first"}'; read -r _
        echo '{"id":4,"results":{},"summary":"second"}'; read -r _
    "#;
    let bench = describing(twice, Limits::default());
    bench.ready().await;
    assert_eq!(later(bench.invoke(&[], "k").await), "the ERP is closed");
    for _ in 0..2 {
        assert_eq!(bench.invoke(&[], "k").await.expect("done").summary, "first");
    }
    assert_eq!(bench.invoke(&[], "l").await.expect("done").summary, "second");
    bench.end().await;
}

#[tokio::test]
async fn more_requests_than_the_queue_holds_are_sent_away_at_once() {
    let slow = "describe; read -r _; echo x > asked; exec sleep 600";
    let bench = describing(slow, Limits { start: PATIENCE, invoke: PATIENCE, read: PATIENCE });
    bench.ready().await;
    let host = bench.host.clone();
    let asked = (0..=crate::MAX_QUEUE + 1).map(|number| {
        let host = host.clone();
        let invocation = invocation("create_service_order", &[], &number.to_string());
        tokio::spawn(async move { host.invoke(invocation).await })
    });
    let mut asked: Vec<_> = asked.collect();
    let refused = timeout(PATIENCE, async {
        loop {
            if let Some(done) = asked.iter().position(JoinHandle::is_finished) {
                return asked.swap_remove(done).await.expect("no panic");
            }
            tokio::task::yield_now().await;
        }
    });
    let refused = later(refused.await.expect("the last one is sent away"));
    assert_eq!(refused, "32 requests wait for the wrapper program already");
    for task in asked {
        task.abort();
    }
}

#[tokio::test]
async fn another_program_takes_the_place_between_two_requests() {
    let answer = |summary: &str| {
        format!(
            "{DESCRIBE} describe; read -r _ || echo ended > {summary}
             echo '{{\"id\":2,\"results\":{{}},\"summary\":\"{summary}\"}}'; read -r _"
        )
    };
    let bench = Bench::shell(plain(), &answer("old"), Limits::default());
    bench.ready().await;
    let file = script_file(bench.folder.path(), "next", &answer("new"));
    bench.programs.send_modify(|program| {
        program.as_mut().expect("the first one").file = file;
    });
    let summary = timeout(PATIENCE, async {
        loop {
            let done = bench.invoke(&[], &uuid()).await;
            if let Ok(done) = done
                && done.summary == "new"
            {
                return;
            }
            tokio::task::yield_now().await;
        }
    });
    summary.await.expect("the new program answers");
    bench.end().await;
}

/// Any key that was not used before.
fn uuid() -> String {
    format!("{:?}", std::time::Instant::now())
}

#[tokio::test]
async fn a_stopped_host_lets_the_program_finish() {
    let polite = "describe; read -r _ || echo bye > bye";
    let bench = describing(polite, Limits::default());
    bench.ready().await;
    bench.stop.cancel();
    timeout(PATIENCE, bench.task).await.expect("in time").expect("no panic");
    let bye = fs::read_to_string(bench.folder.path().join("bye")).expect("written at the end");
    assert_eq!(bye, "bye\n");
}
