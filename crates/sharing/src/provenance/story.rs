//! What one record says, act by act: the mapping to PROV of `specs/provenance.md`, 2.

use std::collections::BTreeMap;

use yinxin_gm::Digest;
use yinxin_record::{
    Act, CallReference, DataAct, Decision, Deliver, DenialReason, Derive, DeriveMethod,
    DocumentAct, LicenceAct, LicenceIdentifier, Node, PublishResource, Record, RequestData,
    ResourceVersion, Source, Volume,
};

use super::graph::{Item, Title};

/// One record's part of the graph.
#[derive(Clone, Debug, Default)]
pub(super) struct Story {
    pub(super) used: Vec<Item>,
    pub(super) generated: Vec<Item>,
    pub(super) invalidated: Vec<Item>,
    /// Made, made from, how.
    pub(super) derived: Vec<(Item, Item, &'static str)>,
    /// Keys of persons who decided.
    pub(super) persons: Vec<Digest>,
    pub(super) titles: Vec<(Item, Title)>,
    pub(super) note: Vec<Note>,
}

/// A part of what a record says besides its kind.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Note {
    /// The record's own words.
    Text(String),
    /// How much was served, delivered or counted.
    Amount(Volume),
    /// Calls were denied, and why.
    Denied(u64, Vec<DenialReason>),
    /// Refused, for a reason by the organisation's own code.
    Refused(u16),
    /// Ended, for a reason by the organisation's own code.
    Reason(u16),
    /// So many documents of a kind.
    Batch(u64, String),
}

impl Story {
    fn uses(mut self, items: impl IntoIterator<Item = Item>) -> Self {
        self.used.extend(items);
        self
    }

    fn makes(mut self, item: Item, en: &'static str, zh: &'static str) -> Self {
        self.titles.push((item.clone(), Title::Kind(en, zh)));
        self.generated.push(item);
        self
    }

    fn from(mut self, made: &Item, source: &Item, how: &'static str) -> Self {
        self.derived.push((made.clone(), source.clone(), how));
        self
    }

    fn ends(mut self, item: Item) -> Self {
        self.invalidated.push(item);
        self
    }

    fn note(mut self, note: Note) -> Self {
        self.note.push(note);
        self
    }

    fn words(self, text: impl Into<String>) -> Self {
        self.note(Note::Text(text.into()))
    }
}

/// What a record says. A decision speaks of a request by its id alone: what was asked stands in the request's own record.
pub(super) fn story(record: &Record, requests: &BTreeMap<Digest, &RequestData>) -> Story {
    match &record.tbs.act {
        Act::Data(act) => data(act, &record.id(), requests),
        Act::Document(DocumentAct::Anchor(anchor)) => {
            let digests = anchor.digests.iter().map(|d| Item::content(*d));
            let mut story = Story::default().uses(digests).words(anchor.kind.as_str());
            for item in story.used.clone() {
                story.titles.push((item, Title::Kind("document", "文件")));
            }
            story
        }
        Act::Document(DocumentAct::Batch(batch)) => {
            let note = Note::Batch(batch.count, batch.kind.to_string());
            Story::default().uses([Item::content(batch.root)]).note(note)
        }
        Act::Licence(act) => licence(act),
        _ => Story::default(),
    }
}

fn data(act: &DataAct, id: &Digest, requests: &BTreeMap<Digest, &RequestData>) -> Story {
    let story = Story::default();
    match act {
        DataAct::Publish(act) => publish(act),
        DataAct::PublishCalendar(act) => {
            story.makes(Item::content(act.digest), "calendar", "工作日历")
        }
        DataAct::Request(act) => story
            .uses([resource(act)])
            .makes(Item::Request(*id), "request", "共享申请")
            .words(act.purpose.as_str())
            .words(act.basis.as_str()),
        DataAct::Decide(act) => {
            let mut story = story.uses([Item::Request(act.request)]);
            story.persons.push(act.approval.approver);
            match &act.decision {
                Decision::Grant(_) => grants(story, &act.request, requests),
                Decision::Refuse(reason) => story.note(Note::Refused(*reason)),
                _ => story,
            }
        }
        DataAct::Confirm(act) => {
            let mut story = story.uses([Item::Request(act.request)]);
            story.persons.push(act.approval.approver);
            grants(story, &act.request, requests)
        }
        DataAct::Appeal(act) => story.uses([Item::Request(act.request)]),
        DataAct::Escalate(act) => story.uses([Item::Request(act.request)]),
        DataAct::WithdrawRequest(act) => story.ends(Item::Request(act.request)),
        DataAct::Deliver(act) => deliver(act),
        DataAct::Access(act) => story
            .uses([Item::grant(act.grant)])
            .words(act.purpose.as_str())
            .note(Note::Amount(act.served)),
        DataAct::Deny(act) => {
            let denied: u64 = act.denials.iter().map(|d| d.count).fold(0, u64::saturating_add);
            let reasons = act.denials.iter().map(|d| d.reason).collect();
            story.uses(act.grant.map(Item::grant)).note(Note::Denied(denied, reasons))
        }
        DataAct::Reconcile(act) => {
            story.uses([Item::grant(act.grant)]).note(Note::Amount(act.counted))
        }
        DataAct::Derive(act) => derive(act),
        DataAct::Recognise(act) => {
            let call = Item::content(act.call);
            let source = match &act.of {
                CallReference::Window(window) => Item::grant(window.grant),
                CallReference::Foreign(record) => Item::Thing(Node::Record(record.clone())),
                _ => return story.uses([Item::grant(act.grant)]),
            };
            let used = [Item::grant(act.grant), source.clone()];
            let story = story.uses(used).from(&call, &source, "recognised");
            story.makes(call, "recognised call", "互认的调用").words(act.purpose.as_str())
        }
        DataAct::Revoke(act) | DataAct::Close(act) => {
            story.ends(Item::grant(act.grant)).note(Note::Reason(act.reason))
        }
        DataAct::Erase(act) => {
            let (content, note) = (Item::content(act.digest), Note::Reason(act.reason));
            // Whoever received content erased its own copy of it; others have theirs.
            let story =
                if act.grant.is_some() { story.uses([content]) } else { story.ends(content) };
            story.note(note)
        }
        _ => story,
    }
}

