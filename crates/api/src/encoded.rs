//! Servers once more, some of whose answers are bytes: on the wire they are the same.
//!
//! That of business objects takes objects as the bytes of their message
//! ([`crate::storage::v1::Object`]), for a server that writes many objects and would make messages
//! only to encode them. That of the directory takes whole answers that were encoded before, since
//! many are told the same.

use std::marker::PhantomData;

use prost::bytes::{Buf, BufMut, Bytes};
use prost::encoding::{DecodeContext, WireType};
use prost::{DecodeError, Message};
use tonic::codec::{BufferSettings, Codec};
use tonic_prost::{ProstDecoder, ProstEncoder};

/// [`crate::storage::v1::GetResponse`].
#[derive(Clone, PartialEq, prost::Message)]
pub struct GetResponse {
    /// Always there.
    #[prost(bytes = "vec", optional, tag = "1")]
    pub object: Option<Vec<u8>>,
}

/// [`crate::storage::v1::QueryResponse`].
#[derive(Clone, PartialEq, prost::Message)]
pub struct QueryResponse {
    /// In the order asked for.
    #[prost(bytes = "vec", repeated, tag = "1")]
    pub objects: Vec<Vec<u8>>,
    /// Empty on the last page.
    #[prost(string, tag = "2")]
    pub next_page_token: String,
    /// As in the other message.
    #[prost(uint32, optional, tag = "3")]
    pub count: Option<u32>,
}

/// [`crate::storage::v1::StreamResponse`].
#[derive(Clone, PartialEq, prost::Message)]
pub struct StreamResponse {
    /// In the order asked for.
    #[prost(bytes = "vec", repeated, tag = "1")]
    pub objects: Vec<Vec<u8>>,
    /// For the rest.
    #[prost(string, tag = "2")]
    pub page_token: String,
}

/// A message as its bytes, in pieces: one after the other they are the message. It is sent and
/// never received.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Encoded {
    /// Each holds whole fields of the message.
    pub pieces: Vec<Bytes>,
}

impl Message for Encoded {
    fn encode_raw(&self, buffer: &mut impl BufMut) {
        for piece in &self.pieces {
            buffer.put_slice(piece);
        }
    }

    fn merge_field(
        &mut self,
        tag: u32,
        wire_type: WireType,
        buffer: &mut impl Buf,
        context: DecodeContext,
    ) -> Result<(), DecodeError> {
        prost::encoding::skip_field(wire_type, tag, buffer, context)
    }

    fn encoded_len(&self) -> usize {
        self.pieces.iter().map(Bytes::len).sum()
    }

    fn clear(&mut self) {
        self.pieces.clear();
    }
}

include!(concat!(env!("OUT_DIR"), "/encoded/caruso.storage.v1.rs"));

/// The codec of tonic, with buffers of 1 KiB instead of 8 KiB at first: each stream that is open
/// has two.
#[derive(Debug)]
pub struct SmallCodec<T, U>(PhantomData<(T, U)>);

impl<T, U> Default for SmallCodec<T, U> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

fn small() -> BufferSettings {
    BufferSettings::new(1024, 32 * 1024)
}

impl<T, U> Codec for SmallCodec<T, U>
where
    T: Message + Send + 'static,
    U: Message + Default + Send + 'static,
{
    type Encode = T;
    type Decode = U;
    type Encoder = ProstEncoder<T>;
    type Decoder = ProstDecoder<U>;

    fn encoder(&mut self) -> Self::Encoder {
        ProstEncoder::new(small())
    }

    fn decoder(&mut self) -> Self::Decoder {
        ProstDecoder::new(small())
    }
}

/// The server of the directory.
pub mod directory {
    include!(concat!(env!("OUT_DIR"), "/encoded/caruso.registry.v1.rs"));
}
