//! How members change themselves: rules 10 to 19.

#![allow(clippy::unwrap_used, reason = "a helper that fails has failed its test")]

#[path = "rig/world.rs"]
mod world;

use world::{World, anchor, code, key};
use yinxin_gm::{Digest, sm3};
use yinxin_ledger::{Error, Outcome};
use yinxin_record::{
    Act, Approve, CertificateAct, Change, EmergencySuspend, IssueCertificate, MemberAct,
    NewOrganisation, NewValidator, OrganisationState, Powers, PowersChange, ProposalState,
    ProposalStatus, RevocationReason, Revoke, RotateKey, Rules, Text, ValidatorPower, key_id,
    state_key,
};

fn approve(proposal: Digest) -> Act {
    Act::Member(MemberAct::Approve(Approve { proposal }))
}

fn emergency(n: u8) -> Act {
    Act::Member(MemberAct::Suspend(EmergencySuspend { organisation: code(n), reason: 1 }))
}

fn newcomer(n: u8) -> Change {
    Change::AddValidator(NewValidator {
        organisation: code(1),
        key: *key(100 + n).public_key(),
        power: 1,
        peer_id: Text::new(format!("peer{n}")).unwrap(),
        address: Text::new("/ip4/127.0.0.1/tcp/9").unwrap(),
    })
}

fn without(n: u8) -> Change {
    Change::RemoveValidator(*key(100 + n).public_key())
}

impl World {
    /// Organisations 1, 2 and 3 of four agree on a change that takes effect 5 heights later; the block after which it holds.
    fn agree(&mut self, change: Change) -> Result<Outcome, Error> {
        let id = self.propose(1, change, 5)?;
        self.act(2, approve(id))?;
        self.act(3, approve(id))?;
        assert_eq!(self.status(&id), ProposalStatus::Accepted);
        self.idle();
        let outcome = self.idle();
        assert_eq!(self.status(&id), ProposalStatus::Effective);
        Ok(outcome)
    }

    fn status(&self, id: &Digest) -> ProposalStatus {
        self.load::<ProposalState>(&state_key::proposal(id)).unwrap().status
    }
}

#[test]
fn a_validator_joins_at_its_height_and_not_before() {
    let mut world = World::new();
    let first = world.height;
    let id = world.propose(1, newcomer(5), 5).unwrap();
    world.act(2, approve(id)).unwrap();
    assert_eq!(world.status(&id), ProposalStatus::Open);
    let accepting = world.act(3, approve(id)).unwrap();
    assert_eq!(accepting.next_validators.len(), 4);
    assert_eq!(world.idle().next_validators.len(), 4);
    let last = world.idle();
    assert_eq!(world.height, first + 5, "the next block is the one it holds for");
    assert_eq!(last.next_validators.len(), 5);
    assert_eq!(last.peers.map(|p| p.len()), Some(5));
    let after = world.idle();
    assert_eq!((after.next_validators.len(), after.peers), (5, None));
}

#[test]
fn more_than_two_thirds_agree_each_once_in_time() {
    let mut world = World::new();
    let id = world.propose(1, newcomer(5), 5).unwrap();
    let again = world.act(1, approve(id)).unwrap_err();
    assert_eq!(again, Error::AlreadyApproved { organisation: code(1) });
    world.act(2, approve(id)).unwrap();
    world.act(3, approve(id)).unwrap();
    assert_eq!(world.act(4, approve(id)).unwrap_err().code(), "ILLEGAL_MOVE", "it is accepted");
    assert_eq!(world.act(4, approve(sm3::digest(b"?"))).unwrap_err().code(), "ILLEGAL_MOVE");
    for notice in [0, 1] {
        let refused = world.propose(1, newcomer(6), notice).unwrap_err();
        assert_eq!(refused.code(), "EFFECTIVE_HEIGHT", "{notice}");
    }
    let late = world.propose(1, newcomer(6), 3).unwrap();
    world.act(2, approve(late)).unwrap();
    assert_eq!(world.act(3, approve(late)).unwrap_err().code(), "EFFECTIVE_HEIGHT");
    (0..5).for_each(|_| drop(world.idle()));
    assert_eq!(world.status(&late), ProposalStatus::Open, "it lapsed without effect");
}

