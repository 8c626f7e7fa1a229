//! Windows that are told as one: what their sum is checked against.

use serde::Serialize;
use yinxin_gm::Digest;
use yinxin_receipt::StatusProof;
use yinxin_record::{AccessState, Act, DataAct, GrantState, Wire, state_key};
use yinxin_sharing::{
    provenance::{Folded, Run},
    reconcile::counted,
};
use yinxin_verdict::{Check, Policy, UnixTime};

use super::Walked;
use crate::{
    fail::{Class, Classed, Done, Failure},
    ui::{self, Ui},
};

/// The windows of a grant, as one.
#[derive(Clone, Serialize)]
pub(super) struct Sum {
    grant: String,
    windows: u64,
    calls: u64,
    rows: u64,
    bytes: u64,
    denied: u64,
    /// Time of the first block with one of them that is at hand, and of the last.
    first: String,
    last: String,
    /// The record of the last one, whose state has the sum.
    record: String,
    /// Of how many the receipt is at hand.
    receipts: usize,
    /// Rows that the grant has as used, by windows and deliveries; none where the ledger's state of it is not at hand.
    used_rows: Option<u64>,
}

/// What was checked of sums, for people.
pub(super) fn say(sums: &[Sum], ui: &Ui) {
    if sums.is_empty() {
        return;
    }
    let windows: u64 = sums.iter().map(|s| s.windows).sum();
    let receipts: usize = sums.iter().map(|s| s.receipts).sum();
    let against = sums.iter().filter(|s| s.used_rows.is_some()).count();
    let grants = sums.len();
    ui.say(
        format!("{windows} windows under {grants} grants are told as sums: each by the proven state of its last window, {against} held against what the grant has as used; {receipts} of the windows were checked by their receipts (all: --windows, data statistics)"),
        format!("{grants} 项授权下的 {windows} 个访问窗口合计列示：均以其最后一个窗口的状态证明核验，其中 {against} 项与授权已用量核对；逐一核验回执的窗口 {receipts} 个（全部核验：--windows 或 data statistics）"),
    );
}

impl Walked {
    /// The windows that are told as one.
    pub(super) fn sums(&self) -> Done<Vec<Sum>> {
        let folded = self.graph.activities.iter().filter_map(|a| Some((a, a.folded.as_ref()?)));
        let sum = |(activity, folded): (&yinxin_sharing::provenance::Activity, &Folded)| {
            let windows = folded.windows;
            Ok(Sum {
                grant: folded.grant.to_string(),
                windows: windows.count,
                calls: windows.served.calls,
                rows: windows.served.rows,
                bytes: windows.served.bytes,
                denied: windows.denied,
                first: folded.first.to_string(),
                last: activity.time.to_string(),
                record: activity.id.to_string(),
                receipts: folded.at_hand,
                used_rows: self.grant(&folded.grant)?.map(|grant| grant.used.rows),
            })
        };
        folded.map(sum).collect()
    }

    /// Why the sum of windows is not to be believed; `None` if the state of the last one is proven, says just this, and is within
    /// what the grant has as used.
    pub(super) fn doubt_sum(&self, last: &Digest, folded: &Folded) -> Done<Option<String>> {
        let doubt = |what: &str| Ok(Some(what.to_owned()));
        let key = state_key::access(&folded.grant, folded.minute);
        let Some(state) = self.proven::<AccessState>(&key)? else {
            return doubt("no proof of the sum of windows");
        };
        let mut run = Run { grant: folded.grant, last: (folded.minute, state), since: None };
        if let Some(minute) = folded.since {
            let key = state_key::access(&folded.grant, minute);
            let Some(first) = self.proven::<AccessState>(&key)? else {
                return doubt("no proof of the sum of windows before that time");
            };
            run.since = Some((minute, first));
        }
        if run.last.1.record != *last || run.windows() != Some(folded.windows) {
            return doubt("the ledger's state has another sum of windows");
        }
        // The windows at hand that it stands for: nobody else looks at their receipts.
        for found in self.found.iter().filter(|f| f.time >= folded.first) {
            let Act::Data(DataAct::Access(window)) = &found.record.tbs.act else { continue };
            let id = found.record.id();
            if window.grant == folded.grant
                && let Some(reasons) = self.doubt(&id)?
            {
                return doubt(&format!("the receipt of window {id}: {reasons}"));
            }
        }
        let Some(grant) = self.grant(&folded.grant)? else { return Ok(None) };
        let acts = self.found.iter().filter_map(|f| match &f.record.tbs.act {
            Act::Data(act @ DataAct::Deliver(_)) => Some((act, f.time)),
            _ => None,
        });
        let delivered = counted(&folded.grant, acts);
        let told = delivered.iter().fold(folded.windows.served, |sum, c| sum.plus(c.volume));
        let beyond = !told.is_within(grant.used) || folded.windows.count > grant.windows.count;
        Ok(beyond.then(|| "the grant has less as used than its windows and deliveries tell".into()))
    }

    fn grant(&self, id: &Digest) -> Done<Option<GrantState>> {
        self.proven(&state_key::grant(id))
    }

    /// The proof of a state, which holds: asked for anew of a node, of a package what it has.
    pub(crate) fn status(&self, key: &[u8]) -> Done<Option<Vec<u8>>> {
        if let Some(client) = self.source.client() {
            return Ok(Some(client.status(key)?.1));
        }
        let Some(der) = self.source.status(key) else { return Ok(None) };
        if self.holds(&der) {
            return Ok(Some(der));
        }
        let key = String::from_utf8_lossy(key);
        Err(Failure::new(
            Class::Invalid,
            format!("the package's proof of {key} does not hold by this trust folder"),
            format!("依据该信任文件夹，证据包中 {key} 的证明不成立"),
        ))
    }

    fn holds(&self, status: &[u8]) -> bool {
        let now: UnixTime = ui::now();
        // A package says how things stood when it was made, and is looked at years later: no age makes its proofs worse.
        let mut policy = Policy::default();
        policy.status_max_age_secs = u32::MAX;
        let report = yinxin_verify::verify(status, &self.trust, &policy, now);
        // What the proof says, a revocation say, is its content; only the proof itself must hold.
        report.holds(Check::StatusProof) && report.holds(Check::ReceiptCertificate)
    }

    /// A state that was walked over, if its proof holds.
    fn proven<T: Wire>(&self, key: &[u8]) -> Done<Option<T>> {
        let Some(der) = self.source.status(key) else { return Ok(None) };
        if !self.holds(&der) {
            return Ok(None);
        }
        let proof = StatusProof::from_der(&der).map_err(yinxin_receipt::Error::from);
        let value = proof.class(Class::Node)?.value;
        let read = value.as_deref().map(T::from_der).transpose();
        read.map_err(yinxin_record::Error::from).class(Class::Node)
    }
}
