use std::collections::BTreeMap;

use proptest::prelude::*;
use rust_decimal::Decimal;

use crate::tree::{Expression, Kind, Literal, Node, Operator};
use crate::{Budget, Missing, Schema, Type, Value, check, parse};

fn node(kind: Kind) -> Node {
    Node { at: 0..0, kind }
}

fn literal() -> impl Strategy<Value = Kind> {
    let value = prop_oneof![
        Just(Literal::Null),
        any::<bool>().prop_map(Literal::Bool),
        any::<i64>().prop_map(Literal::Int),
        (any::<i64>(), 0_u32..12).prop_map(|(m, s)| Literal::Decimal(Decimal::new(m, s))),
        any::<String>().prop_map(|text| Literal::Text(text.chars().take(8).collect())),
    ];
    value.prop_map(Kind::Literal)
}

fn operator() -> impl Strategy<Value = Operator> {
    use Operator::*;
    prop::sample::select(vec![
        Equal,
        NotEqual,
        Less,
        LessOrEqual,
        Greater,
        GreaterOrEqual,
        In,
        Add,
        Subtract,
        Multiply,
        Divide,
        Remainder,
    ])
}

fn name() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["a", "b_1", "_c", "size", "exists"]).prop_map(str::to_owned)
}

/// `and`/`or` of these parts, flat as the parser makes them.
fn chain(is_and: bool, parts: Vec<Node>) -> Kind {
    let flat = parts.into_iter().flat_map(|part| match part.kind {
        Kind::And(inner) if is_and => inner,
        Kind::Or(inner) if !is_and => inner,
        kind => vec![node(kind)],
    });
    let flat = flat.collect();
    if is_and { Kind::And(flat) } else { Kind::Or(flat) }
}

fn kind() -> impl Strategy<Value = Kind> {
    let leaf = prop_oneof![literal(), name().prop_map(Kind::Name)];
    leaf.prop_recursive(5, 40, 3, |inner| {
        let part = inner.prop_map(node);
        let boxed = part.clone().prop_map(Box::new);
        let parts = prop::collection::vec(part.clone(), 0..3);
        let two = prop::collection::vec(part.clone(), 2..4);
        prop_oneof![
            parts.clone().prop_map(Kind::List),
            (boxed.clone(), name()).prop_map(|(object, name)| Kind::Member(object, name)),
            boxed.clone().prop_map(Kind::Not),
            boxed.clone().prop_map(Kind::Negate),
            (any::<bool>(), two).prop_map(|(is_and, parts)| chain(is_and, parts)),
            (operator(), boxed.clone(), boxed.clone())
                .prop_map(|(operator, left, right)| Kind::Binary(operator, left, right)),
            [part.clone(), part.clone(), part].prop_map(|parts| Kind::Conditional(Box::new(parts))),
            (prop::option::of(boxed), name(), parts).prop_map(|(receiver, name, arguments)| {
                Kind::Call { receiver, name, name_at: 0..0, arguments }
            }),
        ]
    })
}

/// Calls compare with the place of their name; printing and parsing moves it.
fn without_places(mut node: Node) -> Node {
    fn strip(node: &mut Node) {
        match &mut node.kind {
            Kind::Literal(_) | Kind::Name(_) => {}
            Kind::List(parts) | Kind::And(parts) | Kind::Or(parts) => {
                parts.iter_mut().for_each(strip);
            }
            Kind::Member(part, _) | Kind::Not(part) | Kind::Negate(part) => strip(part),
            Kind::Binary(_, left, right) => [left, right].into_iter().for_each(|n| strip(n)),
            Kind::Conditional(parts) => parts.iter_mut().for_each(strip),
            Kind::Call { receiver, name_at, arguments, .. } => {
                *name_at = 0..0;
                receiver.iter_mut().for_each(|n| strip(n));
                arguments.iter_mut().for_each(strip);
            }
        }
    }
    strip(&mut node);
    node
}

