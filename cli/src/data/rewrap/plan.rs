//! Which recipients come and go, in a header and in the ledger's record of its delivery.

use std::{collections::BTreeMap, path::PathBuf};

use yinxin_gm::Digest;
use yinxin_pki::Certificate;
use yinxin_record::{Deliver, OrganisationCode, Recipient, key_id};
use yinxin_sharing::envelope::{Header, VerifiedHeader};

use super::named;
use crate::{
    data::{people, words::failure},
    fail::{At, Class, Classed, Done, Failure},
    keys::{self, Signer},
    submit::Client,
};

/// What changes; certificates by the digests that headers name them by.
pub(super) struct Plan {
    /// What follows a certificate of the same organisation: the old one too, for its key.
    rotate: BTreeMap<Digest, (Certificate, Certificate)>,
    /// New recipients with their grants.
    add: BTreeMap<Digest, (Digest, Certificate)>,
    remove: BTreeMap<Digest, Certificate>,
}

impl Plan {
    /// Reads the certificates. A signer whose own one was rotated is a rotation like others.
    ///
    /// Whoever comes in, and what follows a certificate, has the key that the ledger knows for its organisation.
    pub(super) fn read(
        client: &Client,
        rotate: &[(PathBuf, PathBuf)],
        add: &[(Digest, PathBuf)],
        remove: &[PathBuf],
        own: Option<(&Signer, &Signer)>,
    ) -> Done<Self> {
        let mut plan =
            Self { rotate: BTreeMap::new(), add: BTreeMap::new(), remove: BTreeMap::new() };
        for (old, new) in rotate {
            let (old, next) = (keys::certificate(old)?, keys::certificate(new)?);
            people::member(client, &next).at(new.display())?;
            plan.rotates(old, next).at(new.display())?;
        }
        if let Some((was, is)) = own {
            plan.rotates(was.certificate.clone(), is.certificate.clone())?;
        }
        for (grant, path) in add {
            let certificate = keys::certificate(path)?;
            people::member(client, &certificate).at(path.display())?;
            plan.add.insert(named(&certificate), (*grant, certificate));
        }
        for path in remove {
            let certificate = keys::certificate(path)?;
            plan.remove.insert(named(&certificate), certificate);
        }
        if plan.rotate.is_empty() && plan.add.is_empty() && plan.remove.is_empty() {
            return Err(Failure::new(Class::Usage, "nothing is to be changed", "未指定任何变更")
                .todo("give --rotate, --add or --remove", "请指定 --rotate、--add 或 --remove"));
        }
        Ok(plan)
    }

    /// A certificate is followed by one of the same organisation only: another one needs a grant of its own.
    fn rotates(&mut self, old: Certificate, new: Certificate) -> Done {
        let (before, after) = (old.organisation_code(), new.organisation_code());
        if before != after {
            let (before, after) = (before.unwrap_or_default(), after.unwrap_or_default());
            return Err(Failure::new(
                Class::Usage,
                format!("expected a certificate of {before}, got one of {after}"),
                format!("应为 {before} 的证书，实为 {after} 的证书"),
            )
            .todo("use --add GRANT=CERT and --remove", "请使用 --add 授权=证书 与 --remove"));
        }
        self.rotate.insert(named(&old), (old, new));
        Ok(())
    }

    /// Certificates that come in and digests that go, for one header.
    pub(super) fn changes(&self, header: &VerifiedHeader<'_>) -> (Vec<Certificate>, Vec<Digest>) {
        let has: Vec<Digest> = header.recipients().collect();
        let mut add: BTreeMap<Digest, Certificate> = BTreeMap::new();
        let mut gone = Vec::new();
        for old in &has {
            if let Some((_, new)) = self.rotate.get(old) {
                add.insert(named(new), new.clone());
                gone.push(*old);
            } else if self.remove.contains_key(old) {
                gone.push(*old);
            }
        }
        add.extend(self.add.iter().map(|(digest, (_, new))| (*digest, new.clone())));
        add.retain(|digest, _| !has.contains(digest));
        (add.into_values().collect(), gone)
    }

    /// Whom the next header names, rising.
    pub(super) fn recipients(&self, header: &VerifiedHeader<'_>) -> Vec<Digest> {
        let (add, gone) = self.changes(header);
        let stay = header.recipients().filter(|r| !gone.contains(r));
        let mut all: Vec<Digest> = stay.chain(add.iter().map(named)).collect();
        all.sort_unstable();
        all
    }

    /// The record of the delivery that replaces one: the same content under the same grants, to other keys.
    pub(super) fn delivery(
        &self,
        before: Deliver,
        old: &VerifiedHeader<'_>,
        replaces: Digest,
        next: &Header,
        signer: &Certificate,
    ) -> Done<Deliver> {
        let had: Vec<Digest> = old.recipients().collect();
        let mut recipients: Vec<Recipient> = Vec::new();
        for recipient in before.recipients {
            if let Some(gone) = self.remove.values().find(|gone| is_to(&recipient, gone)) {
                must_be_named(&had, gone, recipient.grant)?;
                continue;
            }
            let rotated = self.rotate.values().find(|(old, _)| is_to(&recipient, old));
            if let Some((old, new)) = rotated
                && !is_to(&recipient, new)
            {
                must_be_named(&had, old, recipient.grant)?;
            }
            let key = match rotated {
                Some((_, new)) => key_of(new)?,
                None => recipient.key,
            };
            recipients.push(Recipient { key, ..recipient });
        }
        let verified = next.verify(signer).map_err(|e| failure(&e))?;
        for (digest, (grant, certificate)) in &self.add {
            let known = recipients.iter().any(|r| r.grant == *grant);
            if !known && verified.recipients().any(|r| r == *digest) {
                let code = certificate.organisation_code().unwrap_or_default();
                let organisation = OrganisationCode::new(code).class(Class::Usage)?;
                recipients.push(Recipient {
                    grant: *grant,
                    organisation,
                    key: key_of(certificate)?,
                });
            }
        }
        recipients.sort_by_key(|r| r.grant);
        if recipients.is_empty() {
            return Err(Failure::new(
                Class::Usage,
                "no recipient would be left: erase the envelope, or revoke the grant",
                "将没有任何接收方：请删除该信封或撤销授权",
            ));
        }
        Ok(Deliver { envelope: next.digest(), replaces: Some(replaces), recipients, ..before })
    }
}

/// A key may be in several certificates, and the header names one of them: by another one nobody goes out of it, whatever a record said.
fn must_be_named(had: &[Digest], certificate: &Certificate, grant: Digest) -> Done {
    if had.contains(&named(certificate)) {
        return Ok(());
    }
    Err(Failure::new(
        Class::Usage,
        "the envelope names another certificate with the same key: the header would still open for it",
        "信封列明的是同一密钥的另一张证书：该信封头仍可由其打开",
    )
    .at(grant)
    .todo(
        "name the certificate that the envelope was sealed to",
        "请指定信封封装时所用的那张证书",
    ))
}

fn is_to(recipient: &Recipient, certificate: &Certificate) -> bool {
    certificate.sm2_key().map(key_id) == Some(recipient.key)
}

fn key_of(certificate: &Certificate) -> Done<Digest> {
    let key = certificate.sm2_key().map(key_id);
    key.ok_or_else(|| Failure::new(Class::Usage, "no SM2 certificate", "不是 SM2 证书"))
}