#[test]
fn those_who_validate_keep_a_quorum() {
    let mut world = World::new();
    assert!(world.agree(without(4)).is_ok(), "three of three stay");
    assert!(world.agree(without(3)).is_ok(), "two of two stay");
    let refused = world.agree(newcomer(5)).unwrap_err();
    assert_eq!(refused, Error::NoQuorumLeft { kept: 2, total: 3 });
    let key_1 = *key(101).public_key();
    assert!(world.agree(Change::ReweighValidator(ValidatorPower { key: key_1, power: 3 })).is_ok());
    assert!(world.agree(newcomer(5)).is_ok(), "four of five stay");
    assert!(world.agree(without(1)).is_ok());
    assert!(world.agree(without(2)).is_ok());
    let last = world.agree(without(5)).unwrap_err();
    assert_eq!(last, Error::NoQuorumLeft { kept: 0, total: 0 });
}

#[test]
fn changes_for_one_height_are_looked_at_together() {
    let mut world = World::new();
    let ids: Vec<_> = [5, 6]
        .into_iter()
        .map(|n| {
            let notice = 20 - world.height;
            world.propose(1, newcomer(n), notice).unwrap()
        })
        .collect();
    world.act(2, approve(ids[0])).unwrap();
    world.act(3, approve(ids[0])).unwrap();
    world.act(2, approve(ids[1])).unwrap();
    // Either alone leaves four of five; both leave four of six.
    let refused = world.act(3, approve(ids[1])).unwrap_err();
    assert_eq!(refused, Error::NoQuorumLeft { kept: 4, total: 6 });
}

#[test]
fn impossible_changes_are_not_even_proposed() {
    let mut world = World::new();
    let stranger = *key(77).public_key();
    let rotate = RotateKey { code: code(2), certificate: vec![9], key: *key(3).public_key() };
    let twin = NewValidator {
        organisation: code(1),
        key: *key(101).public_key(),
        power: 1,
        peer_id: Text::new("new").unwrap(),
        address: Text::new("/ip4/127.0.0.1/tcp/9").unwrap(),
    };
    let homeless = NewValidator { organisation: code(9), key: stranger, ..twin.clone() };
    let weightless = ValidatorPower { key: *key(101).public_key(), power: 0 };
    let powers = Powers::default();
    for (change, reason) in [
        (Change::ResumeOrganisation(code(2)), "ILLEGAL_MOVE"),
        (Change::SuspendOrganisation(code(9)), "ORGANISATION_UNKNOWN"),
        (Change::SetPowers(PowersChange { code: code(9), powers }), "ORGANISATION_UNKNOWN"),
        (Change::RotateKey(rotate), "KEY_TAKEN"),
        (Change::AddValidator(twin), "VALIDATOR_TWICE"),
        (Change::AddValidator(homeless), "ORGANISATION_UNKNOWN"),
        (Change::RemoveValidator(stranger), "VALIDATOR_UNKNOWN"),
        (Change::ReweighValidator(weightless), "POWER_RANGE"),
        (Change::SetRules(Rules { max_block_bytes: 1, ..Rules::default() }), "RULES_UNWORKABLE"),
    ] {
        assert_eq!(world.propose(1, change.clone(), 5).unwrap_err().code(), reason, "{change:?}");
    }
}

#[test]
fn an_organisation_joins_rotates_its_key_and_is_suspended() {
    let mut world = World::new();
    let new = NewOrganisation {
        code: code(5),
        name: Text::new("department 5").unwrap(),
        certificate: vec![5],
        key: *key(5).public_key(),
        powers: Powers::from_bits(1).unwrap(),
    };
    assert_eq!(world.act(5, anchor("a")).unwrap_err().code(), "ORGANISATION_UNKNOWN");
    world.agree(Change::AddOrganisation(new.clone())).unwrap();
    world.act(5, anchor("a")).unwrap();
    assert_eq!(
        world.propose(1, Change::AddOrganisation(new), 5).unwrap_err().code(),
        "ILLEGAL_MOVE"
    );
    // Five members now: three are no longer more than two thirds.
    let rotated = RotateKey { code: code(5), certificate: vec![6], key: *key(6).public_key() };
    let id = world.propose(1, Change::RotateKey(rotated), 6).unwrap();
    world.act(2, approve(id)).unwrap();
    world.act(3, approve(id)).unwrap();
    assert_eq!(world.status(&id), ProposalStatus::Open);
    world.act(4, approve(id)).unwrap();
    assert_eq!(world.status(&id), ProposalStatus::Accepted);
    (0..2).for_each(|_| drop(world.idle()));
    assert_eq!(world.act(5, anchor("b")).unwrap_err().code(), "OTHER_KEY");
    let tbs = world.tbs(5, anchor("b"));
    let signer = key_id(key(6).public_key());
    let record = world::signed(yinxin_record::Tbs { signer, ..tbs }, 6);
    world.commit(&record).unwrap();
    let id = world.propose(1, Change::SuspendOrganisation(code(5)), 6).unwrap();
    (2..=4).for_each(|n| drop(world.act(n, approve(id)).unwrap()));
    (0..2).for_each(|_| drop(world.idle()));
    let tbs = world.tbs(5, anchor("c"));
    let record = world::signed(yinxin_record::Tbs { signer, ..tbs }, 6);
    assert_eq!(world.commit(&record).unwrap_err().code(), "ORGANISATION_SUSPENDED");
}

