//! Which power each act needs, said a second time, and held against every act that a test commits.

use yinxin_ledger::{BlockContext, check};
use yinxin_record::{
    Act, AssetAct, CertificateAct, CreditAct, DataAct, LicenceAct, OrganisationState, Power,
    Powers, SealAct, Wire, state_key,
};

use super::{State, code};

/// Any one of these is enough; none is needed where there are none. What else an act asks of its sender – to be the owner, the
/// receiver, the recorder – is each rule's own.
fn enough(sender: &OrganisationState, act: &Act) -> &'static [Power] {
    use Power::{
        Anchor, Assets, Certificates, Credit, CreditAuthority, CreditCourt, CreditUse, Data,
        DataAuthority, DataUse, LicenceTypes, Licences, Seals,
    };
    match act {
        Act::Member(_) => &[],
        // A member says itself that its own certificate must not be trusted any more.
        Act::Certificate(CertificateAct::Revoke(act)) if act.digest == sender.certificate => &[],
        Act::Certificate(CertificateAct::Issue(_) | CertificateAct::Revoke(_)) => &[Certificates],
        Act::Seal(SealAct::Issue(_) | SealAct::Revoke(_)) => &[Seals],
        Act::Licence(LicenceAct::PublishType(_)) => &[LicenceTypes],
        Act::Licence(_) => &[Licences],
        Act::Document(_) => &[Anchor],
        Act::Data(act) => match act {
            DataAct::Publish(_) | DataAct::Withdraw(_) => &[Data],
            DataAct::Demand(_) => &[DataUse],
            DataAct::AnswerDemand(_) => &[Data, DataUse],
            DataAct::PublishCalendar(_) => &[DataAuthority, CreditAuthority],
            DataAct::SetApprovers(_) => &[Data, DataAuthority],
            DataAct::Request(_) | DataAct::Appeal(_) | DataAct::WithdrawRequest(_) => &[DataUse],
            DataAct::Decide(_) | DataAct::Confirm(_) => &[Data, DataAuthority],
            DataAct::Escalate(_) => &[DataUse, DataAuthority],
            DataAct::Deliver(_) | DataAct::OpenServing(_) => &[Data],
            // Judged by who served in that minute: what was served is told whatever its server may do today.
            DataAct::Access(_) | DataAct::Deny(_) => &[],
            DataAct::Reconcile(_) | DataAct::Derive(_) => &[Data, DataUse],
            DataAct::Recognise(_) => &[DataUse],
            DataAct::Revoke(_) => &[Data, DataAuthority],
            DataAct::Close(_) | DataAct::Erase(_) | DataAct::AnchorDenials(_) => &[],
            _ => unsaid(act),
        },
        Act::Credit(act) => match act {
            CreditAct::PublishClass(_)
            | CreditAct::PublishFormula(_)
            | CreditAct::SetSubjectKey(_)
            | CreditAct::TrustLedger(_) => &[CreditAuthority],
            CreditAct::Record(_)
            | CreditAct::Correct(_)
            | CreditAct::Fulfil(_)
            | CreditAct::Break(_)
            | CreditAct::ApplyMeasure(_)
            | CreditAct::TellMeasure(_)
            | CreditAct::LiftMeasure(_)
            | CreditAct::Batch(_)
            | CreditAct::KeepPseudonyms(_) => &[Credit],
            CreditAct::Delist(_)
            | CreditAct::Withdraw(_)
            | CreditAct::DecideRepair(_)
            | CreditAct::Reinstate(_)
            | CreditAct::EndRecognised(_) => &[Credit, CreditAuthority],
            // Who raised an objection may drop it.
            CreditAct::Object(_)
            | CreditAct::Resolve(_)
            | CreditAct::DecideCase(_)
            | CreditAct::CloseCase(_)
            | CreditAct::ApplyRepair(_)
            | CreditAct::RaiseCase(_)
            | CreditAct::Authorise(_)
            | CreditAct::RevokeAuthorisation(_)
            | CreditAct::View(_)
            | CreditAct::Score(_) => &[Credit, CreditAuthority, CreditCourt, CreditUse],
            _ => unsaid(act),
        },
        Act::Asset(act) => match act {
            AssetAct::AppointCustodian(_) => &[CreditAuthority],
            AssetAct::Release(_) => &[Assets, CreditAuthority],
            _ => &[Assets],
        },
        _ => unsaid(act),
    }
}

fn unsaid(act: &dyn std::fmt::Debug) -> ! {
    panic!("say here which power it needs: {act:?}")
}

/// The same record is refused once its sender has lost every power that is enough, and taken with these alone.
pub(super) fn must_need(state: &State, at: &BlockContext, n: u8, record: &[u8], act: &Act) {
    let key = state_key::organisation(&code(n));
    let sender = OrganisationState::from_der(&state.map[&key]).unwrap();
    let with = |keep: &dyn Fn(Power) -> bool| {
        let all = Power::ALL.iter().copied();
        let powers = Powers::from_iter(all.filter(|p| sender.powers.has(*p) && keep(*p)));
        let mut changed = state.clone();
        changed.map.insert(key.clone(), OrganisationState { powers, ..sender.clone() }.to_der());
        check(&changed, at, record).map(drop)
    };
    let enough = enough(&sender, act);
    let alone = with(&|power| enough.contains(&power));
    assert!(alone.is_ok(), "{enough:?} is not enough for {act:?}: {alone:?}");
    if !enough.is_empty() {
        let code = with(&|power| !enough.contains(&power)).err().map(|e| e.code());
        let refused = matches!(code, Some("POWER_MISSING" | "NOT_AUTHORITY"));
        assert!(refused, "without {enough:?}: {code:?} for {act:?}");
    }
}
