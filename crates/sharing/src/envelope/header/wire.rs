//! The one encoding of a header.

use std::collections::BTreeMap;

use yinxin_merkle::wire::{Reader, Wire, WireError, Writer, rising};

use super::{Header, MAX_RECIPIENTS};
use crate::envelope::Content;

const DOMAIN: &str = "yinxin/envelope-header/1";
/// A wrapped secret has 139 to 143 octets; a longer one is none.
const MAX_WRAPPED: usize = 160;

impl Header {
    /// What is signed.
    pub(super) fn sign_bytes(&self) -> Vec<u8> {
        let mut out = Writer::new();
        self.write_tbs(&mut out);
        out.into_vec()
    }

    fn write_tbs(&self, out: &mut Writer) {
        let Self { content, owner, revision, previous, recipients, signature: _ } = self;
        out.sequence(|out| {
            out.text(DOMAIN);
            content.write(out);
            out.digest(owner);
            out.uint(*revision);
            if let Some(previous) = previous {
                out.tagged(0, |out| out.digest(previous));
            }
            let recipients: Vec<_> = recipients.iter().collect();
            out.list(&recipients, |out, (certificate, wrapped)| {
                out.sequence(|out| {
                    out.digest(certificate);
                    out.octets(wrapped);
                });
            });
        });
    }
}

impl Wire for Header {
    const NAME: &'static str = "envelope header";
    /// All recipients at their longest.
    const MAX_LEN: usize = MAX_RECIPIENTS * (MAX_WRAPPED + 48) + 1024;

    fn write(&self, out: &mut Writer) {
        out.sequence(|out| {
            self.write_tbs(out);
            out.octets(&self.signature);
        });
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, WireError> {
        input.sequence(Self::NAME, |input| {
            let unsigned = input.sequence("signed part", read_tbs)?;
            Ok(Self { signature: input.array("signature")?, ..unsigned })
        })
    }
}

fn read_tbs(input: &mut Reader<'_>) -> Result<Header, WireError> {
    if input.text("domain", 1, 64)? != DOMAIN {
        return Err(WireError::Value("domain"));
    }
    let content = Content::read(input)?;
    let owner = input.digest("owner")?;
    let revision = input.uint32("revision")?;
    let previous = input.optional("previous", 0, |input| input.digest("previous"))?;
    if (revision == 1) != previous.is_none() || revision == 0 {
        return Err(WireError::Value("revision"));
    }
    let recipients = input.list("recipients", 0, MAX_RECIPIENTS, |input| {
        input.sequence("recipient", |input| {
            let certificate = input.digest("certificate")?;
            Ok((certificate, input.octets("wrapped secret", 1, MAX_WRAPPED)?.to_vec()))
        })
    })?;
    rising("recipients", &recipients, |(certificate, _)| *certificate)?;
    let recipients: BTreeMap<_, _> = recipients.into_iter().collect();
    Ok(Header { content, owner, revision, previous, recipients, signature: [0; 64] })
}
