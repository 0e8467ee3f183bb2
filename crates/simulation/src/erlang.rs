//! Erlang's formulas: what comes of one queue with one kind of agents, exponential times and a
//! steady stream of calls. They stand beside a simulation, which knows skills, shifts and routing.
//!
//! Load *a* = calls a second × handle time; *n* agents. Sources: Erlang (1917); Palm's model with
//! patience as Garnett, Mandelbaum and Reiman (2002) compute it.

use std::time::Duration;

/// A steady queue.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Load {
    /// Calls in an hour.
    pub calls_per_hour: f64,
    /// Mean of talk and wrap-up.
    pub handle_time: Duration,
    /// How many agents.
    pub agents: u32,
}

/// What a formula says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Steady {
    /// Share of calls that wait at all.
    pub waiting: f64,
    /// Share of the offered that are answered within the threshold.
    pub service_level: f64,
    /// Mean wait of all calls, whatever comes of them.
    pub average_wait: Duration,
    /// Share of calls that hang up; 0 where nobody does.
    pub abandoned: f64,
    /// Share of the agents' time that is work.
    pub occupancy: f64,
}

/// Least probability of a state that counts.
const NEGLIGIBLE: f64 = 1e-14;
/// Most customers in the line that are looked at; a longer line is cut.
const LONGEST_LINE: usize = 100_000;

impl Load {
    /// The load in erlangs.
    pub fn erlangs(&self) -> f64 {
        self.calls_per_hour / 3600.0 * self.handle_time.as_secs_f64()
    }

    /// Erlang B by its stable recursion: share of calls that find all agents busy where nobody
    /// waits.
    fn blocked(&self) -> f64 {
        let load = self.erlangs();
        (1..=self.agents)
            .fold(1.0, |blocked, agents| load * blocked / (f64::from(agents) + load * blocked))
    }

    /// Erlang C: everybody waits until they are answered. Nothing where the load is as large as the
    /// number of agents or larger: the line would grow for ever.
    pub fn erlang_c(&self, threshold: Duration) -> Option<Steady> {
        let (load, agents) = (self.erlangs(), f64::from(self.agents));
        if load >= agents || load <= 0.0 {
            return None;
        }
        let blocked = self.blocked();
        let waiting = agents * blocked / (agents - load * (1.0 - blocked));
        let handle_time = self.handle_time.as_secs_f64();
        let late = (-(agents - load) * threshold.as_secs_f64() / handle_time).exp();
        Some(Steady {
            waiting,
            service_level: 1.0 - waiting * late,
            average_wait: Duration::from_secs_f64(waiting * handle_time / (agents - load)),
            abandoned: 0.0,
            occupancy: load / agents,
        })
    }

    /// Erlang A: customers hang up after an exponential patience of this mean. Nothing without
    /// agents, calls or patience.
    pub fn erlang_a(&self, patience: Duration, threshold: Duration) -> Option<Steady> {
        let (load, agents) = (self.erlangs(), f64::from(self.agents));
        let (service, leaving) =
            (1.0 / self.handle_time.as_secs_f64(), 1.0 / patience.as_secs_f64());
        let is_sound = load > 0.0 && agents > 0.0 && service.is_finite() && leaving.is_finite();
        if !is_sound {
            return None;
        }
        let line = self.line(service, leaving);
        let waiting: f64 = line.iter().sum();
        let length: f64 =
            line.iter().zip(0u32..).map(|(share, ahead)| share * f64::from(ahead)).sum();
        let calls = self.calls_per_hour / 3600.0;
        let average_wait = length / calls;
        let abandoned = leaving * average_wait;
        let late = answered_within(&line, agents * service, leaving, threshold.as_secs_f64());
        Some(Steady {
            waiting,
            service_level: 1.0 - waiting + late,
            average_wait: Duration::from_secs_f64(average_wait),
            abandoned,
            occupancy: load * (1.0 - abandoned) / agents,
        })
    }

    /// Probabilities that all agents are busy and so many wait, from none on. Relative to the
    /// state in which exactly all agents are busy, the others are products of ratios; below it
    /// they come of Erlang B.
    fn line(&self, service: f64, leaving: f64) -> Vec<f64> {
        let agents = f64::from(self.agents);
        let calls = self.calls_per_hour / 3600.0;
        let mut line = vec![1.0];
        let mut sum = 1.0;
        while let Some(last) = line.last()
            && line.len() < LONGEST_LINE
        {
            let next = last * calls / (agents * service + line.len() as f64 * leaving);
            if next < NEGLIGIBLE * sum {
                break;
            }
            sum += next;
            line.push(next);
        }
        // 1 / blocked is the sum of all states up to that with all agents busy
        let all = 1.0 / self.blocked() - 1.0 + sum;
        line.into_iter().map(|share| share / all).collect()
    }
}

