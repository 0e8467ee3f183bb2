//! What a bridged call and a music listener cost.
fn main() {}
