//! Prefixes of the index entries that a block returns: for queries, outside of every tree.
//!
//! An entry's key is a prefix ‖ height (8 bytes) ‖ position in the block (4 bytes), big-endian; its value is the record's id.

use yinxin_gm::Digest;
use yinxin_record::{
    AssetKey, ClassCode, DeriveMethod, LicenceIdentifier, Node, OrganisationCode, ResourceCode,
    Subject,
};

/// Records of an organisation.
#[must_use]
pub fn organisation(code: &OrganisationCode) -> Vec<u8> {
    format!("o/{code}/").into_bytes()
}

/// Records about a licence.
#[must_use]
pub fn licence(identifier: &LicenceIdentifier) -> Vec<u8> {
    format!("l/{identifier}/").into_bytes()
}

/// Records that name a digest: of a document, a seal, a certificate, a licence's file or content.
#[must_use]
pub fn digest(digest: &Digest) -> Vec<u8> {
    format!("d/{digest}/").into_bytes()
}

/// Records about a resource: published, withdrawn, requested, granted, delivered, derived from, denied.
#[must_use]
pub fn resource(code: &ResourceCode) -> Vec<u8> {
    format!("r/{code}/").into_bytes()
}

/// Publications and withdrawals of all resources: whoever reads them in order has the catalogue.
#[must_use]
pub fn catalogue() -> Vec<u8> {
    b"k/".to_vec()
}

/// Records about a request, its grant, or a demand; all but windows and denials.
#[must_use]
pub fn request(id: &Digest) -> Vec<u8> {
    format!("q/{id}/").into_bytes()
}

/// Windows, denials and reconciliations of a grant.
#[must_use]
pub fn access(grant: &Digest) -> Vec<u8> {
    format!("a/{grant}/").into_bytes()
}

/// Records about an organisation's data, whoever sent them; all but windows.
#[must_use]
pub fn provider(code: &OrganisationCode) -> Vec<u8> {
    format!("p/{code}/").into_bytes()
}

/// Records about data that an organisation asks for or has, whoever sent them; all but windows.
#[must_use]
pub fn consumer(code: &OrganisationCode) -> Vec<u8> {
    format!("c/{code}/").into_bytes()
}

/// Records about a subject, by pseudonym.
#[must_use]
pub fn subject(pseudonym: &Digest) -> Vec<u8> {
    format!("s/{pseudonym}/").into_bytes()
}

/// Records that say something of a subject's credit: the subject's chain, in order.
#[must_use]
pub fn credit_subject(subject: &Subject) -> Vec<u8> {
    format!("cs/{subject}/").into_bytes()
}

/// Records of a subject's keys, authorisations, views and scores: its chain of uses, in order. They stand apart: whoever looks often
/// makes no other look longer.
#[must_use]
pub fn credit_uses(subject: &Subject) -> Vec<u8> {
    format!("cu/{subject}/").into_bytes()
}

/// Records about an item: its record, and all that became of it.
#[must_use]
pub fn credit_item(id: &Digest) -> Vec<u8> {
    format!("ci/{id}/").into_bytes()
}

/// Records about items of a class, its versions, and batches that hold some.
#[must_use]
pub fn credit_class(code: &ClassCode) -> Vec<u8> {
    format!("cc/{code}/").into_bytes()
}

/// Records about a list: entries, exits and measures. What else becomes of an entry is found by its item.
#[must_use]
pub fn credit_list(code: &ClassCode) -> Vec<u8> {
    format!("cl/{code}/").into_bytes()
}

/// Records about items that an authority recorded, whoever sent them, and its batches.
#[must_use]
pub fn credit_authority(code: &OrganisationCode) -> Vec<u8> {
    format!("ca/{code}/").into_bytes()
}

/// Records about measures that a department applied.
#[must_use]
pub fn credit_measures(code: &OrganisationCode) -> Vec<u8> {
    format!("cm/{code}/").into_bytes()
}

