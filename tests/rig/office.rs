//! An office in a box: a root, a seal maker, signers, a seal and a ledger in memory, with keys and times that never change.

use std::convert::Infallible;

use yinxin_gm::{
    Digest,
    sm2::{DEFAULT_ID, PrivateKey},
    sm3,
};
use yinxin_merkle::log::{self, Frontier, MemoryNodes};
use yinxin_ofd::{Content, Limits, Package, page};
use yinxin_pki::{
    Certificate, Crl, CrlReason, Subject as Name,
    ca::{Ca, CrlTemplate, Period, Profile, Revoked, Template, self_signed},
};
use yinxin_receipt::{
    Algorithms, Anchor, CommitCertificate, Genesis, GenesisOrganisation, GenesisValidator, Header,
    Receipt, Subject, VoteKind, Wire, vote_sign_bytes,
};
use yinxin_record::{
    Act, AnchorDocuments, BusinessKey, DocumentAct, OrganisationCode, Record, Tbs, Text, key_id,
};
use yinxin_seal::{CertList, Picture, Seal, SealDraft};
use yinxin_verdict::UnixTime;
use yinxin_verify::Trust;

/// The organisation that signs records, and its code.
pub const CODE: &str = "11330105002500287C";

/// Randomness that is the same in every run: SM3 of a label and a counter. For tests alone.
pub struct Repeating {
    seed: Digest,
    count: u64,
}

/// The randomness of this label.
#[must_use]
pub fn repeating(label: &str) -> Repeating {
    Repeating { seed: sm3::digest(label.as_bytes()), count: 0 }
}

