//! Numbers for operators, in Prometheus' text form.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};

macro_rules! metrics {
    ($($field:ident $kind:literal $help:literal),* $(,)?) => {
        /// The node's numbers. Counters rise, gauges move.
        #[derive(Debug, Default)]
        pub(crate) struct Metrics {
            $(pub(crate) $field: Number,)*
        }

        impl Metrics {
            /// All numbers as text.
            pub(crate) fn text(&self) -> String {
                let mut out = String::new();
                $(line(&mut out, stringify!($field), $kind, $help, self.$field.value());)*
                out
            }
        }
    };
}

metrics! {
    height "gauge" "Height of the last committed block.",
    log_size "gauge" "Records in the log.",
    blocks_total "counter" "Blocks committed by this process.",
    records_total "counter" "Records committed by this process.",
    empty_blocks_total "counter" "Blocks without records committed by this process.",
    commit_micros_total "counter" "Microseconds spent committing blocks to disk.",
    rounds_total "counter" "Rounds begun.",
    invalid_blocks_total "counter" "Proposed blocks found invalid.",
    mempool_records "gauge" "Records waiting.",
    mempool_bytes "gauge" "Bytes waiting.",
    submitted_total "counter" "Records submitted to this node.",
    refused_total "counter" "Records refused.",
    gossiped_total "counter" "Records sent to other nodes, counted once for each.",
    peers "gauge" "Nodes connected to the mempool's network.",
    synced_blocks_total "counter" "Blocks taken from others while catching up.",
    signing "gauge" "1 if this node votes.",
    guard_refusals_total "counter" "Signatures withheld by the guard.",
    engine_starts_total "counter" "Times the consensus engine was started.",
    stalls_total "counter" "Times this node fell behind the others without a block for too long.",
    last_block_time_ms "gauge" "Time of the last block, milliseconds since 1970.",
}

/// One number.
#[derive(Debug, Default)]
pub(crate) struct Number(AtomicU64);

impl Number {
    pub(crate) fn set(&self, value: u64) {
        self.0.store(value, Ordering::Relaxed);
    }

    pub(crate) fn add(&self, value: u64) {
        self.0.fetch_add(value, Ordering::Relaxed);
    }

    pub(crate) fn value(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

fn line(out: &mut String, name: &str, kind: &str, help: &str, value: u64) {
    writeln!(
        out,
        "# HELP yinxin_{name} {help}\n# TYPE yinxin_{name} {kind}\nyinxin_{name} {value}"
    )
    .expect("strings take everything");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_appear_with_help_and_type() {
        let metrics = Metrics::default();
        metrics.height.set(7);
        metrics.records_total.add(2);
        metrics.records_total.add(3);
        let text = metrics.text();
        assert!(text.contains("# TYPE yinxin_height gauge\nyinxin_height 7\n"), "{text}");
        assert!(text.contains("yinxin_records_total 5\n"), "{text}");
    }
}
