//! Where data come from and where they go: derivation, recognition, erasure.

use core::fmt;

use yinxin_gm::Digest;
use yinxin_merkle::wire::WireError;
use yinxin_verdict::UnixTime;

use super::parts::{FieldSet, MAX_DATA_LIST, Purpose, ResourceCode, digests, size};
use crate::{
    LicenceIdentifier, OrganisationCode,
    asn::{choice, numbered, sequence},
};

/// Something new is made from something known: a dataset, a licence, a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Derive {
    /// Digest of what is made: salted digest or root of a dataset, SM3(SignedValue.dat) of a licence or document. It has no
    /// sources on the ledger yet, and is nobody's source.
    pub target: Digest,
    /// How it is made.
    pub method: DeriveMethod,
    /// From what, 1 to 64, each once, in any order.
    pub sources: Vec<Source>,
    /// SM3 of the rule or program that made it.
    pub rule: Digest,
    /// For which purpose.
    pub purpose: Purpose,
    /// Whose data, if they are few: pseudonyms, rising, at most 64.
    pub subjects: Vec<Digest>,
}

sequence!(Derive { target, method, sources, rule, purpose, subjects }
check |d: &Derive| {
    size("sources", &d.sources, 1, MAX_DATA_LIST)?;
    digests("subjects", &d.subjects, 0)?;
    let mut names: Vec<String> = d.sources.iter().map(|s| s.node().to_string()).collect();
    names.sort();
    let twice = names.windows(2).any(|pair| pair[0] == pair[1]);
    if twice || d.sources.iter().any(|s| s.node() == Node::Content(d.target)) {
        return Err(WireError::Value("sources"));
    }
    Ok(())
});

/// How something is made from its sources.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeriveMethod {
    /// Taken from one source as it is.
    Extracted,
    /// Some fields are masked.
    Masked,
    /// Values are made coarser.
    Generalised,
    /// Tokens stand for values.
    Tokenised,
    /// Several sources are joined.
    Joined,
    /// Only sums or counts are left.
    Aggregated,
    /// Corrected: the target takes the source's place.
    Corrected,
    /// A licence was issued on the ground of the sources.
    Licence,
    /// A document was made on the ground of the sources.
    Document,
}

numbered!(DeriveMethod {
    1 => Extracted,
    2 => Masked,
    3 => Generalised,
    4 => Tokenised,
    5 => Joined,
    6 => Aggregated,
    7 => Corrected,
    8 => Licence,
    9 => Document,
});

impl DeriveMethod {
    /// A stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Extracted => "extracted",
            Self::Masked => "masked",
            Self::Generalised => "generalised",
            Self::Tokenised => "tokenised",
            Self::Joined => "joined",
            Self::Aggregated => "aggregated",
            Self::Corrected => "corrected",
            Self::Licence => "licence",
            Self::Document => "document",
        }
    }
}

/// What something is made from.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source {
    /// `[0]` A version of the own resource, or of one that the own department serves.
    Resource(ResourceVersion),
    /// `[1]` What was received under a grant.
    Grant(GrantedData),
    /// `[2]` A digest that the own department delivered or derived before.
    Own(Digest),
    /// `[3]` A licence.
    Licence(LicenceIdentifier),
    /// `[4]` A record by its receipt, on this ledger or another.
    Record(RecordReference),
    /// `[5]` An anchored document or dataset.
    Document(Digest),
}

choice!(Source {
    0 => Resource,
    1 => Grant,
    2 => Own,
    3 => Licence,
    4 => Record,
    5 => Document,
});

impl Source {
    /// Its place in the graph.
    #[must_use]
    pub fn node(&self) -> Node {
        match self {
            Self::Resource(version) => Node::Resource(version.clone()),
            Self::Grant(granted) => Node::Grant(granted.grant),
            Self::Own(digest) | Self::Document(digest) => Node::Content(*digest),
            Self::Licence(identifier) => Node::Licence(identifier.clone()),
            Self::Record(record) => Node::Record(record.clone()),
        }
    }
}

/// A version of a resource.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ResourceVersion {
    /// Which resource.
    pub resource: ResourceCode,
    /// Which version.
    pub version: u32,
}

sequence!(ResourceVersion { resource, version });

/// Data received under a grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrantedData {
    /// Id of the grant.
    pub grant: Digest,
    /// Which of its fields.
    pub fields: FieldSet,
    /// The delivered content, if it was delivered.
    pub content: Option<DeliveredContent>,
}

sequence!(GrantedData { grant, fields, content });

/// Delivered content, by who delivered it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveredContent {
    /// Who delivered it.
    pub server: OrganisationCode,
    /// Its digest, as the delivery names it.
    pub content: Digest,
}

sequence!(DeliveredContent { server, content });

/// A record, by where it stands. Its receipt proves it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RecordReference {
    /// The ledger.
    pub chain_id: Digest,
    /// The record's id.
    pub record: Digest,
}

sequence!(RecordReference { chain_id, record });

