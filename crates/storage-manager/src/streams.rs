//! Answers that come one after the other, no faster than they are taken.

use caruso_api::encoded::StreamResponse;
use caruso_api::storage::v1 as proto;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::Status;

use crate::convert::{changed_to, status_of};
use crate::encoded;
use crate::engine::Engine;
use crate::error::Error;
use crate::page::Query;

/// Answers that wait for their reader.
const BUFFER: usize = 4;

pub(crate) type Stream<T> = ReceiverStream<Result<T, Status>>;

/// All objects that satisfy a query, page after page.
pub(crate) fn objects(engine: Engine, mut query: Query) -> Stream<StreamResponse> {
    let (sender, receiver) = mpsc::channel(BUFFER);
    tokio::spawn(async move {
        loop {
            let page = match engine.query_as(&query, |seen| encoded::object(&seen)).await {
                Ok(page) => page,
                Err(error) => {
                    let _ = sender.send(Err(status_of(&error))).await;
                    return;
                }
            };
            query.page_token.clone_from(&page.next_page_token);
            let (objects, page_token) = (page.objects, page.next_page_token);
            let answer = StreamResponse { objects, page_token };
            if sender.send(Ok(answer)).await.is_err() || query.page_token.is_empty() {
                return;
            }
        }
    });
    ReceiverStream::new(receiver)
}

/// Changes after a position, and then as they happen, until the model is replaced.
pub(crate) fn changes(
    engine: Engine,
    replaced: CancellationToken,
    database: String,
    after: u64,
    classes: Vec<String>,
) -> Stream<proto::WatchResponse> {
    let (sender, receiver) = mpsc::channel(BUFFER);
    tokio::spawn(async move {
        let followed = follow(&engine, &database, after, &classes, &sender);
        let ended = replaced.run_until_cancelled(followed).await;
        let status = match ended {
            Some(Ok(())) => return,
            Some(Err(error)) => status_of(&error),
            None => {
                let code = crate::codes::UNAVAILABLE;
                let message = "the model was replaced; go on from the last position";
                caruso_component::status(tonic::Code::Unavailable, code, message)
            }
        };
        let _ = sender.send(Err(status)).await;
    });
    ReceiverStream::new(receiver)
}

/// Ends well when the reader goes.
async fn follow(
    engine: &Engine,
    database: &str,
    mut after: u64,
    classes: &[String],
    sender: &mpsc::Sender<Result<proto::WatchResponse, Status>>,
) -> Result<(), Error> {
    let mut positions = engine.positions(database)?;
    loop {
        positions.mark_unchanged();
        let changes = engine.changes(database, after, classes).await?;
        if changes.is_empty() {
            tokio::select! {
                () = sender.closed() => return Ok(()),
                // the sender lives as long as the engine
                _ = positions.changed() => {}
            }
        }
        for change in changes {
            after = change.position;
            if sender.send(Ok(changed_to(change))).await.is_err() {
                return Ok(());
            }
        }
    }
}
