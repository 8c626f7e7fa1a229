//! Views as DER.

use yinxin_merkle::wire::{Reader, Wire, WireError, Writer, rising};
use yinxin_receipt::{Receipt, StatusProof};
use yinxin_record::{ClassCode, OrganisationCode, Subject};

use super::{CreditView, ShownContent, SourcePart, ViewQuestion};
use crate::{form::Content, source::SourceProof};

/// What a view begins with.
pub const VIEW_DOMAIN: &str = "yinxin/credit-view/3";

/// Most records of a chain, or of a subject in a source.
const MAX_RECORDS: usize = 100_000;
/// Most sources: as many as organisations of a ledger.
const MAX_SOURCES: usize = 1024;
/// Most classes that items of one subject have.
const MAX_CLASSES: usize = 4096;

/// ```asn1
/// CreditView ::= SEQUENCE { domain UTF8String ("yinxin/credit-view/3"), question ViewQuestion,
///     reader StatusProof, chain StatusProof, ids OCTET STRING, states SEQUENCE OF StatusProof, receipts SEQUENCE OF Receipt,
///     events SEQUENCE OF StatusProof, sources StatusProof, parts SEQUENCE OF SourcePart, marks StatusProof, marked SEQUENCE OF StatusProof, classes SEQUENCE OF StatusProof,
///     grant SEQUENCE (SIZE(0..1)) OF StatusProof, contents SEQUENCE OF ShownContent }
/// SourcePart ::= SEQUENCE { state StatusProof, proof SourceProof, records SEQUENCE OF OCTET STRING }
/// ShownContent ::= SEQUENCE { item OCTET STRING (SIZE(32)), salt OCTET STRING (SIZE(32)), content Content }   -- items rising
/// ```
impl Wire for CreditView {
    const NAME: &'static str = "credit view";
    /// A company with ten thousand records, each with its receipt and when it was taken, is some 30 MB.
    const MAX_LEN: usize = 64 << 20;

    fn write(&self, out: &mut Writer) {
        let Self {
            question,
            reader,
            chain,
            ids,
            states,
            receipts,
            events,
            sources,
            parts,
            marks,
            marked,
            classes,
            grant,
            contents,
        } = self;
        out.sequence(|out| {
            out.text(VIEW_DOMAIN);
            write_question(question, out);
            reader.write(out);
            chain.write(out);
            out.digests(ids);
            out.list(states, |out, state| state.write(out));
            out.list(receipts, |out, receipt| receipt.write(out));
            out.list(events, |out, event| event.write(out));
            sources.write(out);
            out.list(parts, |out, part| write_part(part, out));
            marks.write(out);
            out.list(marked, |out, item| item.write(out));
            out.list(classes, |out, class| class.write(out));
            out.list(grant, |out, grant| grant.write(out));
            out.list(contents, |out, content| write_content(content, out));
        });
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, WireError> {
        input.sequence(Self::NAME, |input| {
            if input.text("domain", 0, 32)? != VIEW_DOMAIN {
                return Err(WireError::Value("domain"));
            }
            read_view(input)
        })
    }
}

/// What follows the domain.
pub(super) fn read_view(input: &mut Reader<'_>) -> Result<CreditView, WireError> {
    let view = CreditView {
        question: read_question(input)?,
        reader: StatusProof::read(input)?,
        chain: StatusProof::read(input)?,
        ids: input.digests("ids", MAX_RECORDS)?,
        states: input.list("states", 0, MAX_RECORDS, StatusProof::read)?,
        receipts: input.list("receipts", 0, MAX_RECORDS, Receipt::read)?,
        events: input.list("events", 0, MAX_RECORDS, StatusProof::read)?,
        sources: StatusProof::read(input)?,
        parts: input.list("parts", 0, MAX_SOURCES, read_part)?,
        marks: StatusProof::read(input)?,
        marked: input.list("marked", 0, MAX_RECORDS, StatusProof::read)?,
        classes: input.list("classes", 0, MAX_CLASSES, StatusProof::read)?,
        grant: input.list("grant", 0, 1, StatusProof::read)?.pop(),
        contents: input.list("contents", 0, MAX_RECORDS, read_content)?,
    };
    rising("contents", &view.contents, |content| content.item)?;
    Ok(view)
}

/// The question, in the fields that it shares with the record of having been answered.
fn write_question(question: &ViewQuestion, out: &mut Writer) {
    let ViewQuestion { subject, reader, purpose, ground, classes, as_of } = question;
    out.sequence(|out| {
        subject.write(out);
        out.text(reader.as_str());
        out.text(purpose.as_str());
        ground.write(out);
        out.list(classes, |out, class| out.text(class.as_str()));
        out.int(as_of.as_millis());
    });
}

fn read_question(input: &mut Reader<'_>) -> Result<ViewQuestion, WireError> {
    input.sequence("question", |input| {
        let question = ViewQuestion {
            subject: Subject::read(input)?,
            reader: OrganisationCode::new(input.text("reader", 18, 18)?)
                .map_err(|_| WireError::Value("reader"))?,
            purpose: yinxin_record::Purpose::new(input.text("purpose", 1, 256)?)
                .map_err(|_| WireError::Value("purpose"))?,
            ground: yinxin_record::ViewGround::read(input)?,
            classes: input.list("classes", 0, 64, |input| {
                ClassCode::new(input.text("class", 1, ClassCode::MAX)?)
                    .map_err(|_| WireError::Value("class"))
            })?,
            as_of: yinxin_verdict::UnixTime::from_millis(input.int("as_of")?)
                .map_err(|_| WireError::Value("as_of"))?,
        };
        rising("classes", &question.classes, Clone::clone)?;
        Ok(question)
    })
}

fn write_part(part: &SourcePart, out: &mut Writer) {
    let SourcePart { state, proof, records } = part;
    out.sequence(|out| {
        state.write(out);
        proof.write(out);
        out.list(records, |out, record| out.octets(record));
    });
}

fn read_part(input: &mut Reader<'_>) -> Result<SourcePart, WireError> {
    input.sequence("part", |input| {
        Ok(SourcePart {
            state: StatusProof::read(input)?,
            proof: SourceProof::read(input)?,
            records: input.list("records", 0, MAX_RECORDS, |input| {
                Ok(input.octets("record", 1, crate::source::SourceRecord::MAX_LEN)?.to_vec())
            })?,
        })
    })
}

fn write_content(shown: &ShownContent, out: &mut Writer) {
    let ShownContent { item, salt, content } = shown;
    out.sequence(|out| {
        out.digest(item);
        out.digest(salt);
        content.write(out);
    });
}

fn read_content(input: &mut Reader<'_>) -> Result<ShownContent, WireError> {
    input.sequence("content", |input| {
        Ok(ShownContent {
            item: input.digest("item")?,
            salt: input.digest("salt")?,
            content: Content::read(input)?,
        })
    })
}
