//! The table: what each did, how many times faster ours is, and which targets hold.

use crate::{
    process::{Peer, Rates},
    rows::{Judged, ROWS, Rival, Row, THERE},
};

/// How many targets hold and how many do not, those apart that lie near the processor's limit.
#[derive(Default)]
pub(crate) struct Count {
    pub(crate) held: usize,
    pub(crate) missed: usize,
    pub(crate) near_limit: usize,
}

/// Prints both tables.
pub(crate) fn print(all: &[Peer], figures: &[Vec<Rates>]) -> Count {
    everyone(all, figures);
    println!();
    targets(all, figures)
}

fn everyone(all: &[Peer], figures: &[Vec<Rates>]) {
    let names: Vec<_> = all.iter().map(|peer| peer.name.as_str()).collect();
    println!(
        "One thread, its own CPU time, best of {} rounds; in brackets how many times as fast ours is; ± is the spread of the rounds, ours / the widest of the others.\n",
        crate::ROUNDS
    );
    println!("| | {} | ± |", names.join(" | "));
    println!("|---{}|---|", "|---:".repeat(names.len()));
    for (row, rates) in ROWS.iter().zip(figures) {
        let ours = rates[0].best();
        let cells = rates.iter().enumerate().map(|(i, rates)| match (rates.best(), ours) {
            (Some(rate), _) if i == 0 => shown(row, rate),
            (Some(rate), Some(ours)) => format!("{} ({:.1}×)", shown(row, rate), ours / rate),
            _ => "–".to_owned(),
        });
        let widest = rates[1..].iter().map(Rates::spread).fold(0.0, f64::max);
        println!(
            "| {} | {} | {:.0} / {widest:.0} % |",
            row.title,
            cells.collect::<Vec<_>>().join(" | "),
            rates[0].spread()
        );
    }
}

fn targets(all: &[Peer], figures: &[Vec<Rates>]) -> Count {
    println!(
        "A peer marked * is in no registry: its figure is that of another run, times what the median of the peers that both runs have did here and there.\n"
    );
    println!("| | ours | against | times | target | holds |\n|---|---:|---|---:|---:|---|");
    let mut count = Count::default();
    for (row, rates) in ROWS.iter().zip(figures) {
        for target in row.targets {
            let rivals = target.of.iter().filter_map(|rival| figure(rival, row, all, figures));
            let best = rivals.max_by(|(_, a), (_, b)| a.total_cmp(b));
            let Some(ours) = rates[0].best() else { continue };
            let holds = best.as_ref().is_some_and(|(_, rate)| ours >= target.times * rate);
            let verdict = count.judge(holds, target.judged);
            let (against, times) = match best {
                Some((name, rate)) => {
                    (format!("{name} {}", shown(row, rate)), format!("{:.2}×", ours / rate))
                }
                None => ("nobody here".to_owned(), String::new()),
            };
            println!(
                "| {} | {} | {against} | {times} | {:.2}× | {verdict} |",
                row.title,
                shown(row, ours),
                target.times
            );
        }
    }
    count
}

impl Count {
    /// What the table says of it.
    fn judge(&mut self, holds: bool, judged: Judged) -> String {
        match (judged, holds) {
            (Judged::InRow(title), _) => return format!("not counted: see “{title}”"),
            (_, true) => self.held += 1,
            (Judged::Here, false) => {
                self.missed += 1;
                return "**no**".to_owned();
            }
            (Judged::NearLimit(shown), false) => {
                self.near_limit += 1;
                return format!("**no**, near its limit: {shown}");
            }
        }
        "yes".to_owned()
    }
}

/// The rate of a rival, in calls per second.
fn figure(rival: &Rival, row: &Row, all: &[Peer], figures: &[Vec<Rates>]) -> Option<(String, f64)> {
    match rival {
        Rival::Here(name) => {
            let rate = here(name, row.operation, row.size, all, figures)?;
            Some(((*name).to_owned(), rate))
        }
        Rival::HereAs(name, operation, size) => {
            Some(((*name).to_owned(), here(name, operation, *size, all, figures)?))
        }
        Rival::There(name, rate, operation, size) => {
            let (_, _, peers) = THERE.iter().find(|(o, s, _)| o == operation && s == size)?;
            let mut factors: Vec<f64> = peers
                .iter()
                .filter_map(|(peer, there)| {
                    let here = here(peer, operation, *size, all, figures)?;
                    Some(here * unit(*size) / there)
                })
                .collect();
            factors.sort_by(f64::total_cmp);
            let middle = factors.len() / 2;
            let median = match factors.len() {
                0 => return None,
                n if n % 2 == 1 => factors[middle],
                _ => f64::midpoint(factors[middle - 1], factors[middle]),
            };
            let scale = if *rate < 1e6 { unit(row.size) } else { 1.0 };
            Some((format!("{name}*"), rate * median / scale))
        }
    }
}

fn here(
    name: &str,
    operation: &str,
    size: usize,
    all: &[Peer],
    figures: &[Vec<Rates>],
) -> Option<f64> {
    let peer = all.iter().position(|peer| peer.name == name)?;
    let row = ROWS.iter().position(|row| row.operation == operation && row.size == size)?;
    figures[row][peer].best()
}

/// Megabytes of a call, or 1 where calls count.
fn unit(size: usize) -> f64 {
    if size == 0 { 1.0 } else { size as f64 / 1e6 }
}

fn shown(row: &Row, rate: f64) -> String {
    match rate * unit(row.size) {
        value if row.size > 0 => format!("{value:.0} MB/s"),
        value if value >= 1e6 => format!("{:.1} M/s", value / 1e6),
        value if value >= 1e4 => format!("{:.1} k/s", value / 1e3),
        value => format!("{value:.0} /s"),
    }
}