/// A node of the provenance graph.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Node {
    /// A digest: content, an envelope, a derived dataset, a document, a call.
    Content(Digest),
    /// A grant, and the request that it came of.
    Grant(Digest),
    /// A licence.
    Licence(LicenceIdentifier),
    /// A record, here or on another ledger.
    Record(RecordReference),
    /// A version of a resource.
    Resource(ResourceVersion),
}

impl Node {
    /// Reads what [`Display`](fmt::Display) writes; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (kind, rest) = text.split_once(':')?;
        let node = match kind {
            "d" => Self::Content(rest.parse().ok()?),
            "g" => Self::Grant(rest.parse().ok()?),
            "l" => Self::Licence(LicenceIdentifier::new(rest).ok()?),
            "r" => {
                let (resource, version) = rest.split_once('@')?;
                let resource = ResourceCode::new(resource).ok()?;
                Self::Resource(ResourceVersion { resource, version: version.parse().ok()? })
            }
            "x" => {
                let (chain_id, record) = rest.split_once(':')?;
                let (chain_id, record) = (chain_id.parse().ok()?, record.parse().ok()?);
                Self::Record(RecordReference { chain_id, record })
            }
            _ => return None,
        };
        // One node, one text: capitals in hexadecimal or zeros before a number would be a second one.
        (node.to_string() == text).then_some(node)
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Content(digest) => write!(f, "d:{digest}"),
            Self::Grant(id) => write!(f, "g:{id}"),
            Self::Licence(identifier) => write!(f, "l:{identifier}"),
            Self::Record(r) => write!(f, "x:{}:{}", r.chain_id, r.record),
            Self::Resource(r) => write!(f, "r:{}@{}", r.resource, r.version),
        }
    }
}

/// A department relies on another one's call instead of calling itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recognise {
    /// Id of the own grant: recognition is no way around one.
    pub grant: Digest,
    /// Where the other's call stands.
    pub of: CallReference,
    /// The call's line, as it stands in the window's log: its leaf hash.
    pub call: Digest,
    /// Which fields are relied on.
    pub fields: FieldSet,
    /// For which purpose.
    pub purpose: Purpose,
}

sequence!(Recognise { grant, of, call, fields, purpose });

/// Where another department's call stands.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CallReference {
    /// `[0]` In a window of this ledger.
    Window(WindowReference),
    /// `[1]` In a record of another ledger, which the recogniser has checked by its receipt.
    Foreign(RecordReference),
}

choice!(CallReference { 0 => Window, 1 => Foreign });

/// A window of access.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WindowReference {
    /// Id of the grant.
    pub grant: Digest,
    /// Which minute.
    pub minute: u64,
}

sequence!(WindowReference { grant, minute });

/// Content is erased where this organisation kept it. What the ledger says of it stays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Erase {
    /// Digest of the content, an envelope, or a target.
    pub digest: Digest,
    /// The grant under which it was received; `None` for what the own department made, delivered or anchored.
    pub grant: Option<Digest>,
    /// Why, by code.
    pub reason: u16,
    /// Salted digest of the minutes of its erasure.
    pub minutes: Option<Digest>,
}

sequence!(Erase { digest, grant, reason, minutes });

/// That an organisation erased content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErasureState {
    /// Why, by code.
    pub reason: u16,
    /// Id of the record.
    pub record: Digest,
    /// Its height.
    pub height: u64,
    /// Time of its block.
    pub since: UnixTime,
}

sequence!(ErasureState { reason, record, height, since });

/// Where a digest comes from, by what one organisation says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvenanceState {
    /// How it came onto the graph.
    pub origin: Origin,
    /// What it was made from; empty for a root.
    pub sources: Vec<Source>,
    /// Id of the record.
    pub record: Digest,
    /// Its height.
    pub height: u64,
}

sequence!(ProvenanceState { origin, sources, record, height });

/// How a digest came onto the graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Origin {
    /// It was named as a source without one of its own: its namer can no longer make it a target.
    Root,
    /// It was delivered.
    Delivered,
    /// It was derived.
    Derived,
}

numbered!(Origin { 1 => Root, 2 => Delivered, 3 => Derived });

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_has_one_text() {
        let digest = yinxin_gm::sm3::digest(b"a");
        let resource = ResourceCode::new("11430000006122244L.306001~1").unwrap();
        let licence = "1.2.156.3005.2.11100000000013338W011.11430000006122244L.2023.001.U";
        for node in [
            Node::Content(digest),
            Node::Grant(digest),
            Node::Licence(LicenceIdentifier::new(licence).unwrap()),
            Node::Record(RecordReference { chain_id: Digest::ZERO, record: digest }),
            Node::Resource(ResourceVersion { resource, version: 7 }),
        ] {
            assert_eq!(Node::parse(&node.to_string()), Some(node));
        }
        let upper = format!("d:{}", digest.to_string().to_uppercase());
        for wrong in
            ["", "d:", "q:1", "r:11430000006122244L.a@07", "r:11430000006122244L.a", &upper]
        {
            assert_eq!(Node::parse(wrong), None, "{wrong}");
        }
    }
}