fn resource(act: &RequestData) -> Item {
    version(&act.resource, act.version)
}

fn version(resource: &yinxin_record::ResourceCode, version: u32) -> Item {
    Item::Thing(Node::Resource(ResourceVersion { resource: resource.clone(), version }))
}

fn publish(act: &PublishResource) -> Story {
    let made = version(&act.resource, act.version);
    let mut story = Story::default();
    if act.version > 1 {
        let before = version(&act.resource, act.version - 1);
        story = story.from(&made, &before, "revision").uses([before]);
    }
    story.titles.push((made.clone(), Title::Name(act.name.to_string())));
    story.generated.push(made);
    story
}

fn grants(story: Story, id: &Digest, requests: &BTreeMap<Digest, &RequestData>) -> Story {
    let grant = Item::grant(*id);
    let story = match requests.get(id) {
        Some(asked) => {
            story.from(&grant, &resource(asked), "granted").words(asked.purpose.as_str())
        }
        None => story,
    };
    story.makes(grant, "grant", "授权")
}

fn deliver(act: &Deliver) -> Story {
    let (content, envelope) = (Item::content(act.content), Item::content(act.envelope));
    let mut story = Story::default().uses(act.recipients.iter().map(|r| Item::grant(r.grant)));
    for recipient in &act.recipients {
        story = story.from(&content, &Item::grant(recipient.grant), "delivered");
    }
    story = story.from(&envelope, &content, "wrapped");
    if let Some(old) = act.replaces.map(Item::content) {
        story = story.from(&envelope, &old, "rewrapped").uses([old]);
    }
    story
        .makes(content, "delivered content", "交付内容")
        .makes(envelope, "envelope", "密封信封")
        .words(act.purpose.as_str())
        .note(Note::Amount(act.volume))
}

fn derive(act: &Derive) -> Story {
    let target = Item::content(act.target);
    let how = act.method.name();
    let mut story = Story::default();
    for source in &act.sources {
        let item = Item::Thing(source.node());
        story = story.from(&target, &item, how).uses([item]);
        if let Source::Grant(granted) = source
            && let Some(delivered) = &granted.content
        {
            let content = Item::content(delivered.content);
            story = story.from(&target, &content, how).uses([content]);
        }
    }
    let (en, zh) = made(act.method);
    story.makes(target, en, zh).words(act.purpose.as_str())
}

/// What a derivation makes.
const fn made(method: DeriveMethod) -> (&'static str, &'static str) {
    match method {
        DeriveMethod::Extracted => ("extract", "摘录数据"),
        DeriveMethod::Masked => ("masked data", "脱敏数据"),
        DeriveMethod::Generalised => ("generalised data", "泛化数据"),
        DeriveMethod::Tokenised => ("tokenised data", "令牌化数据"),
        DeriveMethod::Joined => ("joined data", "关联数据"),
        DeriveMethod::Aggregated => ("statistics", "统计结果"),
        DeriveMethod::Corrected => ("corrected data", "更正数据"),
        DeriveMethod::Licence => ("licence document", "电子证照文件"),
        DeriveMethod::Document => ("document", "文件"),
        _ => ("data", "数据"),
    }
}

fn licence(act: &LicenceAct) -> Story {
    let story = Story::default();
    let item = |id: &LicenceIdentifier| Item::Thing(Node::Licence(id.clone()));
    match act {
        LicenceAct::Issue(issue) => {
            let (made, document) = (item(&issue.identifier), Item::content(issue.document));
            let story = story.from(&made, &document, "issued").uses([document]);
            story.makes(made, "licence", "电子证照")
        }
        LicenceAct::Change(change) => {
            let (made, old) = (item(&change.next.identifier), item(&change.previous));
            let document = Item::content(change.next.document);
            let story = story.from(&made, &old, "revision").from(&made, &document, "issued");
            story.uses([old, document]).makes(made, "licence", "电子证照")
        }
        LicenceAct::Suspend(act) | LicenceAct::Resume(act) | LicenceAct::Archive(act) => {
            story.uses([item(&act.identifier)])
        }
        LicenceAct::Cancel(act) | LicenceAct::Revoke(act) => {
            story.ends(item(&act.identifier)).note(Note::Reason(act.reason))
        }
        LicenceAct::Use(act) => {
            let (copy, of) = (Item::content(act.copy), item(&act.identifier));
            let story = story.from(&copy, &of, "copy").uses([of]);
            story.makes(copy, "copy for one use", "一次性副本").words(act.purpose.as_str())
        }
        _ => story,
    }
}