/// Share of all calls that find all agents busy and are answered within the threshold. Whoever
/// comes when so many wait goes forward as those ahead are answered or leave, unless they leave
/// first: a Markov chain, whose state at the threshold comes of uniformization.
fn answered_within(line: &[f64], service: f64, leaving: f64, threshold: f64) -> f64 {
    let rate = service + line.len() as f64 * leaving;
    let mut places = line.to_vec();
    let mut answered = 0.0;
    let mut within = 0.0;
    // probability of so many jumps within the threshold, as logarithm: the first may be tiny
    let mut log_weight = -rate * threshold;
    let most = (rate * threshold + 12.0 * (rate * threshold).sqrt() + 60.0) as u32;
    for jumps in 1..=most {
        within += log_weight.exp() * answered;
        answered += places[0] * service / rate;
        for ahead in 0..places.len() {
            let forward = service + ahead as f64 * leaving;
            let stay = 1.0 - (forward + leaving) / rate;
            let behind = places.get(ahead + 1).copied().unwrap_or_default();
            let closer = (service + (ahead + 1) as f64 * leaving) / rate;
            places[ahead] = places[ahead] * stay + behind * closer;
        }
        log_weight += (rate * threshold / f64::from(jumps)).ln();
    }
    within
}

#[cfg(test)]
mod tests {
    use super::*;

    const T: Duration = Duration::from_secs(20);

    fn load(calls_per_hour: f64, handle_time: u64, agents: u32) -> Load {
        Load { calls_per_hour, handle_time: Duration::from_secs(handle_time), agents }
    }

    fn near(value: f64, expected: f64, digits: i32, what: &str) {
        let within = 0.51 * 10f64.powi(-digits);
        assert!((value - expected).abs() <= within, "{what}: {value} is not {expected}");
    }

    #[test]
    fn erlang_c_gives_what_tables_give() {
        for (given, waiting, level, wait, digits) in [
            (load(40.0, 180, 4), 0.1739, 0.8607, 15.65, 2),
            (load(40.0, 180, 3), 0.4444, 0.6023, 80.0, 1),
            (load(200.0, 180, 13), 0.2853, 0.7956, 17.12, 2),
            (load(200.0, 180, 14), 0.1741, 0.8884, 7.84, 2),
            (load(1500.0, 240, 108), 0.3283, 0.8314, 9.85, 2),
        ] {
            let steady = given.erlang_c(T).expect("it does not grow for ever");
            near(steady.waiting, waiting, 4, "waiting");
            near(steady.service_level, level, 4, "service level");
            near(steady.average_wait.as_secs_f64(), wait, digits, "wait");
        }
        let steady = load(40.0, 180, 4).erlang_c(T).expect("half busy");
        near(steady.occupancy, 0.5, 6, "occupancy");
        assert_eq!(load(200.0, 180, 10).erlang_c(T), None);
        assert_eq!(load(0.0, 180, 10).erlang_c(T), None);
    }

    #[test]
    fn erlang_a_gives_what_tables_give() {
        let patience = Duration::from_secs(120);
        for (given, waiting, abandoned, wait, level) in [
            (load(40.0, 180, 4), 0.1362, 0.0457, 5.48, 0.897),
            (load(40.0, 180, 3), 0.3046, 0.1258, 15.10, 0.749),
            (load(200.0, 180, 13), 0.1937, 0.0384, 4.61, 0.889),
            (load(200.0, 180, 10), 0.4969, 0.1375, 16.50, 0.640),
        ] {
            let steady = given.erlang_a(patience, T).expect("sound");
            near(steady.waiting, waiting, 4, "waiting");
            near(steady.abandoned, abandoned, 4, "abandoned");
            near(steady.average_wait.as_secs_f64(), wait, 2, "wait");
            near(steady.service_level, level, 3, "service level");
        }
        assert_eq!(load(40.0, 180, 4).erlang_a(Duration::ZERO, T), None);
        assert_eq!(load(40.0, 180, 0).erlang_a(patience, T), None);
    }

    #[test]
    fn endless_patience_is_erlang_c() {
        let given = load(200.0, 180, 13);
        let (a, c) = (given.erlang_a(Duration::from_secs(10_000_000), T), given.erlang_c(T));
        let (a, c) = (a.expect("sound"), c.expect("sound"));
        near(a.service_level, c.service_level, 3, "service level");
        near(a.waiting, c.waiting, 3, "waiting");
    }
}
