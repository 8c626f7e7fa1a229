//! One value of each act and state of an asset.

#[allow(clippy::wildcard_imports, reason = "this file names nearly all of them")]
use yinxin_record::*;

use super::samples::*;

pub(crate) fn asset() -> AssetKey {
    AssetKey { kind: AssetKind::Invoice, value: digest("invoice") }
}

pub(crate) fn pledge_terms() -> PledgeTerms {
    PledgeTerms { asset: asset(), turn: 0, pledgee: bank(), contract: digest("contract") }
}

pub(crate) fn transfer_terms() -> TransferTerms {
    TransferTerms { asset: asset(), turn: 0, to: person(), contract: digest("contract") }
}

pub(crate) fn asset_acts() -> Vec<(&'static str, Act)> {
    let own = |act| Act::Asset(act);
    let register = RegisterAsset {
        asset: asset(),
        owner: company(),
        content: digest("content"),
        due: Some(date("2027-03-31")),
        confirmation: Some(digest("debtor")),
        invoices: vec![],
    };
    let receivable = RegisterAsset {
        asset: AssetKey { kind: AssetKind::Receivable, value: digest("receivable") },
        invoices: vec![asset()],
        ..register.clone()
    };
    let (kind, check) = (AssetKind::Invoice, digest("check"));
    let appoint = AppointCustodian { kind, custodian: authority(), check };
    let end = || EndAsset { asset: asset(), reason: 1, paper: digest("paper") };
    vec![
        ("appoint", own(AssetAct::AppointCustodian(appoint))),
        ("register", own(AssetAct::Register(register))),
        ("register-receivable", own(AssetAct::Register(receivable))),
        (
            "pledge",
            own(AssetAct::Pledge(PledgeAsset { terms: pledge_terms(), signature: [9; 64] })),
        ),
        ("release", own(AssetAct::Release(EndPledge { asset: asset(), reason: 1 }))),
        (
            "transfer",
            own(AssetAct::Transfer(TransferAsset { terms: transfer_terms(), signature: [9; 64] })),
        ),
        ("retire", own(AssetAct::Retire(end()))),
        ("impair", own(AssetAct::Impair(end()))),
    ]
}

pub(crate) fn asset_states() -> Vec<(&'static str, Vec<u8>)> {
    let (check, height) = (digest("check"), 5);
    let custodian =
        CustodianState { custodian: authority(), check, authority: authority(), height };
    let asset = AssetState {
        status: AssetStatus::Pledged,
        owner: company(),
        turn: 1,
        pledgee: Some(bank()),
        contract: Some(digest("contract")),
        content: digest("content"),
        due: Some(date("2027-03-31")),
        reason: 0,
        height: 5,
        since: time(),
    };
    vec![("state-custodian", custodian.to_der()), ("state-asset", asset.to_der())]
}
