//! CPU time of processes, from `/proc`.

use anyhow::Context as _;

/// Ticks of `/proc/PID/stat` in a second: USER_HZ, which is 100 on every Linux of ours.
const TICKS: f64 = 100.0;

/// A line of `/proc/PID/stat`, as far as it is needed; times in seconds.
struct Stat {
    parent: u32,
    own: f64,
    /// Of children that have ended.
    ended: f64,
}

fn stat(id: u32) -> anyhow::Result<Stat> {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat"))?;
    // the name, in parentheses, may hold spaces
    let (_, rest) = stat.rsplit_once(')').context("a name")?;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let number = |at: usize| -> anyhow::Result<u32> {
        Ok(fields.get(at).context("a field")?.parse::<u32>()?)
    };
    let seconds = |at: usize| Ok::<_, anyhow::Error>(f64::from(number(at)?) / TICKS);
    Ok(Stat {
        parent: number(1)?,
        own: seconds(11)? + seconds(12)?,
        ended: seconds(13)? + seconds(14)?,
    })
}

/// CPU seconds that a process has used, user and system.
pub(crate) fn of_process(id: u32) -> anyhow::Result<f64> {
    Ok(stat(id)?.own)
}

/// The same of a process and its children, those that have ended included.
pub(crate) fn of_family(id: u32) -> anyhow::Result<f64> {
    let first = stat(id)?;
    let mut seconds = first.own + first.ended;
    for entry in std::fs::read_dir("/proc")? {
        let name = entry?.file_name();
        let Some(other) = name.to_str().and_then(|name| name.parse().ok()) else { continue };
        // one that has just ended is counted with its parent's next time
        if let Ok(other) = stat(other)
            && other.parent == id
        {
            seconds += other.own;
        }
    }
    Ok(seconds)
}