#[test]
fn powers_and_rules_change_by_agreement() {
    let mut world = World::new();
    world
        .agree(Change::SetPowers(PowersChange { code: code(2), powers: Powers::default() }))
        .unwrap();
    assert_eq!(world.act(2, anchor("a")).unwrap_err().code(), "POWER_MISSING");
    let rules = Rules { max_lifetime: 100, ..Rules::default() };
    world.agree(Change::SetRules(rules)).unwrap();
    assert_eq!(world.act(1, anchor("a")).unwrap_err().code(), "LIFETIME_TOO_LONG");
}

#[test]
fn an_emergency_suspension_takes_two_of_four_and_lasts_a_day() {
    let mut world = World::new();
    assert_eq!(world.act(1, emergency(1)).unwrap_err().code(), "OWN_SUSPENSION");
    assert_eq!(world.act(1, emergency(9)).unwrap_err().code(), "ORGANISATION_UNKNOWN");
    world.act(1, emergency(4)).unwrap();
    assert_eq!(world.act(1, emergency(4)).unwrap_err().code(), "ALREADY_APPROVED");
    world.act(4, anchor("still free")).unwrap();
    let validators = world.act(2, emergency(4)).unwrap().next_validators;
    assert_eq!(validators.len(), 4, "its validator goes on");
    let suspended = world.time;
    assert_eq!(world.act(4, anchor("a")).unwrap_err().code(), "ORGANISATION_SUSPENDED");
    assert_eq!(world.act(3, emergency(4)).unwrap_err().code(), "ORGANISATION_SUSPENDED");
    world.time = suspended.plus_millis(24 * 3_600_000 - 2000);
    assert_eq!(world.act(4, anchor("a")).unwrap_err().code(), "ORGANISATION_SUSPENDED");
    world.time = suspended.plus_millis(24 * 3_600_000);
    world.act(4, anchor("a")).unwrap();
}

#[test]
fn votes_for_a_suspension_are_forgotten_after_a_day() {
    let mut world = World::new();
    world.act(1, emergency(4)).unwrap();
    world.time = world.time.plus_millis(24 * 3_600_000);
    world.act(2, emergency(4)).unwrap();
    world.act(4, anchor("a")).unwrap();
    world.act(1, emergency(4)).unwrap();
    assert_eq!(world.act(4, anchor("b")).unwrap_err().code(), "ORGANISATION_SUSPENDED");
}

#[test]
fn a_few_suspended_in_an_emergency_do_not_make_the_others_the_many() {
    let mut world = World::new();
    for target in [3, 4] {
        world.act(1, emergency(target)).unwrap();
        world.act(2, emergency(target)).unwrap();
    }
    let id = world.propose(1, without(4), 5).unwrap();
    world.act(2, approve(id)).unwrap();
    assert_eq!(world.status(&id), ProposalStatus::Open, "two of four are not two thirds");
}

#[test]
fn a_revoked_certificate_stops_the_records_not_the_validator() {
    let mut world = World::new();
    let digest = sm3::digest(&[4]);
    let state: OrganisationState = world.load(&state_key::organisation(&code(4))).unwrap();
    assert_eq!(state.certificate, digest);
    let revoke = Revoke { digest, reason: RevocationReason::KeyCompromise, since: world.time };
    let outcome = world.act(4, Act::Certificate(CertificateAct::Revoke(revoke))).unwrap();
    assert_eq!(outcome.next_validators.len(), 4);
    assert_eq!(world.act(4, anchor("a")).unwrap_err().code(), "CERTIFICATE_REVOKED");
    let back = RotateKey { code: code(4), certificate: vec![4], key: *key(44).public_key() };
    let refused = world.propose(1, Change::RotateKey(back), 5).unwrap_err();
    assert_eq!(refused.code(), "CERTIFICATE_REVOKED_BEFORE");
}