impl rand_core::TryRng for Repeating {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        for chunk in out.chunks_mut(32) {
            self.count += 1;
            let block = sm3::digest_all(&[self.seed.as_bytes(), &self.count.to_be_bytes()]);
            chunk.copy_from_slice(&block.as_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

impl rand_core::TryCryptoRng for Repeating {}

/// The time that a text names.
#[must_use]
pub fn time(text: &str) -> UnixTime {
    UnixTime::parse(text).expect("a time written in a test")
}

/// The key of a name: the same in every run.
#[must_use]
pub fn key(name: &str) -> PrivateKey {
    PrivateKey::generate(&mut repeating(name))
}

/// Somebody with a certificate.
pub struct Party {
    /// The certificate.
    pub certificate: Certificate,
    /// Its key.
    pub key: PrivateKey,
}

/// Everybody who takes part.
pub struct Office {
    /// The trusted root.
    pub root: Party,
    /// A root of the same name that nobody trusts.
    pub stranger: Party,
    /// Makes seals.
    pub maker: Party,
    /// May use the seal.
    pub signer: Party,
    /// Has a certificate, but no right to the seal.
    pub other: Party,
    /// Its certificate was revoked in February.
    pub revoked: Party,
    /// Its certificate ended in February.
    pub expired: Party,
    /// The signer's seal.
    pub seal: Seal,
    /// The root's list, with the revoked one on it.
    pub crl: Crl,
    /// The ledger's genesis.
    pub genesis: Genesis,
}

impl Default for Office {
    fn default() -> Self {
        Self::new()
    }
}

impl Office {
    /// When everything was made.
    #[must_use]
    pub fn founded() -> UnixTime {
        time("2026-01-05")
    }

    /// When documents are signed.
    #[must_use]
    pub fn signing() -> UnixTime {
        time("2026-03-02T10:00:00+08:00")
    }

    /// As of when the vectors are judged.
    #[must_use]
    pub fn judged() -> UnixTime {
        time("2026-11-22")
    }

    /// The same office in every run.
    ///
    /// # Panics
    /// If the crates under test cannot make it.
    #[must_use]
    pub fn new() -> Self {
        let years = Period { not_before: Self::founded(), not_after: time("2046-01-01") };
        let root = root("root", years);
        let stranger = self::root("stranger", years);
        let party = |name: &str, label: &str, profile, until: &str| {
            issue(&root, name, label, profile, Period { not_after: time(until), ..years })
        };
        let maker = party("测试制章中心", "maker", Profile::Maker, "2045-01-01");
        let signer = party("测试市市场监督管理局", "signer", Profile::Signing, "2045-01-01");
        let other = party("测试市税务局", "other", Profile::Signing, "2045-01-01");
        let revoked = party("测试市交通局", "revoked", Profile::Signing, "2045-01-01");
        let expired = party("测试市林业局", "expired", Profile::Signing, "2026-02-01");
        let february = time("2026-02-01");
        let mut list = CrlTemplate::after(None, february, time("2045-01-01"));
        list.revoked = vec![Revoked::new(&revoked.certificate, february, CrlReason::KeyCompromise)];
        let crl = Ca::new(&root.certificate, &root.key)
            .and_then(|ca| ca.crl(&list, &mut repeating("crl")))
            .expect("the root issues lists");
        let all = [&signer, &revoked, &expired].map(|p| p.certificate.raw().to_vec());
        let seal =
            seal(&maker, CertList::Certificates(all.to_vec()), "53010200000001", "2045-01-01");
        let genesis = genesis(&signer);
        Self { root, stranger, maker, signer, other, revoked, expired, seal, crl, genesis }
    }

    /// The files of a trust folder: root, revocation list, genesis.
    #[must_use]
    pub fn trust_files(&self) -> Vec<(String, Vec<u8>)> {
        vec![
            ("genesis.der".to_owned(), self.genesis.to_der()),
            ("root.cer".to_owned(), self.root.certificate.raw().to_vec()),
            ("root.crl".to_owned(), self.crl.raw().to_vec()),
        ]
    }

    /// Whoever trusts this office.
    ///
    /// # Panics
    /// If the trust files cannot be read.
    #[must_use]
    pub fn trust(&self) -> Trust {
        Trust::from_files(self.trust_files()).expect("the office's own files")
    }

    /// A signed record that anchors documents.
    ///
    /// # Panics
    /// If the crates under test cannot make it.
    #[must_use]
    pub fn record(&self, documents: &[Digest]) -> Record {
        self.record_of(Act::Document(DocumentAct::Anchor(AnchorDocuments {
            kind: Text::new("test").expect("a word"),
            digests: documents.to_vec(),
        })))
    }

    /// A record of any act.
    #[must_use]
    pub fn record_of(&self, act: Act) -> Record {
        let tbs = Tbs {
            chain_id: self.genesis.chain_id(),
            organisation: OrganisationCode::new(CODE).expect("its check digit holds"),
            signer: key_id(self.signer.key.public_key()),
            business_key: BusinessKey::new("vector").expect("short"),
            last_valid_height: 100,
            act,
        };
        tbs.sign(&self.signer.key, &mut repeating("record")).expect("the signer's key")
    }

    /// A header over one block of these records, and the votes of the first `votes` of four validators.
    #[must_use]
    pub fn block(&self, records: &[Vec<u8>], votes: usize) -> (Header, CommitCertificate) {
        let leaves: Vec<_> =
            records.iter().map(|r| log::leaf_hash(sm3::digest(r).as_bytes())).collect();
        let set = self.genesis.validator_set().expect("four validators");
        let header = Header {
            algorithms: Algorithms::Sm2Sm3,
            chain_id: self.genesis.chain_id(),
            height: 1,
            time_ms: u64::try_from(Self::signing().as_millis()).expect("after 1970") + 60_000,
            parent: self.genesis.chain_id(),
            body_root: log::root(leaves.iter().copied()),
            log_root: log::root(leaves.iter().copied()),
            log_size: leaves.len() as u64,
            state_root: Digest::ZERO,
            validators: set.hash(),
            next_validators: set.hash(),
        };
        let id = header.id();
        let bytes = vote_sign_bytes(&header.chain_id, VoteKind::Precommit, 1, 0, Some(id));
        let mut signatures: Vec<_> = (0..votes)
            .map(|n| {
                let key = key(&format!("validator {n}"));
                let place = set.index_of(key.public_key()).expect("in the set");
                let vote = key.sign(DEFAULT_ID, &bytes, &mut repeating("vote"));
                (place, vote.expect("a key signs").to_raw())
            })
            .collect();
        signatures.sort_by_key(|(place, _)| *place);
        (header, CommitCertificate { height: 1, round: 0, value_id: id, signatures })
    }

    /// The receipt of a record that names these documents, with this many votes of four.
    ///
    /// # Panics
    /// If the crates under test cannot make it.
    #[must_use]
    pub fn receipt(&self, documents: &[Digest], votes: usize) -> Receipt {
        let records = vec![b"a record before".to_vec(), self.record(documents).to_der()];
        let (header, certificate) = self.block(&records, votes);
        let mut nodes = MemoryNodes::default();
        let mut frontier = Frontier::new();
        for record in &records {
            let leaf = log::leaf_hash(sm3::digest(record).as_bytes());
            frontier.append(leaf, &mut |id, hash| nodes.insert(id, hash));
        }
        Receipt {
            subject: Subject::Record(records[1].clone()),
            index: 1,
            path: log::prove_inclusion(&nodes, 1, 2).expect("both are there"),
            anchor: Anchor::committed(header, certificate),
        }
    }
}

fn root(label: &str, years: Period) -> Party {
    let key = key(label);
    let name = Name::new("测试根").country("CN").to_name().expect("a short name");
    let certificate = self_signed(name, &key, years, None, &mut repeating(label)).expect("a root");
    Party { certificate, key }
}

fn issue(root: &Party, name: &str, label: &str, profile: Profile, period: Period) -> Party {
    let key = key(label);
    let subject = Name::new(name).country("CN").organisation(name).to_name().expect("short names");
    let template = Template::new(subject, *key.public_key(), profile, period);
    let certificate = Ca::new(&root.certificate, &root.key)
        .and_then(|ca| ca.issue(&template, &mut repeating(label)))
        .expect("the root issues");
    Party { certificate, key }
}

/// A seal of these signers, valid until a date.
///
/// # Panics
/// If the crates under test cannot make it.
#[must_use]
pub fn seal(maker: &Party, signers: CertList, id: &str, until: &str) -> Seal {
    let draft = SealDraft {
        id: id.to_owned(),
        vendor: "yinxin".to_owned(),
        kind: 1,
        name: "测试市市场监督管理局".to_owned(),
        signers,
        created: Office::founded(),
        valid_from: Office::founded(),
        valid_until: time(until),
        picture: Picture {
            format: "PNG".to_owned(),
            data: PNG.to_vec(),
            width_mm: 42,
            height_mm: 42,
        },
    };
    draft.sign(&maker.certificate, &maker.key, &mut repeating(id)).expect("the maker makes seals")
}

fn genesis(signer: &Party) -> Genesis {
    let mut genesis = Genesis::new("测试账本".to_owned(), Office::founded(), vec![0x30, 0]);
    genesis.organisations.push(GenesisOrganisation {
        code: CODE.to_owned(),
        name: "测试市市场监督管理局".to_owned(),
        certificate: signer.certificate.raw().to_vec(),
        key: *signer.key.public_key(),
        // All but seals: the maker of the vectors is no member, and a ledger that names makers would ask for one.
        powers: 27,
    });
    for n in 0..4 {
        genesis.validators.push(GenesisValidator {
            organisation: CODE.to_owned(),
            key: *key(&format!("validator {n}")).public_key(),
            power: 1,
            peer_id: format!("peer{n}"),
            address: format!("/ip4/127.0.0.1/tcp/{}", 7000 + n),
        });
    }
    genesis.sort();
    let signature = signer.key.sign(DEFAULT_ID, &genesis.body(), &mut repeating("genesis"));
    genesis
        .add_signature(CODE, signature.expect("a key signs").to_raw())
        .expect("the organisation's own signature");
    genesis
}

/// An unsigned document of pages that say this.
///
/// # Panics
/// If the crates under test cannot make it.
#[must_use]
pub fn document(pages: &[&str]) -> Package {
    let mut document = page::Document::new(page::Info::new("0123456789abcdef0123456789abcdef"));
    let embedded = Content::new(b"stands for the bytes of a font".to_vec()).expect("small");
    let font = document.font(page::Font::embedded("宋体", embedded, "ttf"));
    for text in pages {
        let mut sheet = page::Page::new(page::Size::A4);
        sheet.text(page::Text::new(font, 5.0, 20.0, 30.0, text));
        document.page(sheet);
    }
    let bytes = document.to_package().expect("it has pages").finish();
    Package::open(bytes, &Limits::default()).expect("what is written is read")
}

/// A picture of one red dot.
pub const PNG: &[u8] = &[
    0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d, b'I', b'H', b'D', b'R', 0, 0, 0,
    1, 0, 0, 0, 1, 8, 2, 0, 0, 0, 0x90, 0x77, 0x53, 0xde, 0, 0, 0, 0x0c, b'I', b'D', b'A', b'T', 8,
    0xd7, 0x63, 0x78, 0x26, 0x20, 0, 0, 2, 0xd8, 0, 0xf9, 0x28, 0x43, 0x1d, 0x90, 0, 0, 0, 0, b'I',
    b'E', b'N', b'D', 0xae, 0x42, 0x60, 0x82,
];
