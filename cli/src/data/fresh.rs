//! What the ledger says now: by proofs as fresh as those that a server of data decides by, not by any that still verify.

use std::{cell::Cell, time::Instant};

use yinxin_record::Wire;
use yinxin_sharing::access::{Head, is_fresh};
use yinxin_verdict::UnixTime;

use crate::{
    fail::{Class, Classed, Done, Failure},
    send,
    submit::{AGAIN, BEHIND, Client},
    ui,
};

/// States of one question, each proven by a fresh head: a node that is cut off, or lies, does not know what was revoked since.
pub(super) struct Fresh<'a> {
    client: &'a Client,
    oldest: Cell<Option<Head>>,
}

impl<'a> Fresh<'a> {
    /// Nothing was asked yet.
    pub(super) const fn new(client: &'a Client) -> Self {
        Self { client, oldest: Cell::new(None) }
    }

    /// The state under a key.
    pub(super) fn state<T: Wire>(&self, key: &[u8]) -> Done<Option<T>> {
        let start = Instant::now();
        loop {
            let (proof, _) = self.client.status(key)?;
            let head = Head { height: proof.header.height, time: proof.header.time() };
            if is_fresh(&head, ui::now()) {
                let older = self.oldest.get().filter(|oldest| oldest.time <= head.time);
                self.oldest.set(Some(older.unwrap_or(head)));
                let value = proof.value.as_deref().map(T::from_der).transpose();
                return value.map_err(yinxin_record::Error::from).class(Class::Node);
            }
            // The next block may just be on its way.
            if start.elapsed() >= BEHIND {
                return Err(stale(&head, ui::now()));
            }
            std::thread::sleep(AGAIN);
        }
    }

    /// The state of something that must be there, with time for a node that is a few blocks behind.
    pub(super) fn known<T: Wire>(&self, key: &[u8]) -> Done<T> {
        let start = Instant::now();
        loop {
            if let Some(state) = self.state(key)? {
                return Ok(state);
            }
            if start.elapsed() >= BEHIND {
                return Err(send::unknown(&String::from_utf8_lossy(key)));
            }
            std::thread::sleep(AGAIN);
        }
    }

    /// The time to decide at, at which all that was found is still fresh.
    pub(super) fn now(&self) -> Done<UnixTime> {
        let now = ui::now();
        match self.oldest.get() {
            Some(head) if !is_fresh(&head, now) => Err(stale(&head, now)),
            _ => Ok(now),
        }
    }
}

fn stale(head: &Head, now: UnixTime) -> Failure {
    let (height, time) = (head.height, head.time);
    let seconds = (now.as_millis() - time.as_millis()) / 1000;
    let (en, zh) = if seconds >= 0 {
        (
            format!(
                "the node's newest block, {height}, is {seconds} s old ({time}): what was revoked since is not known"
            ),
            format!("节点最新区块 {height} 已有 {seconds} 秒（{time}），无从得知此后是否有撤销"),
        )
    } else {
        let ahead = -seconds;
        (
            format!(
                "the node's newest block, {height}, is of {time}, {ahead} s ahead of this machine's clock"
            ),
            format!("节点最新区块 {height} 的时间 {time} 比本机时钟快 {ahead} 秒"),
        )
    };
    Failure::new(Class::Node, en, zh)
        .todo("ask another node, and check this machine's clock", "请改用其他节点，并核对本机时钟")
}

#[cfg(test)]
mod tests {
    use yinxin_verdict::Lang;

    use super::*;

    #[test]
    fn a_stale_head_is_told_with_its_age_or_how_far_ahead_it_is() {
        let now = UnixTime::parse("2026-11-30T10:00:00+08:00").unwrap();
        for (ago, en, zh) in [(60, "60 s old", "60 秒"), (-50, "50 s ahead", "快 50 秒")] {
            let head = Head { height: 7, time: now.plus_millis(-1000 * ago) };
            assert!(!is_fresh(&head, now));
            let failure = stale(&head, now);
            assert_eq!(failure.class, Class::Node);
            for (lang, words) in [(Lang::En, en), (Lang::Zh, zh)] {
                let what = failure.explain(lang).what;
                assert!(what.contains(words) && what.contains('7'), "{what}");
            }
        }
    }
}