/// One holder of the power `certificates` could once silence every other member.
#[test]
fn no_power_revokes_a_members_own_certificate() {
    let everything = 31;
    let mut world = World::with_powers(&[everything, everything, 0, 0]);
    let revoke = |n, since| {
        let digest = sm3::digest(&[n]);
        let reason = RevocationReason::KeyCompromise;
        Act::Certificate(CertificateAct::Revoke(Revoke { digest, reason, since }))
    };
    for n in [2, 3, 4] {
        let refused = world.act(1, revoke(n, world.time)).unwrap_err();
        assert_eq!(refused.code(), "ILLEGAL_MOVE", "{n}");
    }
    // Registered as its own issue and revoked: that is about a certificate of its own, not about the member.
    let issue = IssueCertificate { digest: sm3::digest(&[2]), not_after: world.time };
    world.act(1, Act::Certificate(CertificateAct::Issue(issue))).unwrap();
    world.act(1, revoke(2, world.time)).unwrap();
    world.act(2, anchor("a")).unwrap();
    // Whoever lost the key of its certificate needs nobody's leave.
    world.act(3, revoke(3, world.time)).unwrap();
    assert_eq!(world.act(3, emergency(4)).unwrap_err().code(), "CERTIFICATE_REVOKED");
}

#[test]
fn who_is_suspended_has_no_vote_in_an_emergency() {
    // Seven of which three are needed: 6 votes against 7 and is then suspended itself.
    let votes = |suspended: bool| {
        let mut world = World::with_powers(&[31; 7]);
        world.act(6, emergency(7)).unwrap();
        if suspended {
            [1, 2, 3].into_iter().for_each(|n| drop(world.act(n, emergency(6)).unwrap()));
        }
        world.act(4, emergency(7)).unwrap();
        world.act(5, emergency(7)).unwrap();
        world.act(7, anchor("a")).err().map(|e| e.code())
    };
    assert_eq!(votes(false), Some("ORGANISATION_SUSPENDED"));
    assert_eq!(votes(true), None, "two of those who may vote");
    // The same when the members suspended it.
    let mut world = World::with_powers(&[31; 7]);
    world.act(6, emergency(7)).unwrap();
    let id = world.propose(1, Change::SuspendOrganisation(code(6)), 6).unwrap();
    (2..=5).for_each(|n| drop(world.act(n, approve(id)).unwrap()));
    (0..2).for_each(|_| drop(world.idle()));
    assert_eq!(world.status(&id), ProposalStatus::Effective);
    world.act(4, emergency(7)).unwrap();
    world.act(7, anchor("a")).unwrap();
    // Of the six left, two are needed.
    world.act(5, emergency(7)).unwrap();
    assert_eq!(world.act(7, anchor("b")).unwrap_err().code(), "ORGANISATION_SUSPENDED");
}

#[test]
fn a_proposal_that_became_impossible_is_dropped() {
    let mut world = World::new();
    let until = 30;
    let (now, change) = (world.height, Change::SuspendOrganisation(code(4)));
    let first = world.propose(1, change.clone(), until - now).unwrap();
    let second = world.propose(1, change, until + 1 - world.height).unwrap();
    for id in [first, second] {
        world.act(2, approve(id)).unwrap();
        world.act(3, approve(id)).unwrap();
    }
    while world.height <= until {
        world.idle();
    }
    assert_eq!(world.status(&first), ProposalStatus::Effective);
    assert_eq!(world.status(&second), ProposalStatus::Dropped);
}

#[test]
fn exactly_two_thirds_are_not_enough() {
    let mut world = World::with_powers(&[31; 3]);
    let id = world.propose(1, Change::SetRules(Rules::default()), 5).unwrap();
    world.act(2, approve(id)).unwrap();
    assert_eq!(world.status(&id), ProposalStatus::Open, "two of three");
    world.act(3, approve(id)).unwrap();
    assert_eq!(world.status(&id), ProposalStatus::Accepted);
}

#[test]
fn an_emergency_suspension_takes_f_plus_one_and_never_one_alone() {
    for (organisations, needed) in [(2, 2), (3, 2), (4, 2), (6, 2), (7, 3)] {
        let mut world = World::with_powers(&vec![31; organisations]);
        let target = u8::try_from(organisations).unwrap();
        for voter in 1..=needed.min(target - 1) {
            world.act(target, anchor(&voter.to_string())).unwrap();
            world.act(voter, emergency(target)).unwrap();
        }
        let suspended = world.act(target, anchor("after")).is_err();
        assert_eq!(suspended, target > needed, "{organisations} organisations");
    }
}
