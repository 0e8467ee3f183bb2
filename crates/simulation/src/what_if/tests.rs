use std::collections::BTreeMap;

use caruso_contact::{Channel, ContactId, EventId, QueueId, ScriptId};
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::day::{Day, ROUTING, agent, compiled, op};
use crate::random::Random;
use crate::recording::Recorded;
use crate::scenario::{Change, Customer, Move, Scenario, Stay};

const THRESHOLD: Duration = Duration::from_secs(20);

/// Nobody is turned away.
fn roomy() -> String {
    ROUTING.replace("maximum-length=\"3\"", "maximum-length=\"99\"")
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// A morning of a small centre: calls every half minute, three agents, some impatience.
fn morning(patience: Option<Duration>) -> Scenario {
    let mut random = Random::new(5, 0);
    let mut arrives = 60_000;
    let customers = (1..=240u128).map(|number| {
        arrives += random.exponential(seconds(30)).as_millis() as u64;
        let queue = ["calm", "urgent"][usize::from(random.uniform() < 0.5)];
        Customer {
            contact: ContactId(Uuid::from_u128(number)),
            arrives: Time::from_millis(arrives),
            channel: Channel::Voice,
            called: "100".to_owned(),
            script: ScriptId::new("script").expect("a name"),
            script_time: seconds(8),
            stays: vec![Stay {
                queue: QueueId::new(queue).expect("a name"),
                attributes: BTreeMap::new(),
                patience: patience.map(|mean| random.exponential(mean)),
                ring_time: seconds(4),
                talk_time: random.lognormal(seconds(70), 0.5),
                wrap_up_time: random.exponential(seconds(12)).min(seconds(25)),
            }],
        }
    });
    let customers = customers.collect();
    let begin = |name: &str| {
        let agent = agent(name);
        let changes = [Change::PhoneCame, Change::SignIn(vec!["all".to_owned()]), Change::Ready];
        changes.map(|change| Move { at: Time::from_millis(1_000), agent: agent.clone(), change })
    };
    let moves = ["anna", "bram", "cees"].into_iter().flat_map(begin).collect();
    Scenario { customers, moves, until: None }
}

/// The log of a scenario, as an export would have it.
fn recorded(scenario: &Scenario, routing: &str) -> Recording {
    let mut events = Vec::new();
    play(compiled(routing), scenario, &mut |at, event| {
        let position = events.len() as u64 + 1;
        let event = serde_json::from_value(event.stripped()).expect("it reads back");
        let (id, release) = (EventId(Uuid::from_u128(position.into())), String::new());
        events.push(Recorded { position, id, at, release, event });
    });
    Recording { state: Domain::default(), events }
}

#[test]
fn a_day_of_which_all_is_known_comes_out_as_it_was() {
    let log = recorded(&morning(None), &roomy());
    let told = what_if(compiled(&roomy()), &log, THRESHOLD, 1);
    assert_eq!(told.old, told.new);
    let log = recorded(&morning(None), ROUTING);
    let overflowed = what_if(compiled(ROUTING), &log, THRESHOLD, 1);
    assert_eq!(overflowed.old, overflowed.new);
    assert_eq!((told.old.all.offered, told.turned_away), (told.old.all.answered, 0));
    assert!(told.old.all.offered >= 240 && told.old.all.longest_wait > seconds(60));
}

#[test]
fn the_same_log_and_seed_give_the_same_and_the_patient_do_not_hang_up_sooner() {
    let log = recorded(&morning(Some(seconds(60))), &roomy());
    let told = what_if(compiled(&roomy()), &log, THRESHOLD, 1);
    assert_eq!(told, what_if(compiled(&roomy()), &log, THRESHOLD, 1));
    assert_eq!(told.assumed.patience_drawn + told.old.all.abandoned, 240);
    // the same configuration: who was answered is, who hung up does
    assert_eq!(told.old.all.abandoned, told.new.all.abandoned);
    assert_eq!(told.old.all.average_wait, told.new.all.average_wait);
}

#[test]
fn another_configuration_moves_the_figures_where_it_should() {
    let strict = roomy().replace(" age=\"10s\"", "");
    let log = recorded(&morning(Some(seconds(60))), &strict);
    let calm = QueueId::new("calm").expect("a name");
    let equal = strict.replace("priority=\"1\" ", "");
    let told = what_if(compiled(&equal), &log, THRESHOLD, 1);
    let gave_up = |tally: &Tally, queue: &QueueId| tally.queues[queue].abandoned;
    let urgent = QueueId::new("urgent").expect("a name");
    assert!(gave_up(&told.new, &calm) < gave_up(&told.old, &calm), "nobody goes before them");
    assert!(gave_up(&told.new, &urgent) > gave_up(&told.old, &urgent), "they go before nobody");
    let nobody = strict.replace("serves=\"urgent calm expert\"", "serves=\"urgent expert\"");
    let told = what_if(compiled(&nobody), &log, THRESHOLD, 1);
    assert_eq!(told.new.queues[&calm].answered, 0);
    assert!(told.old.queues[&calm].answered > 0 && told.assumed.without_team == 0);
}

#[test]
fn who_was_there_when_the_log_begins_is_there_again() {
    let scenario = morning(None);
    let whole = recorded(&scenario, &roomy());
    let cut = whole.events.len() / 2;
    let at = whole.events[cut].at;
    let begin = whole.events.iter().position(|it| it.at == at).expect("it is there");
    let mut state = Domain::default();
    whole.events[..begin].iter().for_each(|it| state.apply(it.at, &it.event));
    let log = Recording { state, events: whole.events[begin..].to_vec() };
    let told = what_if(compiled(&roomy()), &log, THRESHOLD, 1);
    let (old, new) = (told.old.all, told.new.all);
    assert_eq!(old.offered, new.offered);
    // whoever waited when the log begins is missing, and nobody else
    assert!(old.answered.abs_diff(new.answered) <= 3, "{old:?} {new:?}");
    assert!(new.average_wait <= old.average_wait && new.answered > 50);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..Default::default() })]

    #[test]
    fn any_day_under_any_of_these_configurations_loses_nobody(
        ops in prop::collection::vec(op(), 1..300),
        seed in any::<u64>(),
    ) {
        let mut day = Day::new(ROUTING);
        ops.iter().for_each(|op| day.run(op));
        let other = ROUTING.replace("<team id=\"all\"", "<team id=\"everybody\"");
        for routing in [ROUTING, &other] {
            let told = what_if(compiled(routing), &day.log, THRESHOLD, seed);
            for tally in [&told.old, &told.new] {
                let row = &tally.all;
                let parts = [row.answered, row.abandoned, row.flowed_out, row.still_waiting];
                prop_assert_eq!(row.offered, parts.into_iter().sum::<u32>());
            }
        }
    }
}
