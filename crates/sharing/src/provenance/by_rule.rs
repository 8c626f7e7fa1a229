//! Grants that the owner's rule gave: no record says so alone, two together do.

use std::collections::{BTreeMap, BTreeSet};

use yinxin_gm::Digest;
use yinxin_record::{Act, DataAct, Node, PublishResource, Record, ResourceCode};

use super::graph::{Edge, Found, Graph, Item, Relation, Title, request};
use super::story::Story;

/// Whether a request was granted by the rule of the publication, in the request's own block.
pub(super) fn gave(publication: &PublishResource, asking: &Found) -> bool {
    let requester = &asking.record.tbs.organisation;
    request(&asking.record).is_some_and(|asked| publication.gave(asked, requester, asking.time))
}

pub(super) fn publication(record: &Record) -> Option<&PublishResource> {
    match &record.tbs.act {
        Act::Data(DataAct::Publish(act)) => Some(act),
        _ => None,
    }
}

impl Graph {
    /// A grant that the rule of the published version gives was given by it. That no decision is among the records proves
    /// nothing: whoever hands them over may have left it out. Of a grant in use that neither gave, that is told.
    pub(super) fn given_by_rule(&mut self, stories: &[(Digest, &Found, Story)]) {
        let mut versions: BTreeMap<(&ResourceCode, u32), &PublishResource> = BTreeMap::new();
        for published in stories.iter().filter_map(|(_, found, _)| publication(&found.record)) {
            versions.entry((&published.resource, published.version)).or_insert(published);
        }
        let made: BTreeSet<&Item> = stories.iter().flat_map(|(_, _, s)| &s.generated).collect();
        let shown: BTreeSet<Digest> = self.activities.iter().map(|a| a.id).collect();
        let mut used: BTreeSet<Digest> = BTreeSet::new();
        for edge in self.edges.iter().filter(|e| e.relation == Relation::Used) {
            if let Item::Thing(Node::Grant(id)) = &edge.object {
                used.insert(*id);
            }
        }
        for (id, found, story) in stories.iter().filter(|(id, ..)| shown.contains(id)) {
            let Some(asked) = request(&found.record) else { continue };
            let published = versions.get(&(&asked.resource, asked.version));
            let grant = Item::grant(*id);
            if published.is_some_and(|published| gave(published, found)) {
                self.edges.extend(rule_edges(*id, story));
            } else if used.contains(id) && !made.contains(&grant) {
                let told = Title::Kind("grant, decision not shown", "授权（未见审批）");
                self.titles.insert(grant, told);
            }
        }
    }
}

fn rule_edges(id: Digest, story: &Story) -> impl Iterator<Item = Edge> {
    let edge = move |relation, object, how| Edge {
        record: id,
        relation,
        subject: Item::grant(id),
        object,
        how,
    };
    let resources = story.used.iter().cloned();
    let derived = resources.map(move |of| edge(Relation::WasDerivedFrom, of, "granted"));
    derived.chain([edge(Relation::WasGeneratedBy, Item::Activity(id), "rule")])
}
