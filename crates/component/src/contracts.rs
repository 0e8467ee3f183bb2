//! Hands over contracts that the manager does not hold yet.

use std::collections::BTreeMap;

use caruso_api::registry::v1 as proto;
use proto::registry_client::RegistryClient;
use tonic::Status;

use crate::InterfaceChannel;

/// The digest of this build's contract of an interface; empty where it has none.
pub(crate) fn digest_of(interface: &str) -> String {
    caruso_api::contract(interface).map(|it| it.digest.to_owned()).unwrap_or_default()
}

/// The digests of those interfaces that have a contract.
pub(crate) fn digests_of<'a>(
    interfaces: impl IntoIterator<Item = &'a String>,
) -> BTreeMap<String, String> {
    let known = interfaces.into_iter().filter_map(|interface| caruso_api::contract(interface));
    known.map(|it| (it.interface.to_owned(), it.digest.to_owned())).collect()
}

/// Sends the contracts of these digests.
pub(crate) async fn put(
    client: &mut RegistryClient<InterfaceChannel>,
    digests: &[String],
) -> Result<(), Status> {
    let is_wanted =
        |contract: &&caruso_api::Contract| digests.iter().any(|digest| digest == contract.digest);
    for contract in caruso_api::CONTRACTS.iter().filter(is_wanted) {
        let request = proto::PutContractRequest {
            interface: contract.interface.to_owned(),
            descriptor_set: contract.descriptor_set.to_vec(),
        };
        client.put_contract(request).await?;
    }
    Ok(())
}
