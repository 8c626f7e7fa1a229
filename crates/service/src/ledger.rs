//! What the service asks of a ledger; a node answers in-process, or another service over HTTP.

use std::{fmt, future::Future, pin::Pin};

use yinxin_gm::Digest;
use yinxin_verdict::{Explain, Explanation, Lang};

/// A future that can move between threads: the trait stays usable as `dyn Ledger`.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, LedgerError>> + Send + 'a>>;

/// A ledger that can be written to and asked.
///
/// Callable from many tasks at once. Everything returned is DER as `record` and `receipt` define it, so that the caller
/// checks it instead of believing it.
pub trait Ledger: Send + Sync + 'static {
    /// Submits a signed record and waits for it: returns its receipt after a quorum committed it and this node's disk holds it.
    ///
    /// Sending the same bytes again is harmless and returns the first receipt.
    /// [`LedgerError::Pending`] means that it may still be committed: send the same bytes again.
    fn submit(&self, record: Vec<u8>) -> Answer<'_, Vec<u8>>;

    /// The receipt of the record with this id. With `log_size`, re-based on the log of that many records.
    fn receipt(&self, id: Digest, log_size: Option<u64>) -> Answer<'_, Vec<u8>>;

    /// Proof of what the state holds under this key, present or absent, at a recent header.
    fn status(&self, key: Vec<u8>) -> Answer<'_, Vec<u8>>;

    /// The newest committed header and its commit certificate.
    fn head(&self) -> Answer<'_, Head>;

    /// The records whose index key starts with `prefix` and is not below `from`, at most `limit`, in key order: (index key,
    /// value). An empty `from` begins at the first.
    fn query(
        &self,
        prefix: Vec<u8>,
        from: Vec<u8>,
        limit: usize,
    ) -> Answer<'_, Vec<(Vec<u8>, Vec<u8>)>>;

    /// The whole record with this id.
    fn record(&self, id: Digest) -> Answer<'_, Vec<u8>>;

    /// The ledger's genesis, as a verifier's trust folder holds it.
    fn genesis(&self) -> Answer<'_, Vec<u8>>;

    /// Every change of the validator set so far, as a verifier's trust folder holds it, oldest first.
    fn set_changes(&self) -> Answer<'_, Vec<Vec<u8>>>;

    /// The DER of the header of a height. It needs no certificate where the header behind it names it.
    fn header(&self, height: u64) -> Answer<'_, Vec<u8>> {
        let _ = height;
        Box::pin(async { Err(LedgerError::NotFound) })
    }

    /// What this node refused by the ledger's rules, from a number on or from the oldest that is kept, at most `limit`.
    /// [`LedgerError::NotFound`] where no journal of it is kept.
    fn refusals(&self, from: u64, limit: usize) -> Answer<'_, RefusalPage> {
        let _ = (from, limit);
        Box::pin(async { Err(LedgerError::NotFound) })
    }

    /// Metrics in Prometheus' text form.
    fn metrics(&self) -> String;
}

/// A page of a node's journal of refusals (`Refusal` of `yinxin_record`).
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "whoever answers must say all of it")]
pub struct RefusalPage {
    /// The journal's id.
    pub journal: Digest,
    /// How many refusals it had so far.
    pub count: u64,
    /// The chain after the last of them.
    pub head: Digest,
    /// The number of the oldest that is kept.
    pub oldest: u64,
    /// The chain before the first entry of the page.
    pub before: Digest,
    /// DER, by number.
    pub entries: Vec<Vec<u8>>,
}

/// The newest committed header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Its height.
    pub height: u64,
    /// Its DER.
    pub header: Vec<u8>,
    /// Its commit certificate's DER.
    pub certificate: Vec<u8>,
    /// How many other nodes this one is connected to.
    pub peers: usize,
}

/// Why a ledger did not answer as asked.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LedgerError {
    /// There is nothing under that name.
    NotFound,
    /// Taken in, not committed within the time waited; the same bytes may be sent again.
    Pending {
        /// How long was waited, seconds.
        waited_secs: u64,
    },
    /// The rules refuse the record.
    Refused {
        /// A stable code.
        code: String,
        /// What was expected and what came, in words.
        what: String,
    },
    /// The ledger cannot be reached or does not run.
    Unavailable {
        /// What failed.
        what: String,
    },
}

impl Explain for LedgerError {
    fn explain(&self, lang: Lang) -> Explanation {
        let (what, todo) = match self {
            Self::NotFound => (
                lang.pick("the ledger holds nothing under that name", "账本中没有该条目")
                    .to_owned(),
                lang.pick("check the identifier", "请核对标识"),
            ),
            Self::Pending { waited_secs } => (
                match lang {
                    Lang::En => format!("taken in, but not committed within {waited_secs} s"),
                    Lang::Zh => format!("已接收，但在 {waited_secs} 秒内尚未提交"),
                },
                lang.pick(
                    "send the same bytes again: they are never committed twice",
                    "请原样重发：同一记录不会重复入账",
                ),
            ),
            Self::Refused { code, what } => (
                match lang {
                    Lang::En => format!("the ledger refuses the record: {what} ({code})"),
                    Lang::Zh => format!("账本拒绝该记录：{what}（{code}）"),
                },
                "",
            ),
            Self::Unavailable { what } => (
                match lang {
                    Lang::En => format!("the ledger cannot be reached: {what}"),
                    Lang::Zh => format!("无法连接账本：{what}"),
                },
                lang.pick(
                    "check that the node runs and is connected (yinxin node status), then try again",
                    "请检查节点是否运行、是否已连接（yinxin node status），然后重试",
                ),
            ),
        };
        Explanation { what, todo: todo.to_owned() }
    }
}

impl fmt::Display for LedgerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.explain(Lang::En).what)
    }
}

impl std::error::Error for LedgerError {}
