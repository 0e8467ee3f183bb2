//! The server of business objects once more, some of whose answers take objects as the bytes of
//! their message ([`crate::storage::v1::Object`]): on the wire they are the same. For a server that
//! writes many objects and would make messages only to encode them.

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

include!(concat!(env!("OUT_DIR"), "/encoded/caruso.storage.v1.rs"));