/// Conditions over three numbers that may be missing, with their outcome computed naively.
#[derive(Debug, Clone)]
enum Condition {
    Compare(usize, &'static str, i64),
    Has(usize),
    IsNull(usize),
    In(usize, Vec<i64>),
    Not(Box<Condition>),
    And(Box<Condition>, Box<Condition>),
    Or(Box<Condition>, Box<Condition>),
    Choose(Box<[Condition; 3]>),
}

const NAMES: [&str; 3] = ["x", "y", "z"];

impl Condition {
    fn text(&self) -> String {
        match self {
            Self::Compare(name, operator, number) => {
                format!("{} {operator} {number}", NAMES[*name])
            }
            Self::Has(name) => format!("has({})", NAMES[*name]),
            Self::IsNull(name) => format!("{} == null", NAMES[*name]),
            Self::In(name, list) => format!("{} in {list:?}", NAMES[*name]),
            Self::Not(inner) => format!("not ({})", inner.text()),
            Self::And(left, right) => format!("({}) and ({})", left.text(), right.text()),
            Self::Or(left, right) => format!("({}) || ({})", left.text(), right.text()),
            Self::Choose(parts) => {
                let [condition, then, otherwise] = &**parts;
                format!("({}) ? {} : {}", condition.text(), then.text(), otherwise.text())
            }
        }
    }

