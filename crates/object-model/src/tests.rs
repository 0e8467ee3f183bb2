mod data;
mod numbers;
mod reading;
mod units;

use crate::Model;

/// The model of the example application.
fn utilities() -> Model {
    let files = [
        ("customers.xml", include_str!("../../../examples/utilities/objects/customers.xml")),
        ("network.xml", include_str!("../../../examples/utilities/objects/network.xml")),
        ("service.xml", include_str!("../../../examples/utilities/objects/service.xml")),
    ];
    let (model, findings) = Model::read(files.map(|(name, text)| (name, text.as_bytes())));
    assert_eq!(findings, [], "the example is sound");
    model
}
