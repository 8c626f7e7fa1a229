//! Views for people of what the ledger's state says of shared data.

use serde::Serialize;
use utoipa::ToSchema;
use yinxin_record::{
    AutomaticRule, FieldSet, GrantState, NegativeList, Otherwise, PublishResource, ResourceState,
    Volume,
};
use yinxin_verdict::UnixTime;

/// A resource as it stands.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ResourceView {
    /// `yinxin.resource/1`.
    schema: &'static str,
    code: String,
    name: String,
    owner: String,
    owner_name: String,
    /// `published` or `withdrawn`.
    status: &'static str,
    /// The version in force.
    version: u32,
    class: &'static str,
    level: &'static str,
    /// The level from which on two persons grant.
    dual_control: &'static str,
    cycle: &'static str,
    /// SM3 of the owner's whole catalogue entry.
    definition: String,
    fields: Vec<FieldView>,
    responsibilities: Vec<DutyView>,
    negative: NegativeView,
    automatic: Option<AutomaticView>,
    /// Newest first.
    versions: Vec<VersionView>,
    since: String,
    /// The height as of which the state is proven.
    pub(super) height: u64,
    /// Status proofs of state and version, DER, base64.
    pub(super) proofs: Vec<String>,
}

/// A field.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FieldView {
    name: String,
    kind: &'static str,
    level: &'static str,
    masking: &'static str,
}

/// Who must do what.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DutyView {
    duty: &'static str,
    organisation: String,
}

/// What is not shared of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NegativeView {
    fields: Vec<String>,
    purposes: Vec<String>,
    organisations: Vec<String>,
}

/// What is decided without a person.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AutomaticView {
    purposes: Vec<String>,
    /// Empty: everybody.
    organisations: Vec<String>,
    level: &'static str,
    limit: VolumeView,
    days: u16,
    /// Whether the rest is refused, and may be appealed; else a person decides.
    refuses_others: bool,
}

/// A published version.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VersionView {
    pub(super) version: u32,
    pub(super) record: String,
    pub(super) height: u64,
    pub(super) time: String,
}

/// How much.
#[derive(Clone, Copy, Debug, Default, Serialize, ToSchema)]
pub(crate) struct VolumeView {
    calls: u64,
    rows: u64,
    bytes: u64,
}

/// A grant as it stands.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GrantView {
    /// `live`, `revoked` or `closed`.
    status: &'static str,
    /// Whether it serves at the proof's time: neither ended, nor past its last instant, nor its resource withdrawn or barred.
    serves: bool,
    receiver: String,
    fields: Vec<String>,
    purpose: String,
    item: String,
    from: String,
    until: String,
    /// When it ends or ended, all things considered, and why.
    ends: String,
    ends_because: &'static str,
    limit: VolumeView,
    used: VolumeView,
    denied: u64,
    mismatches: u32,
    reason: u16,
}

impl ResourceView {
    pub(super) fn of(
        state: &ResourceState,
        published: &PublishResource,
        owner_name: String,
        versions: Vec<VersionView>,
    ) -> Self {
        let PublishResource { resource, fields, .. } = published;
        Self {
            schema: "yinxin.resource/1",
            code: resource.to_string(),
            name: published.name.to_string(),
            owner: resource.owner().to_string(),
            owner_name,
            status: state.status.name(),
            version: state.version,
            class: state.class.name(),
            level: state.level.name(),
            dual_control: state.dual_control.name(),
            cycle: published.cycle.name(),
            definition: published.definition.to_string(),
            fields: fields
                .iter()
                .map(|f| FieldView {
                    name: f.name.to_string(),
                    kind: f.kind.name(),
                    level: f.level.name(),
                    masking: f.masking.name(),
                })
                .collect(),
            responsibilities: published
                .responsibilities
                .iter()
                .map(|r| DutyView { duty: r.duty.name(), organisation: r.organisation.to_string() })
                .collect(),
            negative: NegativeView::of(&state.negative, published),
            automatic: state.automatic.as_ref().map(AutomaticView::of),
            versions,
            since: state.since.to_string(),
            height: 0,
            proofs: Vec::new(),
        }
    }
}

impl NegativeView {
    fn of(list: &NegativeList, published: &PublishResource) -> Self {
        Self {
            fields: names(published, &list.fields),
            purposes: list.purposes.iter().map(ToString::to_string).collect(),
            organisations: list.organisations.iter().map(ToString::to_string).collect(),
        }
    }
}

impl AutomaticView {
    fn of(rule: &AutomaticRule) -> Self {
        Self {
            purposes: rule.purposes.iter().map(ToString::to_string).collect(),
            organisations: rule.organisations.iter().map(ToString::to_string).collect(),
            level: rule.level.name(),
            limit: rule.limit.into(),
            days: rule.days,
            refuses_others: rule.otherwise == Otherwise::Refuse,
        }
    }
}

impl GrantView {
    pub(super) fn of(
        state: &GrantState,
        resource: &ResourceState,
        published: Option<&PublishResource>,
        now: UnixTime,
    ) -> Self {
        let (ends, because) = state.ends(resource);
        Self {
            status: state.status.name(),
            serves: now < ends && now >= state.from,
            receiver: state.receiver.to_string(),
            fields: published.map(|p| names(p, &state.fields)).unwrap_or_default(),
            purpose: state.purpose.to_string(),
            item: state.item.to_string(),
            from: state.from.to_string(),
            until: state.until.to_string(),
            ends: ends.to_string(),
            ends_because: because.name(),
            limit: state.limit.into(),
            used: state.used.into(),
            denied: state.denied,
            mismatches: state.mismatches,
            reason: state.reason,
        }
    }
}

impl From<Volume> for VolumeView {
    fn from(Volume { calls, rows, bytes }: Volume) -> Self {
        Self { calls, rows, bytes }
    }
}

/// The names of numbered fields.
pub(super) fn names(published: &PublishResource, fields: &FieldSet) -> Vec<String> {
    let name = |number: u8| published.fields.get(usize::from(number)).map(|f| f.name.to_string());
    fields.iter().filter_map(name).collect()
}
