//! A line with all that proves it: to be handed to whoever asks, and checked without any server.

use yinxin_merkle::wire::{Reader, Wire, WireError, Writer};

use super::LineProof;

const DOMAIN: &str = "yinxin/anchored-line/1";
/// A receipt with its record: a window is a few KiB, and the log's path and the votes about as much.
const MAX_RECEIPT: usize = 128 << 10;

/// A line's proof and the receipt of its window's record. What the receipt proves is for `yinxin_verify` to say; the record's root is
/// what [`LineProof::verify`] asks for.
///
/// ```asn1
/// AnchoredLine ::= SEQUENCE {
///   domain UTF8String ("yinxin/anchored-line/1"), proof LineProof, receipt OCTET STRING (SIZE (1..131072)) }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "a proof and what it leads to")]
pub struct AnchoredLine {
    /// That the line stands in its window.
    pub proof: LineProof,
    /// That the window stands on the ledger: a receipt with its record, DER.
    pub receipt: Vec<u8>,
}

impl Wire for AnchoredLine {
    const NAME: &'static str = "anchored line";
    const MAX_LEN: usize = LineProof::MAX_LEN + MAX_RECEIPT + 64;

    fn write(&self, out: &mut Writer) {
        out.sequence(|out| {
            out.text(DOMAIN);
            self.proof.write(out);
            out.octets(&self.receipt);
        });
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, WireError> {
        input.sequence(Self::NAME, |input| {
            if input.text("domain", 1, 64)? != DOMAIN {
                return Err(WireError::Value("domain"));
            }
            let proof = LineProof::read(input)?;
            Ok(Self { proof, receipt: input.octets("receipt", 1, MAX_RECEIPT)?.to_vec() })
        })
    }
}
