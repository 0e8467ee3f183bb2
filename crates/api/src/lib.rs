//! The contracts between components, generated from `proto/`; no logic.
//!
//! One module per area and version, for example [`storage::v1`], with its messages, a `…_client`
//! and a `…_server` module. [`DESCRIPTORS`] is the whole set in descriptor form; whoever must cover
//! every rpc (the permission table, its test) reads it with [`methods`].
//!
//! ```
//! assert!(caruso_api::methods().contains(&"/caruso.registry.v1.Registry/Resolve".to_owned()));
//! ```
#![allow(
    missing_docs,
    missing_debug_implementations,
    unreachable_pub,
    clippy::all,
    clippy::allow_attributes_without_reason,
    clippy::too_many_lines,
    reason = "generated code; the proto files carry the documentation"
)]

pub mod encoded;

macro_rules! area {
    ($area:ident, $package:literal) => {
        pub mod $area {
            pub mod v1 {
                tonic::include_proto!($package);
            }
        }
    };
}

area!(contact, "caruso.contact.v1");
area!(demo, "caruso.demo.v1");
area!(desk, "caruso.desk.v1");
area!(identity, "caruso.identity.v1");
area!(modeler, "caruso.modeler.v1");
area!(monitor, "caruso.monitor.v1");
area!(registry, "caruso.registry.v1");
area!(script, "caruso.script.v1");
area!(storage, "caruso.storage.v1");
area!(telephony, "caruso.telephony.v1");
area!(wrapper, "caruso.wrapper.v1");

/// The encoded `FileDescriptorSet` of every proto file.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));

/// What an interface is made of, as this build has it.
#[derive(Clone, Copy, Debug)]
pub struct Contract {
    /// Package and service.
    pub interface: &'static str,
    /// Names the contract by what stands in it.
    pub digest: &'static str,
    /// An encoded `FileDescriptorSet` with what the interface reaches.
    pub descriptor_set: &'static [u8],
}

/// The contract of every interface, sorted by interface.
pub const CONTRACTS: &[Contract] = include!(concat!(env!("OUT_DIR"), "/contracts.rs"));

/// The contract of an interface; `None` for one that has no proto file.
pub fn contract(interface: &str) -> Option<&'static Contract> {
    let at = CONTRACTS.binary_search_by(|contract| contract.interface.cmp(interface));
    at.ok().map(|at| &CONTRACTS[at])
}

/// The path of every rpc, as it stands in a request: `/package.Service/Method`, sorted.
pub fn methods() -> Vec<String> {
    use prost::Message;
    let set = prost_types::FileDescriptorSet::decode(DESCRIPTORS)
        .expect("the build script wrote a descriptor set");
    let mut paths = Vec::new();
    for file in &set.file {
        for service in &file.service {
            for method in &service.method {
                paths.push(format!("/{}.{}/{}", file.package(), service.name(), method.name()));
            }
        }
    }
    paths.sort();
    paths
}
