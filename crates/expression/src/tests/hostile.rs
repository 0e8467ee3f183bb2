//! The inputs that stopped other engines: each must end at once, with a clear error.

use super::value;
use crate::{Budget, Error, EvalError, parse};

fn code(source: &str) -> Result<(), &'static str> {
    parse(source).map(drop).map_err(|Error { code, .. }| code)
}

#[test]
fn long_chains_and_deep_nesting_are_refused_before_they_recurse() {
    let chain = |count: usize, part: &str| vec![part; count].join("+");
    assert_eq!(code(&chain(20_000, "1")), Err(crate::codes::LIMIT));
    assert_eq!(code(&chain(1_500, "1")), Err(crate::codes::LIMIT));
    assert_eq!(code(&format!("a{}", ".b".repeat(20_000))), Err(crate::codes::LIMIT));
    assert_eq!(code(&format!("a{}", ".b".repeat(1_500))), Err(crate::codes::LIMIT));
    for (open, close) in [("(", ")"), ("[", "]"), ("!", ""), ("-", ""), ("f(", ")"), ("a?b:", "")] {
        for count in [100, 600, 100_000] {
            let source = format!("{}a{}", open.repeat(count), close.repeat(count));
            assert_eq!(code(&source), Err(crate::codes::LIMIT), "{count} of {open}");
        }
    }
    assert_eq!(code(&"not ".repeat(900)), Err(crate::codes::LIMIT));
    assert_eq!(code(&"(".repeat(3_000)), Err(crate::codes::LIMIT));
}

#[test]
fn a_flat_chain_is_as_deep_as_its_parts() {
    let chain = vec!["count eq 1"; 200].join(" or ");
    assert_eq!(value(&chain), Ok(false.into()));
    assert_eq!(code(&vec!["a"; 1_000].join("||")), Err(crate::codes::LIMIT), "too many nodes");
}

#[test]
fn everything_that_parses_is_small_enough_for_a_small_stack() {
    let deep = format!("{}1{}", "(1+".repeat(23), ")".repeat(23));
    let run = move || value(&deep);
    let thread = std::thread::Builder::new().stack_size(512 * 1024).spawn(run);
    let result = thread.expect("a thread starts").join().expect("no stack overflow");
    assert_eq!(result, Ok(24.into()));
}

#[test]
fn nested_macros_end_with_their_budget() {
    let mut source = "true".to_owned();
    for name in ["a", "b", "c", "d", "e", "f"] {
        source = format!("[0,1,2,3,4,5,6,7,8,9].all({name}, {source})");
    }
    assert_eq!(value(&source), Err(EvalError::Steps));
}

#[test]
fn growing_text_ends_with_its_budget() {
    let mut source = "['aaaaaaaa']".to_owned();
    for name in ["a", "b", "c", "d", "e", "f", "g", "h"] {
        source = format!("{source}.map({name}, {name}+{name}+{name}+{name})");
    }
    assert_eq!(value(&source), Err(EvalError::Bytes));
}

#[test]
fn the_error_of_a_spent_budget_is_never_swallowed() {
    let checked = super::check("count == 1 or true", crate::Missing::MustBeGuarded, None);
    let checked = checked.expect("sound");
    let budget = Budget { steps: 3, bytes: 0 };
    assert_eq!(checked.evaluate(&super::values(), budget), Err(EvalError::Steps));
}
