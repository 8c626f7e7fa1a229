//! A view with the receipt of the record that it was taken.

use yinxin_gm::{Digest, sm3};
use yinxin_merkle::wire::{Reader, Wire, WireError, Writer};
use yinxin_receipt::{Receipt, Trust, check_receipt};
use yinxin_record::{Act, CreditAct, EventChain, Record, TakeView};
use yinxin_verdict::{Facts, Policy, UnixTime};

use super::{
    CreditView,
    wire::{VIEW_DOMAIN, read_view},
};
use crate::Error;

/// What a view with its receipt begins with.
pub const TAKEN_DOMAIN: &str = "yinxin/credit-view-taken/1";

/// A view as it is handed on: with the receipt of the record that it was taken, or – as gathered, before anyone took it – without.
///
/// The record names the digest of the view, so that its receipt cannot be in the view.
///
/// ```asn1
/// ViewPackage ::= CHOICE { gathered CreditView, taken TakenView }       -- the domain tells which
/// TakenView   ::= SEQUENCE { domain UTF8String ("yinxin/credit-view-taken/1"), view CreditView, taken Receipt }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "a format")]
pub struct ViewPackage {
    /// The view.
    pub view: CreditView,
    /// The receipt, with the record.
    pub taken: Option<Receipt>,
}

/// That a view was taken, as the ledger has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OnRecord {
    /// The record's id.
    pub record: Digest,
    /// Height of the header that its receipt rests on: the record's own block or a later one.
    pub height: u64,
    /// The time of that header.
    pub time: UnixTime,
}

impl CreditView {
    /// The act that says that the view was taken.
    ///
    /// # Errors
    /// If the state of the subject's chain cannot be read.
    pub fn taking(&self) -> Result<TakeView, Error> {
        let question = &self.question;
        let chain = self.chain.value.as_deref().map(EventChain::from_der).transpose()?;
        Ok(TakeView {
            subject: question.subject.clone(),
            reader: question.reader.clone(),
            purpose: question.purpose.clone(),
            ground: question.ground.clone(),
            classes: question.classes.clone(),
            as_of: question.as_of,
            seen: chain.unwrap_or_else(|| EventChain::start(&question.subject)),
            // The view holds proofs and salts that nobody can guess: its digest needs no salt of its own.
            answer: sm3::digest(&self.to_der()),
        })
    }
}

/// Checks that the ledger has the record that a view was taken: this view, by this reader, for this purpose, on this ground. `None`: the
/// package does not say.
///
/// # Errors
/// [`Error::Unproven`] if the receipt does not hold by this trust; [`Error::Mismatch`] if it is of another record.
pub fn check_taken(
    package: &ViewPackage,
    trust: &Trust,
    policy: &Policy,
    now: UnixTime,
    facts: &mut Facts,
) -> Result<Option<OnRecord>, Error> {
    let ViewPackage { view, taken: Some(receipt) } = package else { return Ok(None) };
    let what = || "the record that the view was taken".to_owned();
    let bytes = receipt.subject.record().ok_or_else(|| Error::Unproven { what: what() })?;
    let record = Record::from_der(bytes)?;
    must_be_of(view, &record.tbs.act)?;
    let chain_id = view.chain.header.chain_id;
    let anchored = check_receipt(receipt, trust, policy, now, "taken", facts);
    let anchored = anchored.filter(|anchored| anchored.holds && anchored.chain_id == chain_id);
    let anchored = anchored.ok_or_else(|| Error::Unproven { what: what() })?;
    let (height, time) = (anchored.height, anchored.time);
    Ok(Some(OnRecord { record: record.id(), height, time }))
}

/// Whether an act says that this view was taken; the first thing that it says otherwise.
fn must_be_of(view: &CreditView, act: &Act) -> Result<(), Error> {
    let differs = |what, expected: &str, found: &str| Error::Mismatch {
        what,
        expected: expected.to_owned(),
        found: found.to_owned(),
    };
    let Act::Credit(CreditAct::View(found)) = act else {
        return Err(differs("act of the receipt", "a view taken", "another act"));
    };
    let expected = view.taking()?;
    let words = |act: &TakeView| {
        let TakeView { subject, reader, purpose, ground, classes, as_of, seen, answer } = act;
        let classes: Vec<_> = classes.iter().map(ToString::to_string).collect();
        [
            ("subject of the record", subject.to_string()),
            ("reader of the record", reader.to_string()),
            ("purpose of the record", purpose.to_string()),
            ("ground of the record", ground.to_string()),
            ("classes of the record", classes.join(" ")),
            ("as of, by the record", as_of.to_string()),
            ("chain of the record", format!("{} records, head {}", seen.count, seen.head)),
            ("digest of the view, by the record", answer.to_string()),
        ]
    };
    let both = words(&expected).into_iter().zip(words(found));
    match both.into_iter().find(|(expected, found)| expected != found) {
        None => Ok(()),
        Some(((what, expected), (_, found))) => Err(differs(what, &expected, &found)),
    }
}

impl Wire for ViewPackage {
    const NAME: &'static str = "credit view";
    /// A view, a receipt, and the DER around them.
    const MAX_LEN: usize = CreditView::MAX_LEN + Receipt::MAX_LEN + 64;

    fn write(&self, out: &mut Writer) {
        let Some(taken) = &self.taken else { return self.view.write(out) };
        out.sequence(|out| {
            out.text(TAKEN_DOMAIN);
            self.view.write(out);
            taken.write(out);
        });
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, WireError> {
        input.sequence(Self::NAME, |input| match input.text("domain", 0, 32)? {
            VIEW_DOMAIN => Ok(Self { view: read_view(input)?, taken: None }),
            TAKEN_DOMAIN => {
                Ok(Self { view: CreditView::read(input)?, taken: Some(Receipt::read(input)?) })
            }
            _ => Err(WireError::Value("domain")),
        })
    }
}
