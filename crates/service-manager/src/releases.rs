//! The application's release as the manager holds it.

use std::path::Path;
use std::sync::Arc;

use caruso_api::registry::v1::GetReleaseResponse;
use caruso_component::{Release, read_file, replace_file, status};
use futures::Stream;
use tonic::{Code, Status};

use crate::Error;

/// Longest part of a file in one message.
const PART: usize = 256 * 1024;

/// Keeps the release that was given, or takes the one kept before.
pub(crate) fn load(data: &Path, given: Option<Release>) -> Result<Arc<Release>, Error> {
    let path = data.join("release.bin");
    if let Some(release) = given {
        replace_file(&path, &release.to_bytes())?;
        return Ok(Arc::new(release));
    }
    let content = read_file(&path)?.ok_or(Error::NoRelease)?;
    Release::from_bytes(content).map(Arc::new).ok_or(Error::Damaged(path))
}

/// The parts of every file, in order; an empty file is one empty part.
pub(crate) fn parts(
    release: &Release,
    digest: &str,
) -> Result<impl Stream<Item = Result<GetReleaseResponse, Status>> + use<>, Status> {
    if release.digest() != digest {
        return Err(status(Code::NotFound, "CR0104", format!("there is no release {digest} here")));
    }
    let files: Vec<_> = release.files().iter().map(|(p, c)| (p.clone(), c.clone())).collect();
    let parts = files.into_iter().flat_map(|(path, content)| {
        let starts = (0..content.len().max(1)).step_by(PART);
        starts.map(move |start| {
            let end = content.len().min(start + PART);
            Ok(GetReleaseResponse { path: path.clone(), content: content[start..end].to_vec() })
        })
    });
    Ok(futures::stream::iter(parts))
}