    /// `missing` is what a comparison with a missing number gives.
    fn holds(&self, numbers: [Option<i64>; 3], missing: bool) -> bool {
        match self {
            Self::Compare(name, operator, number) => {
                numbers[*name].is_some_and(|found| match *operator {
                    "eq" => found == *number,
                    "!=" => found != *number,
                    "lt" => found < *number,
                    _ => found >= *number,
                })
            }
            Self::Has(name) => numbers[*name].is_some(),
            Self::IsNull(name) => numbers[*name].is_none(),
            Self::In(name, list) => numbers[*name].map_or(missing, |found| list.contains(&found)),
            Self::Not(inner) => !inner.holds(numbers, missing),
            Self::And(left, right) => left.holds(numbers, missing) && right.holds(numbers, missing),
            Self::Or(left, right) => left.holds(numbers, missing) || right.holds(numbers, missing),
            Self::Choose(parts) => {
                let [condition, then, otherwise] = &**parts;
                if condition.holds(numbers, missing) {
                    then.holds(numbers, missing)
                } else {
                    otherwise.holds(numbers, missing)
                }
            }
        }
    }
}

fn condition() -> impl Strategy<Value = Condition> {
    let operators = prop::sample::select(vec!["eq", "!=", "lt", ">="]);
    let leaf = prop_oneof![
        (0_usize..3, operators, -2_i64..3).prop_map(|(n, o, v)| Condition::Compare(n, o, v)),
        (0_usize..3).prop_map(Condition::Has),
        (0_usize..3).prop_map(Condition::IsNull),
        (0_usize..3, prop::collection::vec(-2_i64..3, 1..3))
            .prop_map(|(name, list)| Condition::In(name, list)),
        (0_usize..3, -2_i64..3).prop_map(|(name, number)| {
            let compare = Box::new(Condition::Compare(name, "lt", number));
            Condition::And(Box::new(Condition::Has(name)), compare)
        }),
        (0_usize..3, -2_i64..3).prop_map(|(name, number)| {
            let compare = Box::new(Condition::Compare(name, "!=", number));
            Condition::Or(Box::new(Condition::IsNull(name)), compare)
        }),
    ];
    leaf.prop_recursive(4, 24, 3, |inner| {
        let boxed = inner.clone().prop_map(Box::new);
        prop_oneof![
            boxed.clone().prop_map(Condition::Not),
            (boxed.clone(), boxed.clone()).prop_map(|(l, r)| Condition::And(l, r)),
            (boxed.clone(), boxed).prop_map(|(l, r)| Condition::Or(l, r)),
            [inner.clone(), inner.clone(), inner]
                .prop_map(|parts| Condition::Choose(Box::new(parts))),
        ]
    })
}

fn numbers() -> impl Strategy<Value = [Option<i64>; 3]> {
    let number = || prop::option::of(-2_i64..3);
    [number(), number(), number()]
}

struct Numbers(Missing);

impl Schema for Numbers {
    fn variable(&self, name: &str) -> Option<Type> {
        NAMES.contains(&name).then(|| Type::Int.optional())
    }
    fn member(&self, _: &str, _: &str) -> Option<Type> {
        None
    }
    fn variables(&self) -> Vec<String> {
        Vec::new()
    }
    fn members(&self, _: &str) -> Vec<String> {
        Vec::new()
    }
    fn missing(&self) -> Missing {
        self.0
    }
}

proptest! {
    #[test]
    fn a_printed_expression_parses_to_the_same_tree(kind in kind()) {
        let expression = Expression { root: node(kind) };
        let printed = expression.to_string();
        // generated trees may break a limit; what parses must be the same
        if let Ok(again) = parse(&printed) {
            prop_assert_eq!(&again.to_string(), &printed);
            prop_assert_eq!(without_places(again.root), expression.root);
        } else {
            let error = parse(&printed).expect_err("seen above");
            prop_assert_eq!(error.code, crate::codes::LIMIT, "{}", printed);
        }
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in "[a-c0-9 .,()\\[\\]<>=!&|?:'\"+*/%é-]{0,60}") {
        let _ = parse(&text);
    }

    #[test]
    fn conditions_have_the_outcome_of_the_naive_reading(
        condition in condition(),
        numbers in numbers(),
    ) {
        let expression = parse(&condition.text());
        let Ok(expression) = expression else { return Ok(()) };
        let checked = check(&expression, &Numbers(Missing::ComparesFalse), Some(&Type::Bool));
        let checked = checked.expect("generated conditions are sound");
        let values: BTreeMap<_, _> = NAMES
            .iter()
            .zip(numbers)
            .filter_map(|(name, number)| Some(((*name).to_owned(), Value::Int(number?))))
            .collect();
        let outcome = checked.evaluate(&values, Budget::default());
        prop_assert_eq!(outcome, Ok(Value::Bool(condition.holds(numbers, false))));
    }

    /// Where the strict checker is content, no missing value is ever compared: the outcome is
    /// the same whatever a comparison with a missing value would give.
    #[test]
    fn the_strict_checker_lets_no_missing_value_be_compared(
        condition in condition(),
        numbers in numbers(),
    ) {
        if let Ok(expression) = parse(&condition.text())
            && check(&expression, &Numbers(Missing::MustBeGuarded), Some(&Type::Bool)).is_ok()
        {
            prop_assert_eq!(condition.holds(numbers, false), condition.holds(numbers, true));
        }
    }

    #[test]
    fn decimal_arithmetic_is_exact_or_an_error(
        left in (any::<i64>(), 0_u32..10),
        right in (any::<i64>(), 0_u32..10),
    ) {
        let text = |(mantissa, scale): (i64, u32)| {
            let number = Decimal::new(mantissa, scale);
            if scale == 0 { format!("({number}.0)") } else { format!("({number})") }
        };
        let scaled = |(mantissa, scale): (i64, u32)| {
            i128::from(mantissa) * 10_i128.pow(10 - scale)
        };
        let sum = crate::tests::value(&format!("{} + {}", text(left), text(right)));
        let sum = match sum { Ok(Value::Decimal(sum)) => sum, other => panic!("{other:?}") };
        prop_assert_eq!(
            sum.mantissa() * 10_i128.pow(10 - sum.scale()),
            scaled(left) + scaled(right)
        );
        let product = crate::tests::value(&format!("{} * {}", text(left), text(right)));
        if let Ok(Value::Decimal(product)) = product {
            let exact = i128::from(left.0) * i128::from(right.0);
            let scale = left.1 + right.1;
            prop_assert_eq!(
                product.mantissa() * 10_i128.pow(scale.saturating_sub(product.scale())),
                exact * 10_i128.pow(product.scale().saturating_sub(scale))
            );
        }
    }
}
