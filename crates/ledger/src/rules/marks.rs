//! Index entries of one act, each prefix once, so that the graph can be walked from any end.

use std::collections::BTreeSet;

use yinxin_gm::Digest;
use yinxin_record::{
    AssetKey, ClassCode, GrantState, ItemState, Node, OrganisationCode, ResourceCode, Subject,
};

use crate::{
    block::{Block, Entry},
    index_key::{self, Relation},
};

#[derive(Default)]
pub(super) struct Marks {
    prefixes: BTreeSet<Vec<u8>>,
    edges: Vec<(Node, Relation, Node)>,
}

impl Marks {
    pub(super) fn new() -> Self {
        Self::default()
    }

    pub(super) fn resource(mut self, code: &ResourceCode) -> Self {
        self.prefixes.insert(index_key::resource(code));
        self
    }

    /// What changes the catalogue.
    pub(super) fn catalogue(mut self, code: &ResourceCode) -> Self {
        self.prefixes.insert(index_key::catalogue());
        self.resource(code)
    }

    pub(super) fn request(mut self, id: &Digest) -> Self {
        self.prefixes.insert(index_key::request(id));
        self
    }

    pub(super) fn access(mut self, grant: &Digest) -> Self {
        self.prefixes.insert(index_key::access(grant));
        self
    }

    /// Whose data they are, and who has them.
    pub(super) fn sides(self, code: &ResourceCode, receiver: &OrganisationCode) -> Self {
        self.provider(&code.owner()).consumer(receiver)
    }

    pub(super) fn provider(mut self, code: &OrganisationCode) -> Self {
        self.prefixes.insert(index_key::provider(code));
        self
    }

    pub(super) fn consumer(mut self, code: &OrganisationCode) -> Self {
        self.prefixes.insert(index_key::consumer(code));
        self
    }

    /// All that a record about one grant is found by.
    pub(super) fn grant(self, id: &Digest, state: &GrantState) -> Self {
        self.request(id).resource(&state.resource).sides(&state.resource, &state.receiver)
    }

    pub(super) fn subjects(mut self, pseudonyms: &[Digest]) -> Self {
        self.prefixes.extend(pseudonyms.iter().map(index_key::subject));
        self
    }

    /// All that a record about one item is found by.
    pub(super) fn item(mut self, id: &Digest, state: &ItemState) -> Self {
        self.prefixes.insert(index_key::credit_item(id));
        let marks = self.credit_authority(&state.authority).class(&state.class.code);
        marks.credit_of(&state.subject)
    }

    /// What is about an item, by its id alone.
    pub(super) fn credit_about(mut self, id: &Digest) -> Self {
        self.prefixes.insert(index_key::credit_item(id));
        self
    }

    pub(super) fn credit_authority(mut self, code: &OrganisationCode) -> Self {
        self.prefixes.insert(index_key::credit_authority(code));
        self
    }

    pub(super) fn class(mut self, code: &ClassCode) -> Self {
        self.prefixes.insert(index_key::credit_class(code));
        self
    }

    pub(super) fn list(mut self, code: &ClassCode) -> Self {
        self.prefixes.insert(index_key::credit_list(code));
        self
    }

    pub(super) fn credit_of(mut self, subject: &Subject) -> Self {
        self.prefixes.insert(index_key::credit_subject(subject));
        self
    }

    pub(super) fn uses_of(mut self, subject: &Subject) -> Self {
        self.prefixes.insert(index_key::credit_uses(subject));
        self
    }

    pub(super) fn measures_of(mut self, code: &OrganisationCode) -> Self {
        self.prefixes.insert(index_key::credit_measures(code));
        self
    }

    pub(super) fn reader(mut self, code: &OrganisationCode) -> Self {
        self.prefixes.insert(index_key::credit_reader(code));
        self
    }

    pub(super) fn asset(mut self, key: &AssetKey) -> Self {
        self.prefixes.insert(index_key::asset(key));
        self
    }

    pub(super) fn pledgee(mut self, code: &OrganisationCode) -> Self {
        self.prefixes.insert(index_key::pledgee(code));
        self
    }

    pub(super) fn digest(mut self, digest: &Digest) -> Self {
        self.prefixes.insert(index_key::digest(digest));
        self
    }

    pub(super) fn edge(mut self, from: Node, relation: Relation, to: Node) -> Self {
        self.edges.push((from, relation, to));
        self
    }

    pub(super) fn write(self, block: &mut Block<'_>, entry: &Entry<'_>) {
        for prefix in self.prefixes {
            entry.index(block, prefix);
        }
        for (ordinal, (from, relation, to)) in (0..).zip(&self.edges) {
            entry.index_edge(block, ordinal, from, *relation, to);
        }
    }
}
