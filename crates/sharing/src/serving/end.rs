//! The end of an answer: its key, and the server's signature under all of it.

use rand_core::CryptoRng;
use yinxin_gm::{
    Digest,
    sm2::{DEFAULT_ID, Signature},
    sm3,
};
use yinxin_merkle::wire::{Reader, Wire, WireError, Writer};
use yinxin_pki::Certificate;

use crate::{
    Error,
    envelope::{Header, Owner},
};

const DOMAIN: &str = "yinxin/access-answer/1";
const MAX_CERTIFICATE: usize = 8192;
/// A header for one recipient has some 500 octets.
const MAX_HEADER: usize = 4096;

/// What an answer is, whole: the envelope's header, and which lines went with its chunks.
///
/// ```asn1
/// AccessEnd ::= SEQUENCE { tbs AccessAnswer, signature OCTET STRING (SIZE (64)) }
/// AccessAnswer ::= SEQUENCE {
///   domain UTF8String ("yinxin/access-answer/1"), call OCTET STRING (SIZE (32)), certificate OCTET STRING (SIZE (1..8192)),
///   header OCTET STRING (SIZE (1..4096)),                                               -- an EnvelopeHeader
///   rows INTEGER, lines INTEGER, root OCTET STRING (SIZE (32)) }                        -- log over the parts' AccessLines
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    pub(super) call: Digest,
    pub(super) certificate: Vec<u8>,
    pub(super) header: Vec<u8>,
    pub(super) rows: u64,
    pub(super) lines: u64,
    pub(super) root: Digest,
    signature: [u8; 64],
}

impl End {
    pub(super) fn sign(
        call: Digest,
        header: &Header,
        rows: u64,
        (lines, root): (u64, Digest),
        server: Owner<'_>,
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Result<Self, Error> {
        let (certificate, header) = (server.certificate.raw().to_vec(), header.to_der());
        let mut end = Self { call, certificate, header, rows, lines, root, signature: [0; 64] };
        let signature = server.key.sign(DEFAULT_ID, &end.sign_bytes(), rng);
        end.signature = signature.map_err(|_| Error::SigningFailed)?.to_raw();
        Ok(end)
    }

    /// The server's certificate and the header, once the certificate's key signed both this end and the header.
    ///
    /// # Errors
    /// [`Error::SignatureBad`], [`Error::Mismatch`], [`Error::Wire`].
    pub(super) fn verify(&self) -> Result<(Certificate, Header), Error> {
        let bad = || Error::SignatureBad { what: "end of the answer" };
        let certificate = Certificate::parse(&self.certificate).map_err(|_| bad())?;
        let key = certificate.sm2_key().ok_or_else(bad)?;
        let signature = Signature::from_raw(&self.signature).map_err(|_| bad())?;
        key.verify(DEFAULT_ID, &self.sign_bytes(), &signature).map_err(|_| bad())?;
        let header = Header::from_der(&self.header)?;
        header.verify(&certificate)?;
        Ok((certificate, header))
    }

    /// SM3 of the whole end.
    #[must_use]
    pub fn digest(&self) -> Digest {
        sm3::digest(&self.to_der())
    }

    fn sign_bytes(&self) -> Vec<u8> {
        let mut out = Writer::new();
        self.write_tbs(&mut out);
        out.into_vec()
    }

    fn write_tbs(&self, out: &mut Writer) {
        let Self { call, certificate, header, rows, lines, root, signature: _ } = self;
        out.sequence(|out| {
            out.text(DOMAIN);
            out.digest(call);
            out.octets(certificate);
            out.octets(header);
            out.uint(*rows);
            out.uint(*lines);
            out.digest(root);
        });
    }
}

impl Wire for End {
    const NAME: &'static str = "end of the answer";
    const MAX_LEN: usize = MAX_CERTIFICATE + MAX_HEADER + 512;

    fn write(&self, out: &mut Writer) {
        out.sequence(|out| {
            self.write_tbs(out);
            out.octets(&self.signature);
        });
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, WireError> {
        input.sequence(Self::NAME, |input| {
            let mut end = input.sequence("tbs", |input| {
                if input.text("domain", 1, 64)? != DOMAIN {
                    return Err(WireError::Value("domain"));
                }
                Ok(Self {
                    call: input.digest("call")?,
                    certificate: input.octets("certificate", 1, MAX_CERTIFICATE)?.to_vec(),
                    header: input.octets("header", 1, MAX_HEADER)?.to_vec(),
                    rows: input.uint("rows")?,
                    lines: input.uint("lines")?,
                    root: input.digest("root")?,
                    signature: [0; 64],
                })
            })?;
            end.signature = input.array("signature")?;
            Ok(end)
        })
    }
}
