//! What can go wrong with a node, in words that say what to do.

use core::fmt;
use std::net::SocketAddr;

use yinxin_engine::{GuardError, HostError, Refusal};
use yinxin_store::StoreError;
use yinxin_verdict::{Explain, Explanation, Lang};

/// Why a node does not start, or stopped.
#[derive(Debug)]
#[non_exhaustive]
pub enum NodeError {
    /// The configuration makes no sense.
    Config(String),
    /// The consensus engine stopped, again and again.
    Engine(String),
    /// The genesis does not hold.
    Genesis(String),
    /// The signing guard says no for ever.
    Guard(GuardError),
    /// The rules of the chain were broken under us.
    Host(HostError),
    /// The ledger has our network key for another validator, or our validator key for another node.
    KeyMismatch {
        /// Our peer id.
        peer_id: String,
        /// What is wrong with it.
        why: String,
    },
    /// Somebody listens there already.
    PortInUse {
        /// Where.
        address: SocketAddr,
        /// The system's words.
        why: String,
    },
    /// The members took this node off the list.
    Removed {
        /// The block that did.
        height: u64,
    },
    /// The chain went on without us for too long.
    Stalled {
        /// Our height.
        height: u64,
        /// What peers say theirs is.
        peers: u64,
    },
    /// The store failed.
    Store(StoreError),
    /// The network swarm did not start.
    Swarm(String),
}

impl From<StoreError> for NodeError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<HostError> for NodeError {
    fn from(error: HostError) -> Self {
        Self::Host(error)
    }
}

impl Explain for NodeError {
    fn explain(&self, lang: Lang) -> Explanation {
        let say = |what: String, en: &'static str, zh: &'static str| Explanation {
            what,
            todo: lang.pick(en, zh).to_owned(),
        };
        match self {
            Self::Config(why) => say(
                format!(
                    "{} {why}",
                    lang.pick("the node's configuration is wrong:", "节点配置有误：")
                ),
                "correct the file",
                "请更正配置文件",
            ),
            Self::Engine(why) => say(
                format!("{} {why}", lang.pick("the consensus engine stopped:", "共识引擎已停止：")),
                "start the node again; if it repeats, send the log to support",
                "请重启节点；若反复出现，请提交日志",
            ),
            Self::Genesis(why) => say(
                format!("{} {why}", lang.pick("the genesis file does not hold:", "创世文件无效：")),
                "get the genesis file that all departments signed",
                "请取得各部门共同签署的创世文件",
            ),
            Self::Guard(error) => say(
                format!(
                    "{} {error}",
                    lang.pick("this validator cannot sign:", "本验证节点无法签名：")
                ),
                "check that this data directory belongs to this key and the disk is sound",
                "请核对数据目录与密钥是否匹配、磁盘是否完好",
            ),
            Self::Host(error) => say(
                format!("{} {error}", lang.pick("the node stopped itself:", "节点主动停止：")),
                "compare this node's state with the others' before starting it again",
                "重启前请与其他节点比对状态",
            ),
            Self::KeyMismatch { peer_id, why } => say(
                format!(
                    "{} {peer_id}: {why}",
                    lang.pick("the network key does not fit the ledger,", "网络密钥与账本不符，")
                ),
                "use the key files that `node init` made for this department",
                "请使用本部门 `node init` 生成的密钥文件",
            ),
            Self::PortInUse { address, why } => say(
                format!("{} {address}: {why}", lang.pick("cannot listen on", "无法监听")),
                "stop what uses the port, or give the node another one",
                "请停止占用该端口的程序，或为节点更换端口",
            ),
            Self::Removed { height } => say(
                match lang {
                    Lang::En => format!(
                        "the members took this node off the list with block {height}; it has followed until then and ends"
                    ),
                    Lang::Zh => {
                        format!("成员已在区块 {height} 将本节点移出名单；节点已同步至此并结束运行")
                    }
                },
                "keep the directory as an archive; to come back, have the members add it again",
                "请保留目录作为档案；如需恢复，请由成员重新将其加入",
            ),
            Self::Stalled { height, peers } => say(
                match lang {
                    Lang::En => format!("stuck at height {height} while others are at {peers}"),
                    Lang::Zh => format!("停在高度 {height}，其他节点已到 {peers}"),
                },
                "start the node again; it will catch up",
                "请重启节点，它会自动追上",
            ),
            Self::Store(error) => {
                let (en, zh) = store_advice(error);
                say(format!("{} {error}", lang.pick("the store:", "存储：")), en, zh)
            }
            Self::Swarm(why) => say(
                format!("{} {why}", lang.pick("the network did not start:", "网络未能启动：")),
                "check the listen addresses",
                "请检查监听地址",
            ),
        }
    }
}

const fn store_advice(error: &StoreError) -> (&'static str, &'static str) {
    match error {
        StoreError::Full(_) => {
            ("free disk space, then start the node again", "请释放磁盘空间后重启节点")
        }
        StoreError::Locked(_) => (
            "stop the other node, or give this one its own data directory",
            "请停止另一节点，或为本节点指定独立的数据目录",
        ),
        StoreError::Pruned { .. } => (
            "ask for a newer block, or ask a node with a longer tuning.state_window",
            "请查询较新的区块，或向 tuning.state_window 更长的节点查询",
        ),
        StoreError::WrongChain { .. } => ("check which genesis file was meant", "请核对创世文件"),
        _ => (
            "move the data directory away and let the node fetch the chain again, keeping its keys",
            "请移走数据目录，保留密钥，让节点重新同步",
        ),
    }
}

impl fmt::Display for NodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Explanation { what, todo } = self.explain(Lang::En);
        write!(f, "{what}; {todo}")
    }
}

impl std::error::Error for NodeError {}

/// Why a submitted record has no receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SubmitError {
    /// The node cannot take more now; nothing was taken in.
    Busy(String),
    /// Taken in, not committed in time. It still may be: send the same bytes again.
    Pending {
        /// How long was waited.
        waited_ms: u64,
    },
    /// The rules refuse it.
    Refused(Refusal),
    /// The node stops.
    Stopped,
    /// The store failed.
    Store(StoreError),
}

impl fmt::Display for SubmitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Busy(why) => write!(f, "the node takes no more records now ({why}); try again"),
            Self::Pending { waited_ms } => write!(
                f,
                "taken in, not committed within {waited_ms} ms; send the same bytes again, they are never committed twice"
            ),
            Self::Refused(refusal) => write!(f, "the ledger refuses the record: {refusal}"),
            Self::Stopped => f.write_str("the node is stopping"),
            Self::Store(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for SubmitError {}

impl From<StoreError> for SubmitError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}
