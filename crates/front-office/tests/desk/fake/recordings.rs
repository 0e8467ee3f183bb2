//! A recording of a thousand bytes, which count.

use contact::read_recording_response::Part;
use contact::recordings_server::Recordings;

use super::*;

#[tonic::async_trait]
impl Recordings for Peer {
    type ReadStream = Answers<contact::ReadRecordingResponse>;

    async fn read(
        &self,
        request: Request<contact::ReadRecordingRequest>,
    ) -> Answer<Self::ReadStream> {
        let contact::ReadRecordingRequest { contact_id, offset, length } = request.get_ref();
        let what = format!("hears {contact_id}");
        self.0.note(&request, what);
        if contact_id != "c1" {
            return Err(status(Code::NotFound, "CC0141", "there is no recording for you"));
        }
        let content: Vec<u8> = (0..1_000_u32).map(|it| (it % 251) as u8).collect();
        let length = if *length == 0 { u64::MAX } else { *length };
        let from = usize::try_from(*offset).unwrap_or(usize::MAX).min(content.len());
        let until = usize::try_from(offset.saturating_add(length)).unwrap_or(usize::MAX);
        let part = content[from..until.min(content.len())].to_vec();
        let parts = part.chunks(64).map(|it| Part::Content(it.to_vec()));
        let told: Vec<_> = std::iter::once(Part::Size(1_000))
            .chain(parts)
            .map(|part| Ok(contact::ReadRecordingResponse { part: Some(part) }))
            .collect();
        Ok(Response::new(Box::pin(futures::stream::iter(told))))
    }
}
