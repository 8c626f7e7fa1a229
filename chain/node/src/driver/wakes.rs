//! How often others can make this node begin a height that turns out empty. Pure: time comes as an argument.

use std::time::Duration;

use tokio::time::Instant;

/// Empty blocks at once on the word of others: a burst of records that another block took is no offence.
const BURST: u32 = 20;

/// After that, one in this time: what an honest node's records may wait when nobody else has heard of them.
const REFILL: Duration = Duration::from_millis(500);

/// A budget of empty blocks.
#[derive(Debug)]
pub(super) struct Wakes {
    left: u32,
    since: Instant,
    /// The height begun on the word of others.
    spent: Option<u64>,
}

impl Wakes {
    pub(super) const fn new(now: Instant) -> Self {
        Self { left: BURST, since: now, spent: None }
    }

    /// Whether the word of others is enough to begin a height.
    pub(super) fn allowed(&mut self, now: Instant) -> bool {
        while self.left < BURST && now.duration_since(self.since) >= REFILL {
            self.left += 1;
            self.since += REFILL;
        }
        if self.left == BURST {
            self.since = now;
        }
        self.left > 0
    }

    /// A height begins on the word of others.
    pub(super) fn begin(&mut self, height: u64) {
        if self.spent != Some(height) {
            self.spent = Some(height);
            self.left = self.left.saturating_sub(1);
        }
    }

    /// A height ended; one that brought records was worth beginning.
    pub(super) fn end(&mut self, height: u64, empty: bool) {
        if self.spent.take() == Some(height) && !empty {
            self.left = (self.left + 1).min(BURST);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One validator could make all nodes commit empty blocks as fast as they can.
    #[test]
    fn empty_blocks_on_the_word_of_others_are_rationed() {
        let start = Instant::now();
        let mut wakes = Wakes::new(start);
        let mut begun = 0;
        // A minute, a thousand times a second.
        for ms in 0..60_000_u64 {
            if wakes.allowed(start + Duration::from_millis(ms)) {
                begun += 1;
                wakes.begin(begun);
                wakes.end(begun, true);
            }
        }
        assert!((135..=140).contains(&begun), "{begun}: 20, and 2 a second");
    }

    #[test]
    fn blocks_with_records_cost_nothing() {
        let now = Instant::now();
        let mut wakes = Wakes::new(now);
        for height in 0..1000 {
            assert!(wakes.allowed(now));
            wakes.begin(height);
            wakes.begin(height);
            wakes.end(height, false);
        }
    }
}