/// Records about what a reader may see and saw.
#[must_use]
pub fn credit_reader(code: &OrganisationCode) -> Vec<u8> {
    format!("cr/{code}/").into_bytes()
}

/// Records about an asset.
#[must_use]
pub fn asset(key: &AssetKey) -> Vec<u8> {
    format!("t/{key}/").into_bytes()
}

/// Records about assets while they are pledged to an organisation, from the pledge to its end.
#[must_use]
pub fn pledgee(code: &OrganisationCode) -> Vec<u8> {
    format!("h/{code}/").into_bytes()
}

/// Edges from a node to what was made of it. Their keys end in an ordinal (2 bytes), their values are [`Edge`]s.
#[must_use]
pub fn forward(node: &Node) -> Vec<u8> {
    format!("f/{node}/").into_bytes()
}

/// Edges from a node to what it was made from. Their keys end in an ordinal (2 bytes), their values are [`Edge`]s.
#[must_use]
pub fn backward(node: &Node) -> Vec<u8> {
    format!("b/{node}/").into_bytes()
}

/// The first key under a prefix at a height or above: where a look from there on begins.
#[must_use]
pub fn from(prefix: &[u8], height: u64) -> Vec<u8> {
    [prefix, &height.to_be_bytes()].concat()
}

/// The first key under a prefix that is later than a height: where a look at the past ends.
#[must_use]
pub fn after(prefix: &[u8], height: u64) -> Vec<u8> {
    [prefix, &height.saturating_add(1).to_be_bytes()].concat()
}

/// Height and position that a key under a prefix names; `None` if it is none of that prefix.
#[must_use]
pub fn place(prefix: &[u8], key: &[u8]) -> Option<(u64, u32)> {
    let rest = key.strip_prefix(prefix)?;
    let (height, rest) = rest.split_first_chunk::<8>()?;
    let (position, rest) = rest.split_first_chunk::<4>()?;
    let whole = rest.is_empty() || rest.len() == 2;
    whole.then(|| (u64::from_be_bytes(*height), u32::from_be_bytes(*position)))
}

/// What an edge says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Relation {
    /// A grant was given of a resource's version.
    Granted,
    /// Content was delivered under a grant.
    Delivered,
    /// Content was wrapped into an envelope.
    Wrapped,
    /// An envelope replaced another.
    Rewrapped,
    /// A call under a grant was recognised.
    Recognised,
    /// Something was derived.
    Derived(DeriveMethod),
}

impl Relation {
    const fn number(self) -> u8 {
        match self {
            Self::Granted => 1,
            Self::Delivered => 2,
            Self::Wrapped => 3,
            Self::Rewrapped => 4,
            Self::Recognised => 5,
            // Methods are fewer than 128: their last byte is their number.
            Self::Derived(method) => 0x80 | method.number().to_be_bytes()[3],
        }
    }

    fn from_number(number: u8) -> Option<Self> {
        let plain =
            [Self::Granted, Self::Delivered, Self::Wrapped, Self::Rewrapped, Self::Recognised];
        let derived = DeriveMethod::ALL.iter().map(|method| Self::Derived(*method));
        plain.into_iter().chain(derived).find(|relation| relation.number() == number)
    }
}

/// An edge as it stands in the index: record id (32 bytes) ‖ relation (1) ‖ text of the node at the other end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge {
    /// Id of the record that says so.
    pub record: Digest,
    /// What it says.
    pub relation: Relation,
    /// The node at the other end.
    pub node: Node,
}

impl Edge {
    /// The index entry's value.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let Self { record, relation, node } = self;
        let mut bytes = record.as_bytes().to_vec();
        bytes.push(relation.number());
        bytes.extend(node.to_string().bytes());
        bytes
    }

    /// Reads an index entry's value; `None` for anything else.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (record, rest) = bytes.split_first_chunk::<32>()?;
        let (relation, node) = rest.split_first()?;
        Some(Self {
            record: Digest::from(*record),
            relation: Relation::from_number(*relation)?,
            node: Node::parse(core::str::from_utf8(node).ok()?)?,
        })
    }
}
